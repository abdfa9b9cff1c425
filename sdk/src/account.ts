/** The Account API, typed. Owns no token: it asks for one before each call. */
import type {
  AttributeValue,
  Consent,
  Form,
  FormAnswers,
  FormItem,
  Operations,
  Problem,
  Profile,
  ProfileChange,
  Question,
} from './account-types.ts';
import type { Dpop } from './dpop.ts';

/** What the calls are made with. */
export interface AccountOptions {
  /** Address of the issuer. */
  issuer: string;
  /** A token for `<issuer>/api/account`, such as `signIn.accessToken`. */
  accessToken: () => Promise<string>;
  /** What the tokens are bound to: the one that signed in. */
  dpop?: Dpop;
  /** BCP 47: the language of texts and errors. */
  language?: string;
  fetch?: typeof fetch;
}

/** A profile and its version. */
export interface VersionedProfile {
  profile: Profile;
  etag: string;
}

/** A form and its version. */
export interface VersionedForm {
  form: Form;
  etag: string;
}

/** The Account API. Every call @throws AccountError */
export interface Account {
  whoami(): Promise<Operations['account_api.whoami']['answer']>;
  profile(): Promise<VersionedProfile>;
  /**
   * Changes what is named. With an `etag`, only if nobody was faster (`precondition.failed`).
   * @returns the profile; undefined when the token may not read it
   */
  changeProfile(change: ProfileChange, options?: { etag?: string }): Promise<VersionedProfile | undefined>;
  consents(): Promise<Consent[]>;
  /** Gives a consent to the very text that was shown: the one that {@link Account.consents} brought. */
  giveConsent(shown: Pick<Consent, 'purpose' | 'version' | 'language' | 'hash'>): Promise<Consent>;
  withdrawConsent(purpose: string): Promise<Consent>;
  /** The questions that wait for the member, at most two. */
  questions(): Promise<Question[]>;
  /** Keeps answers by attribute; `null` skips, what is not named waits on. @returns the questions that wait now */
  answerQuestions(answers: Readonly<Record<string, AttributeValue | null>>): Promise<Question[]>;
  /** The forms of the app. */
  forms(): Promise<FormItem[]>;
  /** A form, to draw it; which of its fields are asked says `visibleFields` of `forms.ts`. */
  form(name: string): Promise<VersionedForm>;
  /**
   * Sends a form filled in. With an `etag`, only if it is still as it was read (`precondition.failed`); with a
   * `retryKey` of its own, a request that may have been lost can be sent again.
   */
  submitForm(
    name: string,
    answers: FormAnswers,
    options?: { etag?: string; retryKey?: string },
  ): Promise<VersionedForm>;
  /** For servers, with a token of their own: writes an attribute that names them; `null` removes it. */
  writeAttribute(sub: string, name: string, value: AttributeValue | null): Promise<void>;
}

/** A refusal of the API; program against `code` and the codes of `errors`. */
export class AccountError extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: NonNullable<Problem['errors']>;
  /** What to quote to the issuer's support. */
  readonly trace: string;

  /** @param problem what was answered */
  constructor(problem: Problem) {
    super(problem.title);
    this.name = 'AccountError';
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
    this.trace = problem.trace;
  }
}

interface Call {
  method: 'GET' | 'PATCH' | 'PUT' | 'POST';
  path: string;
  body?: unknown;
  etag?: string | undefined;
  retryKey?: string | undefined;
}

/**
 * Builds the calls.
 * @param options issuer, and where tokens come from
 */
export function createAccount(options: AccountOptions): Account {
  const send = options.fetch ?? ((input, init) => fetch(input, init));

  async function call({ method, path, body, etag, retryKey }: Call): Promise<Response> {
    const { dpop, language } = options;
    const token = await options.accessToken();
    const url = `${options.issuer.replace(/\/$/, '')}/api/${path}`;
    const headers: Record<string, string> = {
      authorization: `${dpop ? 'DPoP' : 'Bearer'} ${token}`,
      ...(language !== undefined && { 'accept-language': language }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(etag !== undefined && { 'if-match': etag }),
      ...(retryKey !== undefined && { 'idempotency-key': retryKey }),
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await (dpop ? dpop.send({ url, init, token, send }) : send(url, init));
    if (!response.ok) throw new AccountError(await problemOf(response));
    return response;
  }

  const answerOf = async <T>(asked: Call) => (await (await call(asked)).json()) as T;
  const decide = (purpose: string, body: Operations['account_api.consents.decide']['body']) =>
    answerOf<Consent>({ method: 'PUT', path: `account/consents/${encodeURIComponent(purpose)}`, body });

  return {
    whoami: () => answerOf({ method: 'GET', path: 'account/whoami' }),
    profile: async () => versioned(await call({ method: 'GET', path: 'account/profile' })),
    async changeProfile(change, { etag } = {}) {
      const response = await call({ method: 'PATCH', path: 'account/profile', body: change, etag });
      return response.status === 204 ? undefined : versioned(response);
    },
    async consents() {
      const asked = { method: 'GET', path: 'account/consents' } as const;
      return (await answerOf<Operations['account_api.consents']['answer']>(asked)).items;
    },
    giveConsent: ({ purpose, version, language, hash }) =>
      decide(purpose, { state: 'given', version, language, hash }),
    withdrawConsent: (purpose) => decide(purpose, { state: 'withdrawn' }),
    async questions() {
      const asked = { method: 'GET', path: 'account/questions' } as const;
      return (await answerOf<Operations['account_api.questions']['answer']>(asked)).items;
    },
    async answerQuestions(answers) {
      const asked = { method: 'POST', path: 'account/questions', body: { answers } } as const;
      return (await answerOf<Operations['account_api.questions.answer']['answer']>(asked)).items;
    },
    async forms() {
      const asked = { method: 'GET', path: 'account/forms' } as const;
      return (await answerOf<Operations['account_api.forms']['answer']>(asked)).items;
    },
    form: async (name) => versionedForm(await call({ method: 'GET', path: formPath(name) })),
    submitForm: async (name, answers, { etag, retryKey } = {}) =>
      versionedForm(
        await call({ method: 'POST', path: `${formPath(name)}/answers`, body: answers, etag, retryKey }),
      ),
    async writeAttribute(sub, name, value) {
      const path = `members/${encodeURIComponent(sub)}/attributes/${encodeURIComponent(name)}`;
      await call({ method: 'PUT', path, body: { value } });
    },
  };
}

async function versioned(response: Response): Promise<VersionedProfile> {
  return { profile: (await response.json()) as Profile, etag: response.headers.get('etag') ?? '' };
}

function formPath(name: string): string {
  return `account/forms/${encodeURIComponent(name)}`;
}

async function versionedForm(response: Response): Promise<VersionedForm> {
  return { form: (await response.json()) as Form, etag: response.headers.get('etag') ?? '' };
}

/** Something in front of the issuer may answer without knowing its form of errors. */
async function problemOf(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return {
    type: 'about:blank',
    title: `The answer was ${response.status}.`,
    code: 'unavailable',
    trace: response.headers.get('trace-id') ?? '',
    ...said,
    status: response.status,
  };
}
