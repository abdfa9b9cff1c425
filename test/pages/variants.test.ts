import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { View } from '../../src/base/http/views.ts';
import { viewsFolder } from '../../src/base/mail/templates.ts';
import { samples as account } from '../../src/surfaces/account/samples.ts';
import {
  accountHomeView,
  applicationsView,
  consentsView,
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
import { frameOf, i18n, looks, renderer } from './render-all.ts';

const purposes: readonly CodePurpose[] = ['verify', 'sign-in', 'recover', 'link'];
const nextKinds: readonly NextStep['kind'][] = ['app', 'home', 'sign-in', 'retry', 'account'];

/** What samples do not show: the other side of every choice in the data. */
const variants: [string, () => string][] = [
  ...purposes.flatMap((purpose): [string, () => string][] => [
    [`a code to ${purpose}`, of(verifyCodeView, { ...samples.verifyCode(), purpose })],
    [`a link to ${purpose}`, of(confirmLinkView, { ...samples.confirmLink(), purpose })],
    [
      `a link to ${purpose} on another device`,
      of(confirmLinkView, { purpose, step: { kind: 'other-device', appName: 'Aurora Air' } }),
    ],
  ]),
  ...nextKinds.map((kind): [string, () => string] => [
    `an error that leads to ${kind}`,
    of(errorView, { code: 'limit.reached', status: 429, next: { url: '/next', kind } }),
  ]),
  ...[403, 404, 500, 503].map((status): [string, () => string] => [
    `an error of status ${status}`,
    of(errorView, { code: 'internal', status }),
  ]),
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
  ...(['allowed', 'denied', 'expired', 'unknown'] as const).map((kind): [string, () => string] => [
    `a device ${kind}`,
    of(deviceEndedView, { ...deviceEndedView.sample(), kind }),
  ]),
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

function of<T>(view: View<T>, data: T): () => string {
  const look = looks[0];
  if (!look) throw new Error('no look');
  return () =>
    i18n.locales
      .map(({ code }) => renderer.page(view, frameOf(look, code, { clientName: undefined }), data))
      .join('\n');
}

describe('pages say something for every choice in their data', () => {
  it.each(variants)('%s', (_, render) => {
    const html = render();
    expect(html).not.toMatch(/undefined|\[object|NaN/);
    expect(html.match(/<h1\b/g)).toHaveLength(i18n.locales.length);
  });

  it('a refused purpose shows two equal buttons and which one holds', () => {
    const html = variants.at(-1)?.[1]() ?? '';
    expect(html).toMatch(/class="button equal" name="decision" value="give" aria-pressed="false"/);
    expect(html).toMatch(/class="button equal" name="decision" value="withdraw" aria-pressed="true"/);
  });

  it('a single device can be signed out by the sign-out link only', () => {
    const html = of(sessionsView, {
      ...account.sessions(),
      sessions: account.sessions().sessions.slice(0, 1),
    })();
    expect(html).not.toContain('revoke');
  });

  it('allowing and refusing look the same', () => {
    const html = of(consentView, samples.consent())();
    const buttons = html.match(/<button class="[^"]*" name="decision"/g) ?? [];
    expect(new Set(buttons)).toEqual(new Set(['<button class="button equal" name="decision"']));
  });
});

describe('texts named in code and templates', () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const read = (folder: string, ending: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');

  it('are in every catalogue', () => {
    const named = [
      ...read(viewsFolder, '.ejs').matchAll(/\b(?:t|rich)\('([\w.-]+)'/g),
      ...read(source, '.ts').matchAll(/\btext: \{ key: '([\w.-]+)'/g),
    ].map(([, key = '']) => key);
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named)].filter((key) => !i18n.has(key))).toEqual([]);
  });
});
