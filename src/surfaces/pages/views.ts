/**
 * The views every surface shares: errors, interactions that are gone, legal texts, sign-out. Owns the data type of
 * each page and a sample of it; never routes, never state. All data is plain and serialisable; the templates stand
 * with those of the interactions. Every `…Action` is the target of a POST form that carries `_csrf`; every `…Url` is
 * the target of a plain link (GET).
 */
import { defineView, type View } from '../../base/http/views.ts';
import type { ErrorCode, ErrorParams } from '../../base/kernel/errors.ts';

/** One versioned legal text. */
export interface LegalTextData {
  kind: 'terms' | 'notice' | 'purpose';
  title: string;
  version: string;
  /** ISO date from which it applies. */
  effectiveFrom: string;
  /** Language of the text itself, where it differs from the page's. */
  language: string;
  /** Plain text: blank lines part paragraphs, `# ` begins a heading, `- ` a list item. */
  body: string;
  backUrl?: string | undefined;
}

/** Asks once. One form with `hidden` fields, submitted by `logout` = `yes`; whoever stays follows a plain link. */
export interface SignOutData {
  action: string;
  /** Further hidden fields, such as the library's `xsrf`. */
  hidden: readonly { name: string; value: string }[];
  account?: { email: string } | undefined;
  /** Back to where the person came from, still signed in. */
  stayUrl: string;
  /** Names of the apps that are signed out with it. */
  apps: readonly string[];
}

/** What ended. */
export interface SignedOutData {
  apps: readonly string[];
  /** Sign in again or back to the app; absent: the brand's home. */
  continueUrl?: string | undefined;
}

/** Where an error page leads; never an unvalidated address. */
export interface NextStep {
  url: string;
  /** `app`: back to the app named `name`; `home`: the brand's home; `sign-in`; `retry`; `account`. */
  kind: 'app' | 'home' | 'sign-in' | 'retry' | 'account';
  name?: string | undefined;
}

/** Any refusal that has no form to go back to. The words are `error.<code>`; the reference is the frame's trace. */
export interface ErrorData {
  code: ErrorCode;
  params?: ErrorParams | undefined;
  status: number;
  next?: NextStep | undefined;
  /** Folded away: what a developer needs, such as `error` and `error_description`. */
  developer?: readonly { name: string; value: string }[] | undefined;
}

/** The interaction is gone: unknown or too old. */
export interface InteractionExpiredData {
  next: NextStep;
}

/** Samples: invented people and addresses only. */
const samples = {
  legalText: (): LegalTextData => ({
    kind: 'terms',
    title: 'Program terms',
    version: '2026-03',
    effectiveFrom: '2026-03-01',
    language: 'en',
    body: '# Who we are\n\nOne program, several brands.\n\n# What you can expect\n\n- Points at every brand\n- One account for all of them\n\nYou can end your membership at any time.',
    backUrl: '/interaction/sample/register',
  }),
  signOut: (): SignOutData => ({
    action: '/session/end/confirm',
    hidden: [{ name: 'xsrf', value: 'sample' }],
    stayUrl: 'https://air.example/',
    account: { email: 'mika.lind@example.com' },
    apps: ['Aurora Air', 'Greenleaf Markets'],
  }),
  signedOut: (): SignedOutData => ({
    apps: ['Aurora Air', 'Greenleaf Markets'],
    continueUrl: 'https://air.example/start',
  }),
  error: (): ErrorData => ({
    code: 'redirect_uri.invalid',
    status: 400,
    next: { url: 'https://air.example/', kind: 'app', name: 'Aurora Air' },
    developer: [
      { name: 'error', value: 'invalid_redirect_uri' },
      { name: 'error_description', value: 'redirect_uri did not match any of the registered ones' },
    ],
  }),
  interactionExpired: (): InteractionExpiredData => ({
    next: { url: 'https://air.example/start', kind: 'app', name: 'Aurora Air' },
  }),
};

/** One legal text. */
export const legalTextView: View<LegalTextData> = defineView({
  name: 'interactions/legal-text',
  heading: (data: LegalTextData) => ({ key: 'legal-text.title', params: { title: data.title } }),
  sample: samples.legalText,
});
/** Sign out? */
export const signOutView = defineView({ name: 'interactions/sign-out', sample: samples.signOut });
/** What ended. */
export const signedOutView = defineView({ name: 'interactions/signed-out', sample: samples.signedOut });
/** Any refusal without a form. */
export const errorView: View<ErrorData> = defineView({
  name: 'interactions/error',
  heading: (data: ErrorData) => ({ key: `error-page.${errorFamily(data.status)}.title` }),
  sample: samples.error,
});
/** The interaction is gone. */
export const interactionExpiredView = defineView({
  name: 'interactions/interaction-expired',
  sample: samples.interactionExpired,
});
/** Every view of this module, for the tests that render them all. */
export const pageViews: readonly View<unknown>[] = [
  legalTextView,
  signOutView,
  signedOutView,
  errorView,
  interactionExpiredView,
];

/** Which of the few headlines an error page wears. */
function errorFamily(status: number): 'missing' | 'busy' | 'ours' | 'request' {
  if (status === 404 || status === 405 || status === 410) return 'missing';
  if (status === 429 || status === 503) return 'busy';
  return status >= 500 ? 'ours' : 'request';
}
