/** Samples of the account pages: each shows every part its page can have. Invented people and addresses only. */
import { airlinePreferences, communication, groceryPreferences, profileAnswers } from './form-samples.ts';
import type * as Page from './views.ts';

const nav: Page.AccountNav = {
  homeUrl: '/account',
  profileUrl: '/account/profile',
  preferencesUrl: '/account/preferences',
  signInMethodsUrl: '/account/sign-in-methods',
  sessionsUrl: '/account/sessions',
  applicationsUrl: '/account/applications',
  consentsUrl: '/account/consents',
  signOutUrl: '/account/sign-out',
};

const decisions: readonly Page.DecisionEntry[] = [
  {
    title: 'Offers that fit you',
    version: '1',
    decision: 'withdrawn',
    at: '2026-05-02T08:30:00Z',
    textUrl: '/legal/personal/1',
  },
  {
    title: 'News by e-mail',
    version: '1',
    decision: 'given',
    at: '2026-03-14T10:00:00Z',
    brandName: 'Aurora Air',
    textUrl: '/legal/news/1',
  },
  {
    title: 'Program terms',
    version: '2026-03',
    decision: 'accepted',
    at: '2026-03-14T10:00:00Z',
    textUrl: '/legal/program/2026-03',
  },
  {
    title: 'Privacy notice',
    version: '2026-01',
    decision: 'acknowledged',
    at: '2026-03-14T10:00:00Z',
    textUrl: '/legal/privacy/2026-01',
  },
];

/** One sample per page, by the view's own name. */
export const samples = {
  home: (): Page.AccountHomeData => ({
    nav,
    member: { name: 'Mika Lind', email: 'mika.lind@example.com', memberSince: '2026-03-14T10:00:00Z' },
    safety: {
      hasPassword: true,
      passwordChangedAt: '2026-04-01T12:00:00Z',
      upstreams: ['Google'],
      sessionCount: 3,
      lastSignIn: { at: '2026-06-01T07:45:00Z', device: 'Firefox on Windows', place: 'Osaka, Japan' },
      supportAccess: [{ at: '2026-05-30T09:20:00Z', reason: 'You asked us for help.' }],
    },
    agreed: {
      givenCount: 1,
      purposeCount: 2,
      applicationCount: 2,
      terms: { title: 'Program terms', acceptedAt: '2026-03-14T10:00:00Z' },
    },
    waiting: { count: 1, url: '/account/requests' },
  }),
  profile: (): Page.ProfileData => ({
    nav,
    action: '/account/profile',
    name: 'Mika Lind',
    email: 'mika.lind@example.com',
    locale: 'en',
    languages: [
      { code: 'en', tag: 'en', name: 'English' },
      { code: 'ja', tag: 'ja', name: '日本語' },
      { code: 'ar', tag: 'ar', name: 'العربية' },
    ],
    answers: profileAnswers,
    readOnly: [
      {
        label: 'Status',
        value: 'Gold',
        origin: { kind: 'client', place: 'Points ledger', at: '2026-05-20T08:30:00Z' },
      },
      { label: 'Lounge', value: 'Yes' },
    ],
  }),
  preferences: (): Page.PreferencesData => ({
    nav,
    action: '/account/preferences',
    saved: [],
    sections: [
      { scope: '_program', form: communication },
      { scope: 'aurora-air', brandName: 'Aurora Air', form: airlinePreferences },
      { scope: 'greenleaf', brandName: 'Greenleaf Markets', form: groceryPreferences },
    ],
  }),
  signInMethods: (): Page.SignInMethodsData => ({
    nav,
    email: 'mika.lind@example.com',
    password: {
      isSet: true,
      changedAt: '2026-04-01T12:00:00Z',
      action: '/account/password',
      rules: { min: 8, max: 256 },
    },
    upstreams: [
      {
        id: 'google',
        name: 'Google',
        linked: true,
        label: 'mika.lind@example.com',
        linkedAt: '2026-03-14T10:00:00Z',
        action: '/account/upstreams/google/unlink',
      },
      { id: 'facebook', name: 'Facebook', linked: false, action: '/account/upstreams/facebook/link' },
    ],
  }),
  sessions: (): Page.SessionsData => ({
    nav,
    sessions: [
      {
        device: 'Chrome on macOS',
        place: 'Tokyo, Japan',
        apps: ['Aurora Air', 'Greenleaf Markets'],
        signedInAt: '2026-05-30T06:00:00Z',
        lastUsedAt: '2026-06-02T09:00:00Z',
        current: true,
      },
      {
        device: 'Firefox on Windows',
        place: 'Osaka, Japan',
        apps: ['Volt Fuel'],
        signedInAt: '2026-05-28T06:00:00Z',
        lastUsedAt: '2026-06-01T07:45:00Z',
        current: false,
        revokeAction: '/account/sessions/s2/revoke',
      },
      {
        device: 'Safari on iPhone',
        apps: [],
        signedInAt: '2026-05-01T06:00:00Z',
        lastUsedAt: '2026-05-03T06:00:00Z',
        current: false,
        revokeAction: '/account/sessions/s3/revoke',
      },
    ],
    revokeOthersAction: '/account/sessions/revoke-others',
  }),
  applications: (): Page.ApplicationsData => ({
    nav,
    applications: [
      {
        name: 'Trip Planner',
        host: 'trips.example',
        scopes: [
          { name: 'openid' },
          { name: 'email' },
          { name: 'points', description: 'See how many points you have' },
        ],
        claims: [{ name: 'locale' }, { name: 'seat', description: 'See in your profile: Preferred seat' }],
        since: '2026-05-02T08:30:00Z',
        lastUsedAt: '2026-06-01T07:45:00Z',
        openUrl: '/start/trips',
        revokeAction: '/account/applications/trips/revoke',
      },
      {
        name: 'Aurora Air',
        host: 'air.example',
        scopes: [{ name: 'openid' }, { name: 'profile' }],
        since: '2026-03-14T10:00:00Z',
      },
    ],
  }),
  requests: (): Page.RequestsData => ({
    nav,
    needed: {
      action: '/account/requests/r3/questions',
      app: 'Volt Fuel',
      leads: ['So that the pump knows.'],
      questions: [
        {
          name: 'plate',
          control: 'input',
          label: 'Number plate',
          hint: 'As it stands on the car.',
          required: true,
          input: { type: 'text', maxlength: 12 },
          options: undefined,
          parts: undefined,
        },
      ],
    },
    terms: {
      action: '/account/requests/terms',
      legal: {
        shown: 'o1Wg3bFqH0m',
        terms: [{ id: 'brand', title: 'Aurora Air terms', version: '2026-05', url: '/legal/brand/2026-05' }],
        notices: [],
        purposes: [],
      },
    },
    requests: [
      {
        app: 'Trip Planner',
        host: 'trips.example',
        bindingMessage: 'Counter 12 \u2013 W4SCT',
        askedAt: '2026-06-02T09:00:00Z',
        expiresAt: '2026-06-02T09:10:00Z',
        questions: [
          { input: 'scope.openid', name: 'openid', optional: false, alreadyAllowed: true },
          { input: 'scope.email', name: 'email', optional: true, alreadyAllowed: false },
          { input: 'claim.locale', name: 'locale', optional: true, alreadyAllowed: false },
        ],
        action: '/account/requests/r1/answer',
      },
      {
        app: 'Aurora Air',
        host: 'air.example',
        askedAt: '2026-06-02T09:02:00Z',
        expiresAt: '2026-06-02T09:12:00Z',
        questions: [{ input: 'scope.openid', name: 'openid', optional: false, alreadyAllowed: false }],
        blocked: 'terms',
        action: '/account/requests/r2/answer',
      },
      {
        app: 'Volt Fuel',
        host: 'volt.example',
        askedAt: '2026-06-02T09:03:00Z',
        expiresAt: '2026-06-02T09:13:00Z',
        questions: [{ input: 'scope.openid', name: 'openid', optional: false, alreadyAllowed: true }],
        blocked: 'answers',
        action: '/account/requests/r3/answer',
      },
    ],
  }),
  consents: (): Page.ConsentsData => ({
    nav,
    purposes: [
      {
        id: 'news',
        title: 'News by e-mail',
        summary: 'About two mails a month with offers.',
        state: 'given',
        version: '1',
        decidedAt: '2026-03-14T10:00:00Z',
        brandName: 'Aurora Air',
        textUrl: '/legal/news/1',
        action: '/account/consents/news',
        shown: 'o1Wg3bFqH0m',
      },
      {
        id: 'personal',
        title: 'Offers that fit you',
        summary: 'We choose offers by what you buy.',
        state: 'withdrawn',
        version: '1',
        decidedAt: '2026-05-02T08:30:00Z',
        textUrl: '/legal/personal/1',
        action: '/account/consents/personal',
        shown: 'o1Wg3bFqH0m',
      },
      {
        id: 'research',
        title: 'Research',
        summary: 'We ask for your opinion now and then.',
        state: 'open',
        version: '2',
        textUrl: '/legal/research/2',
        action: '/account/consents/research',
        shown: 'o1Wg3bFqH0m',
      },
      {
        id: 'sharing',
        title: 'Sharing with partners',
        summary: 'Partners learn which brands you use.',
        state: 'expired',
        version: '1',
        decidedAt: '2023-03-14T10:00:00Z',
        textUrl: '/legal/sharing/1',
        action: '/account/consents/sharing',
        shown: 'o1Wg3bFqH0m',
      },
    ],
    documents: decisions.slice(2),
    history: decisions,
  }),
  form: (): Page.MemberFormData => ({
    action: '/forms/profile',
    hidden: { client_id: 'air-web', return_to: 'https://air.example/me', state: 'kept' },
    title: 'About you',
    lead: 'So that your next trip fits you.',
    origins: [{ label: 'Nickname', kind: 'import', at: '2026-05-02T08:30:00Z' }],
    sections: [
      {
        title: 'You',
        fields: [
          { kind: 'name', required: false, hint: 'As we should call you.' },
          { kind: 'locale', required: true, hint: undefined },
        ],
      },
      {
        fields: [
          {
            kind: 'attribute',
            question: {
              name: 'nickname',
              control: 'input',
              label: 'Nickname',
              hint: undefined,
              required: false,
              input: { type: 'text', maxlength: 40 },
              options: undefined,
              parts: undefined,
            },
            when: { input: 'name', wanted: [], kind: 'present', question: 'Name' },
          },
        ],
      },
    ],
  }),
};
