/** The Account API, typed. Owns no token: it asks for one before each call. */
import type {
  AttributeValue,
  Consent,
  Operations,
  Problem,
  Profile,
  ProfileChange,
} from './account-types.ts';

/** What the calls are made with. */
export interface AccountOptions {
  /** Address of the issuer. */
  issuer: string;
  /** A token for `<issuer>/api/account`, such as `signIn.accessToken`. */
  accessToken: () => Promise<string>;
  /** BCP 47: the language of texts and errors. */
  language?: string;
  fetch?: typeof fetch;
}

/** A profile and its version. */
export interface VersionedProfile {
  profile: Profile;
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
  method: 'GET' | 'PATCH' | 'PUT';
  path: string;
  body?: unknown;
  etag?: string | undefined;
}

/**
 * Builds the calls.
 * @param options issuer, and where tokens come from
 */
export function createAccount(options: AccountOptions): Account {
  const send = options.fetch ?? ((input, init) => fetch(input, init));

  async function call({ method, path, body, etag }: Call): Promise<Response> {
    const response = await send(`${options.issuer.replace(/\/$/, '')}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await options.accessToken()}`,
        ...(options.language !== undefined && { 'accept-language': options.language }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(etag !== undefined && { 'if-match': etag }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
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
    async writeAttribute(sub, name, value) {
      const path = `members/${encodeURIComponent(sub)}/attributes/${encodeURIComponent(name)}`;
      await call({ method: 'PUT', path, body: { value } });
    },
  };
}

async function versioned(response: Response): Promise<VersionedProfile> {
  return { profile: (await response.json()) as Profile, etag: response.headers.get('etag') ?? '' };
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
