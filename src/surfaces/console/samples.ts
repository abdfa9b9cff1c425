/** Samples of the console's pages: each shows every part its page can have. Invented people only. */
import type * as Page from './views.ts';

/** The navigation of an area. */
export const nav = (current: string): Page.ConsoleNav => ({
  areas: ['home', 'releases', 'drafts', 'explain', 'preview', 'theme', 'logos'].map((name) => ({
    name,
    url: `/console/${name}`,
    current: name === current,
  })),
  accountUrl: '/account',
  signOutUrl: '/account/sign-out',
});

/** Whoever looks. */
export const ann: Page.ShownPerson = { kind: 'member', name: 'Ann Keller', you: true };
/** Somebody else. */
export const ben: Page.ShownPerson = { kind: 'member', name: 'Ben Osei', you: false };
const pipeline: Page.ShownPerson = { kind: 'client', name: 'config-pipeline', you: false };
const everywhere: Page.ShownTarget = { names: [] };
/** A region and a market. */
export const europe: Page.ShownTarget = { names: ['Europe', 'Japan'] };
/** A release. */
export const release: Page.ShownRelease = {
  id: 'k3Jx9QpL',
  message: 'Longer passwords at Volt Fuel',
  url: '/console/releases/k3Jx9QpL0000000000000000',
};

/** A draft in a state. */
export const draft = (state: Page.ShownDraft['state']): Page.ShownDraft => ({
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
    kind: 'undo',
    target: everywhere,
    by: ann,
    at: '2026-06-02T08:00:00Z',
    why: 'The wrong brand',
    release: { ...release, message: 'Shorter sessions' },
  },
  {
    kind: 'rollback',
    target: europe,
    by: ben,
    at: '2026-06-01T08:00:00Z',
    why: 'Complaints from stations',
    release,
  },
  {
    kind: 'publish',
    target: everywhere,
    by: { kind: 'system', name: 'start', you: false },
    at: '2026-05-01T00:00:00Z',
    release: { id: 'Zp01mmTa', message: 'The first release' },
  },
];

/** A difference with every kind of entry. */
export const comparison: Page.ShownComparison = {
  items: [
    {
      item: 'brands/volt/brand',
      change: 'changed',
      keys: [
        { key: 'password.minLength', before: '8', after: '12' },
        { key: 'texts.en."sign-in.title"', after: '"Welcome at the pump"' },
      ],
      more: 3,
    },
    {
      item: 'sites/volt-kiosk',
      change: 'removed',
      keys: [{ key: 'methods', before: '["password"]' }],
      more: 0,
    },
  ],
  more: 2,
  hidden: 1,
  effective: {
    changes: [
      { key: 'password.minLength', before: '8', after: '12', where: ['volt/de', 'volt/us'], others: 4 },
    ],
    more: 1,
    added: ['volt/kr'],
    removed: ['volt/ar'],
  },
};

const goingBack = {
  backUrl: '/console/releases',
  seen: '7',
  allowed: true,
  replaced: [{ release, comparison }],
};

/** Places that can be chosen. */
export const choices: Page.PlaceChoices = {
  everywhere: { chosen: false },
  regions: [{ id: 'europe', name: 'Europe', chosen: true }],
  markets: [{ id: 'jp', name: 'Japan', chosen: true }],
};

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
  releases: (): Page.ReleasesData => ({
    nav: nav('releases'),
    publications,
    nextUrl: '/console/releases?cursor=Nw',
    undoUrl: '/console/undo',
    compareUrl: '/console/compare',
  }),
  release: (): Page.ReleaseData => ({
    nav: nav('releases'),
    id: 'k3Jx9QpL0000000000000000',
    message: release.message,
    author: ann,
    at: '2026-05-30T14:00:00Z',
    parent: { id: 'Zp01mmTa', message: 'The first release', url: '/console/releases/Zp01mmTa' },
    publications,
    comparison,
    compareUrl: '/console/compare?from=a&to=b',
    rollBackUrl: '/console/releases/k3Jx9QpL/roll-back',
  }),
  compare: (): Page.CompareData => ({
    nav: nav('releases'),
    action: '/console/compare',
    from: 'k3Jx9QpL0000000000000000',
    to: 'Zp01mmTa0000000000000000',
    releases: [
      { ...release, value: 'k3Jx9QpL0000000000000000', at: '2026-05-30T14:00:00Z' },
      {
        id: 'Zp01mmTa',
        message: 'The first release',
        value: 'Zp01mmTa0000000000000000',
        at: '2026-05-01T00:00:00Z',
      },
    ],
    comparison,
  }),
  rollBack: (): Page.RollBackData => ({
    ...goingBack,
    nav: nav('releases'),
    action: '/console/releases/k3Jx9QpL/roll-back',
    release,
    target: europe,
    choices,
  }),
  undo: (): Page.UndoData => ({
    ...goingBack,
    nav: nav('releases'),
    action: '/console/undo',
    publication: { kind: 'publish', target: europe, by: ann, at: '2026-05-30T14:00:00Z', release },
  }),
};
