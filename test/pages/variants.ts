/** What samples do not show: the other side of every choice in the data of a page. */
import type { View } from '../../src/base/http/views.ts';
import { samples as account } from '../../src/surfaces/account/samples.ts';
import {
  accountHomeView,
  applicationsView,
  consentsView,
  preferencesView,
  profileView,
  sessionsView,
  signInMethodsView,
} from '../../src/surfaces/account/views.ts';
import {
  deviceCodeView,
  deviceConfirmView,
  deviceEndedView,
} from '../../src/surfaces/interactions/device-views.ts';
import { samples } from '../../src/surfaces/interactions/samples.ts';
import {
  type CodePurpose,
  confirmLinkView,
  consentView,
  linkExistingView,
  passwordView,
  registerDetailsView,
  registerView,
  signInView,
  termsUpdateView,
  verifyCodeView,
} from '../../src/surfaces/interactions/views.ts';
import { errorView, type NextStep, signedOutView } from '../../src/surfaces/pages/views.ts';

/** A page with other data than its sample. */
export interface VariantPage {
  view: View<unknown>;
  data: unknown;
}

/** What the data of the page says, in words, and the page. */
export type Variant = [name: string, page: VariantPage];

const purposes: readonly CodePurpose[] = ['verify', 'sign-in', 'recover', 'link'];
const nextKinds: readonly NextStep['kind'][] = ['app', 'home', 'sign-in', 'retry', 'account'];

/** Every variant. */
export const variants: readonly Variant[] = [
  ...purposes.flatMap((purpose): Variant[] => [
    [`a code to ${purpose}`, of(verifyCodeView, { ...samples.verifyCode(), purpose })],
    [`a link to ${purpose}`, of(confirmLinkView, { ...samples.confirmLink(), purpose })],
    [
      `a link to ${purpose} on another device`,
      of(confirmLinkView, { purpose, step: { kind: 'other-device', appName: 'Aurora Air' } }),
    ],
  ]),
  ...nextKinds.map(
    (kind): Variant => [
      `an error that leads to ${kind}`,
      of(errorView, { code: 'limit.reached', status: 429, next: { url: '/next', kind } }),
    ],
  ),
  ...[403, 404, 500, 503].map(
    (status): Variant => [`an error of status ${status}`, of(errorView, { code: 'internal', status })],
  ),
  [
    'sign-in without an app',
    of(signInView, {
      action: '/a',
      asks: 'password',
      identifierKind: 'any',
      upstreams: [],
      lastUsed: 'password',
    }),
  ],
  [
    'sign-in by a mailed code, as last time',
    of(signInView, { ...samples.signIn(), asks: 'code', lastUsed: 'mail-code' }),
  ],
  ['sign-in by upstreams only', of(signInView, { ...samples.signIn(), action: undefined })],
  [
    'a code instead of the password, and back',
    of(verifyCodeView, { ...samples.verifyCode(), purpose: 'sign-in', passwordUrl: '/a' }),
  ],
  ['joining without a password', of(registerView, { ...samples.register(), rules: undefined })],
  ['joining by upstreams only', of(registerView, { ...samples.register(), action: undefined })],
  [
    'linking where members have no password',
    of(linkExistingView, { ...samples.linkExisting(), passwordAction: undefined, forgotUrl: undefined }),
  ],
  ['a password without a way by code', of(passwordView, { ...samples.password(), codeAction: undefined })],
  [
    'details with a known address',
    of(registerDetailsView, {
      ...samples.registerDetails(),
      email: { kind: 'known', address: 'a@b.example' },
    }),
  ],
  ['changed terms', of(termsUpdateView, { ...samples.termsUpdate(), reason: 'changed' })],
  [
    'a first consent',
    of(consentView, {
      ...samples.consent(),
      scopes: samples.consent().scopes.map((scope) => ({ ...scope, alreadyAllowed: false })),
    }),
  ],
  ['signed out of nothing else', of(signedOutView, { apps: [] })],
  [
    'the code of a device that came with the address',
    of(deviceCodeView, { action: '/device', prefilled: true }),
  ],
  [
    'a device of nowhere where nobody is signed in',
    of(deviceConfirmView, { ...deviceConfirmView.sample(), account: undefined, place: undefined }),
  ],
  ...(['allowed', 'denied', 'expired', 'unknown'] as const).map(
    (kind): Variant => [`a device ${kind}`, of(deviceEndedView, { ...deviceEndedView.sample(), kind })],
  ),
  [
    'a member without a password',
    of(accountHomeView, {
      ...account.home(),
      safety: { hasPassword: false, upstreams: [], sessionCount: 1 },
    }),
  ],
  [
    'the last way in',
    of(signInMethodsView, {
      ...account.signInMethods(),
      password: { isSet: false, action: '/a', rules: { min: 8, max: 256 } },
      upstreams: [{ id: 'google', name: 'Google', linked: true, action: '/a', lastWayIn: true }],
    }),
  ],
  ['ways in without a password', of(signInMethodsView, { ...account.signInMethods(), password: undefined })],
  [
    'one device only',
    of(sessionsView, { ...account.sessions(), sessions: account.sessions().sessions.slice(0, 1) }),
  ],
  ['name and language only', of(profileView, { ...account.profile(), answers: undefined, readOnly: [] })],
  ['no preferences', of(preferencesView, { ...account.preferences(), sections: [] })],
  [
    'preferences saved in part',
    of(preferencesView, { ...account.preferences(), saved: ['Aurora Air', 'Volt Fuel'] }),
  ],
  ['no application', of(applicationsView, { ...account.applications(), applications: [] })],
  [
    'nothing to consent to',
    of(consentsView, { ...account.consents(), purposes: [], documents: [], history: [] }),
  ],
  [
    'a refused purpose',
    of(consentsView, {
      ...account.consents(),
      purposes: account.consents().purposes.map((one) => ({ ...one, state: 'refused' as const })),
    }),
  ],
];

function of<T>(view: View<T>, data: T): VariantPage {
  return { view: view as View<unknown>, data };
}
