/** Samples of the console's pages: each shows every part its page can have. Invented people only. */
import type * as Page from './views.ts';

/** The navigation of a sample. */
export const nav = (current: string): Page.ConsoleNav => ({
  areas: ['home', 'preview', 'theme', 'logos'].map((name) => ({
    name,
    url: `/console/${name}`,
    current: name === current,
  })),
  accountUrl: '/account',
  signOutUrl: '/account/sign-out',
});

const ann: Page.ShownPerson = { kind: 'member', name: 'Ann Keller', you: true };
const ben: Page.ShownPerson = { kind: 'member', name: 'Ben Osei', you: false };
const pipeline: Page.ShownPerson = { kind: 'client', name: 'config-pipeline', you: false };
const everywhere: Page.ShownTarget = { names: [] };
const europe: Page.ShownTarget = { names: ['Europe', 'Japan'] };
const release: Page.ShownRelease = {
  id: 'k3Jx9QpL',
  message: 'Longer passwords at Volt Fuel',
  url: '/console/releases/k3Jx9QpL0000000000000000',
};

const draft = (state: Page.ShownDraft['state']): Page.ShownDraft => ({
  message: 'Ask for the fuel grade at registration',
  url: '/console/drafts/drf_sample',
  state,
  target: europe,
  author: ann,
  changedAt: '2026-06-01T07:45:00Z',
  changeCount: 3,
});

const publications: readonly Page.ShownPublication[] = [
  {
    kind: 'rollback',
    target: europe,
    by: ben,
    at: '2026-06-01T08:00:00Z',
    reason: 'Complaints from stations',
    release,
  },
  { kind: 'publish', target: europe, by: ann, at: '2026-05-30T14:00:00Z', release },
  {
    kind: 'publish',
    target: everywhere,
    by: { kind: 'system', name: 'start', you: false },
    at: '2026-05-01T00:00:00Z',
    release: { id: 'Zp01mmTa', message: 'The first release' },
  },
];

/** One sample per page, by the view's own name. */
export const samples = {
  home: (): Page.ConsoleHomeData => ({
    nav: nav('home'),
    live: [
      { target: everywhere, release, author: pipeline, at: '2026-05-01T00:00:00Z' },
      {
        target: europe,
        release,
        author: { kind: 'operator', name: 'root', you: false },
        at: '2026-05-30T14:00:00Z',
      },
    ],
    waiting: [
      { ...draft('submitted'), author: ben, step: 'approve' },
      { ...draft('approved'), step: 'publish' },
      { ...draft('open'), step: 'edit' },
    ],
    publications,
  }),
};
