/** Samples of the interaction pages: each shows every part its page can have. Invented people and addresses only. */
import { type AskedAttribute, questionIn } from '../../business/profiles/attribute-input.ts';
import type { ShownField } from '../pages/form-fields.ts';
import type * as Page from './views.ts';

const upstreams: readonly Page.UpstreamChoice[] = [
  { id: 'google', name: 'Google', action: '/interaction/sample/upstream/google' },
  { id: 'facebook', name: 'Facebook', action: '/interaction/sample/upstream/facebook' },
];

const rules: Page.PasswordRules = { min: 8, max: 256 };
const cancelAction = '/interaction/sample/cancel';
const address = 'mika.lind@example.com';

const seats = [
  { value: 'window', label: { en: 'Window' } },
  { value: 'aisle', label: { en: 'Aisle' } },
];
const meals = [
  { value: 'vegan', label: { en: 'Vegan' } },
  { value: 'no-nuts', label: { en: 'Without nuts' } },
];

/** Attributes as a brand may define them. */
const asked: readonly AskedAttribute[] = [
  {
    name: 'nickname',
    required: false,
    definition: { type: 'text', class: 'trait', label: { en: 'Nickname' }, autocomplete: 'nickname' },
  },
  {
    name: 'birthdate',
    required: false,
    definition: {
      type: 'date',
      class: 'identifier',
      label: { en: 'Date of birth' },
      hint: { en: 'For a small present each year.' },
      autocomplete: 'bday',
      constraints: { max: 'today' },
    },
  },
  {
    name: 'seat',
    required: true,
    definition: {
      type: 'choice',
      class: 'trait',
      label: { en: 'Where do you like to sit?' },
      hint: { en: 'We use it when we suggest a seat.' },
      constraints: { options: seats },
    },
  },
  {
    name: 'meals',
    required: false,
    definition: {
      type: 'choices',
      class: 'sensitive',
      label: { en: 'What should we know about your meals?' },
      constraints: { options: meals },
    },
  },
  {
    name: 'adult',
    required: true,
    definition: { type: 'boolean', class: 'trait', label: { en: 'I am 16 or older' } },
  },
];

const shown = (each: AskedAttribute): ShownField => ({
  kind: 'attribute',
  question: questionIn(each, 'en', { today: '2026-06-02' }),
});

/** The first page of a registration, and what hangs on an answer. */
const fields: readonly ShownField[] = [
  { kind: 'email', hint: undefined },
  { kind: 'password', hint: undefined },
  ...asked.filter(({ name }) => !['meals', 'birthdate'].includes(name)).map(shown),
  {
    ...shown({
      name: 'row',
      required: false,
      definition: { type: 'text', class: 'trait', label: { en: 'Which row?' } },
    }),
    when: {
      input: 'field.seat',
      wanted: ['window'],
      kind: 'equals',
      question: 'Where do you like to sit?',
      answer: 'Window',
    },
  },
];

const legal: Page.LegalQuestions = {
  shown: 'o1Wg3bFqH0m',
  minimumAge: 16,
  terms: [{ id: 'program', title: 'Program terms', version: '2026-03', url: '/legal/program/2026-03' }],
  notices: [{ id: 'privacy', title: 'Privacy notice', version: '2026-01', url: '/legal/privacy/2026-01' }],
  purposes: [
    {
      id: 'news',
      title: 'News and offers by e-mail',
      summary: 'We send you about two mails a month with offers from our brands.',
      version: '1',
      url: '/legal/news/1',
    },
    {
      id: 'personal',
      title: 'Offers that fit you',
      summary: 'We look at what you buy at our brands to choose offers for you.',
      version: '1',
      url: '/legal/personal/1',
    },
  ],
};

const code = (purpose: Page.CodePurpose): Page.VerifyCodeData => ({
  action: '/interaction/sample/code',
  purpose,
  address,
  expiresInSeconds: 900,
  digits: 8,
  resendAction: '/interaction/sample/code/resend',
  changeUrl: '/interaction/sample/register',
  cancelAction,
});

/** One sample per page, by the view's own name. */
export const samples = {
  signIn: (): Page.SignInData => ({
    action: '/interaction/sample/identifier',
    asks: 'password',
    identifierKind: 'email',
    upstreams,
    lastUsed: 'google',
    registerUrl: '/interaction/sample/register',
    cancelAction,
  }),
  password: (): Page.PasswordData => ({
    action: '/interaction/sample/password',
    identifier: address,
    changeUrl: '/interaction/sample',
    forgotUrl: '/interaction/sample/recover',
    codeAction: '/interaction/sample/sign-in-code/send',
    cancelAction,
  }),
  register: (): Page.RegisterData => ({
    action: '/interaction/sample/register',
    rules,
    upstreams,
    fields,
    legal,
    step: { index: 0, number: 1, total: 2, title: 'About your trips', back: true },
    signInUrl: '/interaction/sample',
    cancelAction,
  }),
  registerDetails: (): Page.RegisterDetailsData => ({
    action: '/interaction/sample/details',
    upstreamName: 'Facebook',
    email: { kind: 'asked', suggested: address },
    fields: [
      ...asked.map(shown),
      ...legal.purposes.map((purpose) => ({ kind: 'consent' as const, purpose })),
    ],
    legal: { ...legal, purposes: [] },
    cancelAction,
  }),
  verifyCode: (): Page.VerifyCodeData => code('verify'),
  recover: (): Page.RecoverData => ({
    action: '/interaction/sample/recover',
    backUrl: '/interaction/sample/password',
  }),
  recoverCode: (): Page.VerifyCodeData => code('recover'),
  newPassword: (): Page.NewPasswordData => ({
    action: '/interaction/sample/new-password',
    identifier: address,
    rules,
  }),
  confirmLink: (): Page.ConfirmLinkData => ({
    purpose: 'verify',
    step: { kind: 'confirm', action: '/link/verify', token: 'sample-token' },
  }),
  linkExisting: (): Page.LinkExistingData => ({
    upstreamName: 'Google',
    address,
    passwordAction: '/interaction/sample/link/password',
    codeAction: '/interaction/sample/link/code',
    forgotUrl: '/interaction/sample/recover',
    cancelAction,
  }),
  consent: (): Page.ConsentData => ({
    action: '/interaction/sample/consent',
    client: {
      name: 'Trip Planner',
      host: 'trips.example',
      logoUrl: '/assets/icon.svg',
      policyUrl: 'https://trips.example/privacy',
      termsUrl: 'https://trips.example/terms',
    },
    account: { email: address, name: 'Mika Lind' },
    switchAction: '/interaction/sample/switch',
    redemption: { amount: 1200, payee: 'Hotel Miramar', program: 'Xenia' },
    scopes: [
      { name: 'openid', optional: false, alreadyAllowed: true },
      { name: 'profile', optional: false, alreadyAllowed: true },
      { name: 'email', optional: false, alreadyAllowed: false },
      { name: 'points:read', optional: true, alreadyAllowed: false },
      {
        name: 'lounge',
        description: 'Open the lounge door for you',
        optional: true,
        alreadyAllowed: false,
      },
      { name: 'offline_access', optional: false, alreadyAllowed: false },
    ],
    claims: [
      { name: 'locale', optional: true, alreadyAllowed: false },
      {
        name: 'seat',
        description: 'See in your profile: Preferred seat',
        optional: true,
        alreadyAllowed: false,
      },
    ],
    manageUrl: '/account/applications',
  }),
  termsUpdate: (): Page.TermsUpdateData => ({
    action: '/interaction/sample/terms',
    brandName: 'Spring Drinks',
    reason: 'first',
    legal,
    cancelAction,
  }),
  questions: (): Page.QuestionsData => ({
    action: '/interaction/sample/questions',
    skipAction: '/interaction/sample/questions/skip',
    asked: 'seat meals',
    clientName: 'Aurora Air',
    leads: ['So that we can suggest a seat that you like.'],
    questions: asked.slice(2, 4).map((each) => questionIn(each, 'en', { today: '2026-06-02' })),
    cancelAction,
  }),
  continueAs: (): Page.ContinueAsData => ({
    account: { email: address, name: 'Mika Lind' },
    continueAction: '/interaction/sample/continue',
    switchAction: '/interaction/sample/switch',
    cancelAction,
  }),
  finished: (): Page.FinishedData => ({ continueUrl: 'https://air.example/start' }),
  upstreamProblem: (): Page.UpstreamProblemData => ({
    upstreamName: 'Google',
    code: 'upstream.unavailable',
    backUrl: '/interaction/sample',
    retryAction: '/interaction/sample/upstream/google',
  }),
};
