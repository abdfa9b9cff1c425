/** Samples of the pages about drafts and effective values: each shows every part its page can have. */
import type * as Page from './draft-views.ts';
import { ann, ben, choices, comparison, draft, europe, nav, release } from './samples.ts';
import type { ShownFault } from './views.ts';

const message = 'Ask for the fuel grade at registration';
const backUrl = '/console/drafts/drf_sample';
const about = { nav: nav('drafts'), message, backUrl };
const document = '{\n  "password": {\n    "minLength": 12\n  }\n}\n';
const byBen: Page.Signed = { by: ben, at: '2026-06-01T07:45:00Z' };

const faults: readonly ShownFault[] = [
  {
    item: 'brands/volt/brand',
    path: '/pasword',
    code: 'unknown_key',
    expected: 'a known key (did you mean password?)',
    got: '{"minLength":12}',
    url: '/console/drafts/drf_sample/items/brands/volt/brand',
  },
];

const warnings: readonly ShownFault[] = [
  {
    item: 'brands/volt/brand',
    path: '/profiling/vehicles/when/clients/0',
    code: 'unknown_item',
    expected: 'a registered client (did you mean volt-fuel?)',
    got: '"volt-feul"',
    url: '/console/drafts/drf_sample/items/brands/volt/brand',
  },
];

/** One sample per page, by the view's own name. */
export const samples = {
  drafts: (): Page.DraftsData => ({
    nav: nav('drafts'),
    drafts: [draft('open'), draft('submitted'), draft('approved'), draft('published'), draft('withdrawn')],
    filters: [undefined, 'open' as const, 'submitted' as const].map((state) => ({
      state,
      url: `/console/drafts?state=${state ?? ''}`,
      current: state === 'open',
    })),
    nextUrl: '/console/drafts?cursor=Nw',
    newUrl: '/console/drafts/new',
  }),
  draftForm: (): Page.DraftFormData => ({
    nav: nav('drafts'),
    action: '/console/drafts',
    backUrl: '/console/drafts',
    once: 'frm_sample',
    message: '',
    choices,
  }),
  draft: (): Page.DraftData => ({
    nav: nav('drafts'),
    draft: draft('submitted'),
    editors: [ann, ben],
    changed: byBen,
    base: release,
    changes: [
      { item: 'brands/volt/brand', change: 'put', url: `${backUrl}/items/brands/volt/brand` },
      { item: 'sites/volt-kiosk', change: 'removed', url: `${backUrl}/items/sites/volt-kiosk` },
    ],
    approvals: [byBen],
    needed: 2,
    remark: { ...byBen, text: 'Please wait for the new terms.' },
    schedule: { ...byBen, at: '2026-06-08T06:00:00Z', target: europe },
    failure: { at: '2026-06-01T06:00:00Z', code: 'configuration.refused', faults },
    stages: [{ ...byBen, release, target: europe }],
    pages: (['diff', 'check', 'dry-run', 'preview'] as const).map((name) => ({
      name,
      url: `${backUrl}/${name}`,
    })),
    describeUrl: `${backUrl}/describe`,
    itemsUrl: `${backUrl}/items`,
    steps: (['submit', 'approve', 'publish', 'cancel', 'send-back', 'rebase', 'withdraw'] as const).map(
      (name) => ({
        name,
        url: `${backUrl}/${name}`,
      }),
    ),
    whyNotApprove: { code: 'draft.approval_refused' },
  }),
  draftItems: (): Page.DraftItemsData => ({
    ...about,
    action: `${backUrl}/items`,
    q: 'volt',
    items: [
      { item: 'brands/volt/brand', changed: true, url: `${backUrl}/items/brands/volt/brand` },
      { item: 'brands/volt/markets/de', changed: false, url: `${backUrl}/items/brands/volt/markets/de` },
    ],
    nextUrl: `${backUrl}/items?cursor=Nw`,
  }),
  draftItem: (): Page.DraftItemData => ({
    ...about,
    documentFaults: faults.map((fault) => ({
      ...fault,
      at: { line: 2, column: 3, excerpt: '"pasword": { "minLength": 12 }' },
    })),
    item: 'brands/volt/brand',
    action: `${backUrl}/items/brands/volt/brand`,
    version: '3',
    document,
    state: 'removed',
    reopens: true,
    removeUrl: `${backUrl}/remove/brands/volt/brand`,
    moved: {
      keys: [{ key: 'password.minLength', before: '8', after: '10' }],
      more: 2,
      release,
      rebaseUrl: `${backUrl}/rebase`,
    },
    overtaken: { ...byBen, document },
  }),
  removeItem: (): Page.RemoveItemData => ({
    ...about,
    item: 'sites/volt-kiosk',
    action: `${backUrl}/remove/sites/volt-kiosk`,
    version: '3',
    document,
  }),
  draftDiff: (): Page.DraftDiffData => ({ ...about, comparison }),
  draftCheck: (): Page.DraftCheckData => ({
    ...about,
    stale: true,
    conflicts: [{ item: 'brands/volt/brand', key: 'password.minLength', theirs: '13', yours: '12' }],
    found: faults,
    warnings,
    values: [
      {
        attribute: 'fuel_grade',
        kind: 'narrowing',
        details: 'options',
        item: 'program',
        mustConfirm: true,
        failing: { checked: 48210, failing: 371 },
      },
    ],
  }),
  dryRun: (): Page.DryRunData => ({
    ...about,
    summary: {
      synthetic: { journeys: 240, changed: 12 },
      recorded: { journeys: 31, changed: 2, people: 48210, changedPeople: 530 },
      paths: [{ path: 'fields.fuel_grade', journeys: 12 }],
    },
    warnings,
    journeys: [
      {
        kind: 'register',
        where: ['Volt', 'Germany', 'German'],
        codes: ['password'],
        source: 'recorded',
        count: 530,
        changes: [{ key: 'fields.fuel_grade', after: '{"required":true}' }],
      },
      {
        kind: 'sign-in',
        where: ['Volt', 'United States', 'English'],
        codes: ['volt-shop', 'password'],
        source: 'synthetic',
        count: 1,
        changes: [{ key: 'pages', before: '["sign-in"]', after: '["sign-in","questions"]' }],
      },
    ],
    more: 10,
  }),
  draftStep: (): Page.DraftStepData => ({
    nav: nav('drafts'),
    step: 'send-back',
    draft: draft('submitted'),
    changed: byBen,
    action: `${backUrl}/send-back`,
    backUrl,
    version: '3',
    reasoned: true,
    comparison,
  }),
  draftPublish: (): Page.DraftPublishData => ({
    nav: nav('drafts'),
    draft: draft('approved'),
    action: `${backUrl}/publish`,
    backUrl,
    version: '4',
    choices,
    when: 'later',
    zones: ['UTC', 'Europe/Berlin'],
    ownPlaces: [{ name: 'Europe', url: '/console/compare?from=a&to=b' }],
    orphans: [{ name: 'fuel_grade', confirmed: true }],
    comparison: { ...comparison, effective: undefined },
  }),
  draftRebase: (): Page.DraftRebaseData => ({
    ...about,
    action: `${backUrl}/rebase`,
    version: '3',
    live: '9',
    conflicts: [
      { input: 'side-0', item: 'brands/volt/brand', key: 'password.minLength', theirs: '13', yours: '12' },
    ],
  }),
  explain: (): Page.ExplainData => ({
    nav: nav('explain'),
    action: '/console/explain',
    asked: { brand: 'volt', market: 'de', clientId: 'volt-app', key: 'password' },
    brands: [
      { id: 'aurora', name: 'Aurora Air' },
      { id: 'volt', name: 'Volt Fuel' },
    ],
    markets: [
      { id: 'de', name: 'Germany' },
      { id: 'jp', name: 'Japan' },
    ],
    values: [
      {
        key: 'password.minLength',
        value: '12',
        item: 'markets/de',
        orEarlier: true,
        said: { release, ...byBen },
      },
      { key: 'session.idleSeconds', value: '1209600', orEarlier: false },
    ],
  }),
};
