/**
 * The views of the interactions: sign-in, registration, recovery, upstreams and consent. Owns the
 * data type of each page and a sample of it; never routes, never state. All data is plain and serialisable. Every
 * `…Action` is the target of a POST form that carries `_csrf`; every `…Url` is the target of a plain link (GET).
 * Times are ISO 8601 texts. The names of inputs never change: password managers and tests depend on them.
 */
import { defineView, type View } from '../../base/http/views.ts';
import type { TextValues } from '../../base/i18n/translator.ts';
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { FieldQuestion } from '../../business/profiles/attribute-input.ts';
import type { LegalReference, PurposeQuestion, ShownField } from '../pages/form-fields.ts';
import { pageViews } from '../pages/views.ts';
import { deviceViews } from './device-views.ts';
import { samples } from './samples.ts';

/** Another way to sign in: a button in a form of its own, without further fields. */
export interface UpstreamChoice {
  /** `google`, `facebook`, … */
  id: string;
  /** The provider's own name, as it writes it. */
  name: string;
  action: string;
}

/** What the rules for a new password are; stated before typing. */
export interface PasswordRules {
  /** Fewest code points. */
  min: number;
  /** Most code points. */
  max: number;
}

/**
 * What the law wants asked. Inputs: `terms.<id>` = `accepted` (checkbox, required) for each of `terms`;
 * `purpose.<id>` = `yes` | `no` (absent: not decided, to be taken as no) for each of `purposes`. Notices are
 * acknowledged by the statement above the button and have no input. `age` = `stated` (checkbox, required) where there is a
 * `minimumAge`.
 */
export interface LegalQuestions {
  /** Sent back in the hidden input `texts`: says which texts were shown. */
  shown: string;
  terms: readonly LegalReference[];
  notices: readonly LegalReference[];
  purposes: readonly PurposeQuestion[];
  /** Years: the law lets nobody younger register, and no day of birth is asked. */
  minimumAge?: number | undefined;
}

/** First step of sign-in. Form: `identifier`. */
export interface SignInData {
  /** Absent where upstreams are the only way. */
  action?: string | undefined;
  /** What comes next: a password, or a code that is mailed when the form is sent. */
  asks: 'password' | 'code';
  /** `email`: only mail addresses are allowed; `any`: also a phone or card number. */
  identifierKind: 'email' | 'any';
  upstreams: readonly UpstreamChoice[];
  /** The way used last on this browser: an upstream's id, `password` or `mail-code`. */
  lastUsed?: string | undefined;
  registerUrl?: string | undefined;
  /** POST: answers `access_denied` to the app. Absent where no app waits (the account pages). */
  cancelAction?: string | undefined;
}

/** Second step. Form: `username` (the identifier, visually hidden) and `password`. */
export interface PasswordData {
  action: string;
  identifier: string;
  /** Back to the first step ("not you?"). */
  changeUrl: string;
  forgotUrl: string;
  /** POST: mails a code to sign in with instead of the password, the same for unknown members. */
  codeAction?: string | undefined;
  cancelAction?: string | undefined;
}

/** One page of a form. Inputs: those of its fields, {@link LegalQuestions}, `step`, and `go` = `back`. */
export interface FormPage {
  fields: readonly ShownField[];
  /** Sent back in the hidden input `texts.fields`: says which texts of its own purposes were shown. */
  shownTexts?: string | undefined;
  /** What the law wants asked, on the last page. */
  legal?: LegalQuestions | undefined;
  /** Which page it is, where there are several. */
  step?:
    | { index: number; number: number; total: number; title: string | undefined; back: boolean }
    | undefined;
}

/** Registration: the pages of its form, `email` and `password` among them. */
export interface RegisterData extends FormPage {
  /** Absent where upstreams are the only way. */
  action?: string | undefined;
  /** Absent where members have no password. */
  rules?: PasswordRules | undefined;
  /** A password was chosen before, and stays when its field is left empty. */
  passwordKept?: boolean;
  upstreams: readonly UpstreamChoice[];
  signInUrl: string;
  cancelAction?: string | undefined;
}

/** Registration after an upstream: only what is missing. Form: `email` when asked, and the pages of the form. */
export interface RegisterDetailsData extends FormPage {
  action: string;
  upstreamName: string;
  /** `known`: shown as text, no input; `asked`: an input, filled with `suggested` when the upstream gave one. */
  email: { kind: 'known'; address: string } | { kind: 'asked'; suggested?: string | undefined };
  cancelAction?: string | undefined;
}

/** What a mailed code is for. */
export type CodePurpose = 'verify' | 'sign-in' | 'recover' | 'link';

/** A code was mailed. Form: `code`. Resending renews the time. */
export interface VerifyCodeData {
  action: string;
  purpose: CodePurpose;
  /** The address the person typed, in full: they must be able to see a typing error. */
  address: string;
  /** Seconds until the code dies, at rendering. */
  expiresInSeconds: number;
  /** Digits of the code. */
  digits: number;
  /** POST without further fields: mails a new code. */
  resendAction: string;
  /** Back to where the address is entered. */
  changeUrl?: string | undefined;
  /** To the password instead, where a code signs in and there are both. */
  passwordUrl?: string | undefined;
  cancelAction?: string | undefined;
}

/** Recovery, first step. Form: `identifier` (prefilled from the frame's values). */
export interface RecoverData {
  action: string;
  backUrl: string;
}

/** A new password after recovery. Form: `username` (visually hidden) and `password`. */
export interface NewPasswordData {
  action: string;
  /** The address whose password it becomes; for password managers. */
  identifier: string;
  rules: PasswordRules;
}

/** Landing of a mail link. `confirm` shows a button (form: `token`); `other-device` sends the person back. */
export interface ConfirmLinkData {
  purpose: CodePurpose;
  step:
    | { kind: 'confirm'; action: string; token: string }
    | { kind: 'other-device'; appName?: string | undefined };
}

/** An upstream's address already belongs to a member. Form one: `username`, `password`; form two: no fields. */
export interface LinkExistingData {
  upstreamName: string;
  address: string;
  /** POST `password`; absent where the brand has none. Offered alike for every member. */
  passwordAction?: string | undefined;
  /** POST without fields: mails a code; the next page is verify-code with purpose `link`. */
  codeAction: string;
  forgotUrl?: string | undefined;
  cancelAction?: string | undefined;
}

/** One scope of a consent page; an optional one is the checkbox `scope.<name>` = `yes`, ticked only when allowed before. */
export interface ScopeQuestion {
  /** The scope's name; the standard ones have a sentence in the catalogues (`scope.<name>`). */
  name: string;
  /** The sentence in the page's language, for scopes the catalogues do not know. */
  description?: string | undefined;
  /** What else it lets the app see: attributes of the program, in words. */
  fields?: string | undefined;
  optional: boolean;
  /** Allowed before, and still; a scope that is not is marked as new when any other is. */
  alreadyAllowed: boolean;
}

/** A payment with points: asked each time, by whatever app. */
export interface RedemptionQuestion {
  /** Whole points. */
  amount: number;
  /** In the app's own words. */
  payee: string;
  /** Whose points. */
  program: string;
}

/**
 * The sentence that says a payment: key and values for the catalogues.
 * @param redemption the payment
 */
export function redemptionWords({ amount, payee, program }: RedemptionQuestion): [string, TextValues] {
  return ['consent.redeem.sentence', { count: amount, payee, program }];
}

/**
 * Consent for a third party's app, and for any app's payment with points. One form: `scope.<name>`… and
 * `claim.<name>`…, submitted by `decision` = `allow` | `refuse`.
 */
export interface ConsentData {
  action: string;
  client: {
    name: string;
    /** Host of the app's own site, as proof against look-alike names. */
    host: string;
    /** Self-hosted or proxied address of its logo. */
    logoUrl?: string | undefined;
    policyUrl?: string | undefined;
    termsUrl?: string | undefined;
  };
  /** Who is signed in. */
  account: { email: string; name?: string | undefined };
  /** POST: sign in as someone else. */
  switchAction: string;
  /** Asked beside or instead of access. */
  redemption?: RedemptionQuestion | undefined;
  scopes: readonly ScopeQuestion[];
  /** Claims asked for by name; each has a sentence in the catalogues (`claim.<name>`). */
  claims: readonly ScopeQuestion[];
  /** Where it can be taken back later. */
  manageUrl: string;
}

/** A brand's own required terms at the first visit. Form: {@link LegalQuestions}. */
export interface TermsUpdateData {
  action: string;
  brandName: string;
  /** `first`: never accepted here; `changed`: a new version. */
  reason: 'first' | 'changed';
  legal: LegalQuestions;
  cancelAction?: string | undefined;
}

/** Progressive questions. Form: `field.<name>`…; what is left open counts as skipped. */
export interface QuestionsData {
  action: string;
  /** Absent where an answer is required. */
  skipAction?: string | undefined;
  /** Names of what is asked, which both forms send back. */
  asked: string;
  clientName: string;
  /** Why it is asked, in the page's language. */
  leads: readonly string[];
  questions: readonly FieldQuestion[];
  cancelAction?: string | undefined;
}

/** Already signed in: continue, or be someone else. */
export interface ContinueAsData {
  account: { email: string; name?: string | undefined };
  /** POST without fields. */
  continueAction: string;
  switchAction: string;
  cancelAction?: string | undefined;
}

/** The interaction is over (back button, second tab): on to the app. */
export interface FinishedData {
  continueUrl: string;
}

/** An upstream refused, is down, or told nothing usable. */
export interface UpstreamProblemData {
  upstreamName: string;
  code: Extract<ErrorCode, `upstream.${string}`> | 'link.taken';
  /** Back to the choices. */
  backUrl: string;
  /** POST: try the same upstream again. */
  retryAction?: string | undefined;
}

/** Identifier first. */
export const signInView = defineView({ name: 'interactions/sign-in', sample: samples.signIn });
/** Password. */
export const passwordView = defineView({ name: 'interactions/password', sample: samples.password });
/** The heading of a page says which of several it is. */
const paged =
  (name: string) =>
  ({ step }: FormPage) =>
    step
      ? { key: `${name}.step_title`, params: { number: step.number, total: step.total } }
      : { key: `${name}.title` };

/** Registration. */
export const registerView: View<RegisterData> = defineView({
  name: 'interactions/register',
  heading: paged('register'),
  sample: samples.register,
});
/** Registration after an upstream. */
export const registerDetailsView: View<RegisterDetailsData> = defineView({
  name: 'interactions/register-details',
  heading: paged('register-details'),
  sample: samples.registerDetails,
});
/** A mailed code. */
export const verifyCodeView = defineView({ name: 'interactions/verify-code', sample: samples.verifyCode });
/** Recovery: whose account. */
export const recoverView = defineView({ name: 'interactions/recover', sample: samples.recover });
/** Recovery, second step: the same data as any mailed code. */
export const recoverCodeView = defineView({ name: 'interactions/recover-code', sample: samples.recoverCode });
/** Recovery: the new password. */
export const newPasswordView = defineView({ name: 'interactions/new-password', sample: samples.newPassword });
/** Landing of a mail link. */
export const confirmLinkView: View<ConfirmLinkData> = defineView({
  name: 'interactions/confirm-link',
  heading: (data: ConfirmLinkData) => ({ key: `confirm-link.${data.step.kind}.${data.purpose}.title` }),
  sample: samples.confirmLink,
});
/** Prove the existing account before joining. */
export const linkExistingView = defineView({
  name: 'interactions/link-existing',
  sample: samples.linkExisting,
});
/** Consent for a third party. */
export const consentView: View<ConsentData> = defineView({
  name: 'interactions/consent',
  heading: (data: ConsentData) => ({
    key: data.redemption ? 'consent.redeem.title' : 'consent.title',
    params: { client: data.client.name },
  }),
  sample: samples.consent,
});
/** A brand's own required terms. */
export const termsUpdateView: View<TermsUpdateData> = defineView({
  name: 'interactions/terms-update',
  heading: (data: TermsUpdateData) => ({
    key: `terms-update.${data.reason}.title`,
    params: { brand: data.brandName },
  }),
  sample: samples.termsUpdate,
});
/** Progressive questions. */
export const questionsView = defineView({ name: 'interactions/questions', sample: samples.questions });
/** Already signed in. */
export const continueAsView = defineView({ name: 'interactions/continue-as', sample: samples.continueAs });
/** The interaction is over. */
export const finishedView = defineView({ name: 'interactions/finished', sample: samples.finished });
/** An upstream did not work out. */
export const upstreamProblemView: View<UpstreamProblemData> = defineView({
  name: 'interactions/upstream-problem',
  heading: (data: UpstreamProblemData) => ({
    key: 'upstream-problem.title',
    params: { upstream: data.upstreamName },
  }),
  sample: samples.upstreamProblem,
});

/** Every view that template folder holds, for the tests that render them all. */
export const interactionViews: readonly View<unknown>[] = [
  ...pageViews,
  signInView,
  passwordView,
  registerView,
  registerDetailsView,
  verifyCodeView,
  recoverView,
  recoverCodeView,
  newPasswordView,
  confirmLinkView,
  linkExistingView,
  consentView,
  termsUpdateView,
  questionsView,
  continueAsView,
  finishedView,
  upstreamProblemView,
  ...deviceViews,
];
