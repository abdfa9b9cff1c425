import { beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { shippedItems } from '../../support/configuration.ts';
import { ana, ben, cem, refusal, type TestReleases, testReleases, who } from './releases-of-test.ts';

let world: TestReleases;
beforeAll(async () => {
  world = await testReleases();
});

const drafts = () => world.workflow.drafts;
const open = (message = 'A longer password') => drafts().open({ message }, ana);
const password = (minLength: number) => ({ item: 'program', patch: { password: { minLength } } });

describe('a draft', () => {
  it('begins with what is live, and changes nothing of it', async () => {
    const draft = await open();
    expect(draft).toMatchObject({
      version: 1,
      state: 'open',
      target: 'all',
      base: world.releases.live.current().all.release.id,
      changes: [],
      author: { kind: 'member', id: 'ana' },
    });
    expect([...(await drafts().items(draft.id)).keys()].sort()).toEqual([...shippedItems().keys()].sort());
    const edited = await drafts().edit(draft, [password(12)], ana);
    expect(edited).toMatchObject({ version: 2, changes: [{ item: 'program', change: 'put' }] });
    expect((await drafts().item(draft.id, 'program'))?.password).toEqual({ minLength: 12 });
    expect(world.releases.live.current().all.release.items.get('program')?.password).toBeUndefined();
  });

  it('puts, merges and removes items, and forgets a change that changes nothing', async () => {
    const draft = await open();
    const now = await drafts().edit(
      draft,
      [
        { item: 'regions/europe', put: { password: { minLength: 10 } } },
        { item: 'regions/europe', patch: { password: { minStrength: 3 } } },
        { item: 'brands/volt/brand', patch: { forms: null } },
        { item: 'legal/partner-sharing', remove: true },
      ],
      ana,
    );
    expect(now.changes).toEqual([
      { item: 'brands/volt/brand', change: 'put' },
      { item: 'legal/partner-sharing', change: 'removed' },
      { item: 'regions/europe', change: 'put' },
    ]);
    expect(await drafts().item(draft.id, 'regions/europe')).toEqual({
      password: { minLength: 10, minStrength: 3 },
    });
    expect(await drafts().item(draft.id, 'legal/partner-sharing')).toBeUndefined();
    const shipped = shippedItems();
    const back = await drafts().edit(
      now,
      [
        { item: 'regions/europe', remove: true },
        { item: 'brands/volt/brand', put: shipped.get('brands/volt/brand') as JsonObject },
        { item: 'legal/partner-sharing', put: shipped.get('legal/partner-sharing') as JsonObject },
      ],
      ana,
    );
    expect(back.changes).toEqual([]);
  });

  it('takes a whole set of items at once', async () => {
    const draft = await open();
    const items = shippedItems();
    items.delete('legal/partner-sharing');
    items.set('regions/americas', { password: { minLength: 11 } });
    const now = await drafts().replace(draft, items, ana);
    expect(now.changes).toEqual([
      { item: 'legal/partner-sharing', change: 'removed' },
      { item: 'regions/americas', change: 'put' },
    ]);
    items.set('regions/asia-pacific', { pasword: {} });
    expect(await refusal(drafts().replace(now, items, ana))).toEqual([
      '  - regions/asia-pacific: pasword: expected a known key (did you mean password?), got an unknown key',
    ]);
    expect(await drafts().get(now.id)).toEqual(now);
  });

  it.each<[string, string, JsonObject, string]>([
    [
      'an unknown key',
      'program',
      { pasword: {} },
      'program: pasword: expected a known key (did you mean password?), got an unknown key',
    ],
    [
      'a key that means something to a machine',
      'program',
      JSON.parse('{"look":{"__proto__":{"x":1}}}'),
      'program: look.__proto__: expected a plain name, got "__proto__"',
    ],
    [
      'an operator',
      'markets/de',
      { attributes: { $where: {} } },
      'markets/de: attributes.$where: expected a plain name, got "$where"',
    ],
    [
      'a value out of its limits',
      'program',
      { password: { minLength: 3 } },
      'program: password.minLength: expected at least 8, got 3',
    ],
    [
      'text with markup',
      'program',
      { texts: { en: { 'sign_in.title': '<img src=x>' } } },
      'program: texts.en."sign_in.title": expected text without markup but <b>…</b>, got "<img src=x>"',
    ],
    [
      'an item that is none',
      'brands/volt',
      {},
      'brands/volt: expected an item of one of the kinds program, brand, region, market, brand-market, site, legal, got this path',
    ],
    [
      'a bottomless item',
      'program',
      JSON.parse(`{"look":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
      'program: look.0.0.0.0.0.0.0.0.0.0.0.0: expected at most 12 levels, got more',
    ],
    [
      'a huge item',
      'program',
      { look: { logo: 'x'.repeat(10_000_000) } },
      'program: expected at most 524288 characters',
    ],
  ])('is refused as a whole for %s, and keeps what it has', async (_what, item, patch, expected) => {
    const draft = await open();
    const good = { item: 'regions/europe', put: { password: { minLength: 12 } } };
    const faults = await refusal(drafts().edit(draft, [good, { item, patch }], ana));
    expect(faults).toEqual([expect.stringContaining(expected)]);
    expect(await drafts().get(draft.id)).toEqual(draft);
  });

  it('is changed only by whoever has seen it as it is', async () => {
    const draft = await open();
    const now = await drafts().edit(draft, [password(12)], ana);
    expect(await refusal(drafts().edit(draft, [password(13)], ben))).toBe('draft.changed');
    expect(await refusal(drafts().submit(draft, ana))).toBe('draft.changed');
    expect(await drafts().get(draft.id)).toEqual(now);
    expect(await refusal(drafts().get('drf_nobody'))).toBe('draft.unknown');
  });

  it('names places that there are', async () => {
    const target = { regions: ['europe'], markets: ['us', 'us'] };
    const draft = await drafts().open({ message: 'Somewhere', target }, ana);
    expect(draft.target).toEqual({ regions: ['europe'], markets: ['us'] });
    const elsewhere = drafts().open({ message: 'Nowhere', target: { regions: [], markets: ['xx'] } }, ana);
    expect(await refusal(elsewhere)).toBe('target.unknown');
    const nowhere = drafts().open({ message: 'Nowhere', target: { regions: [], markets: [] } }, ana);
    expect(await refusal(nowhere)).toBe('target.unknown');
    expect(await refusal(drafts().open({ message: 'No base', base: 'none' }, ana))).toBe('release.unknown');
  });

  it('tells of what is wrong between its items, and cannot be submitted with it', async () => {
    const draft = await open();
    const edits = [
      { item: 'program', patch: { password: { minLength: 12 }, lock: ['password.minLength'] } },
      { item: 'brands/volt/brand', patch: { password: { minLength: 8 } } },
    ];
    const now = await drafts().edit(draft, edits, ana);
    const fault = 'brands/volt/brand: password.minLength: expected at least 12, locked by program, got 8';
    expect((await drafts().check(now.id)).faults).toMatchObject([
      { item: 'brands/volt/brand', code: 'locked' },
    ]);
    expect(await refusal(drafts().submit(now, ana))).toEqual([`  - ${fault}`]);
  });

  it('must change something to be submitted', async () => {
    expect(await refusal(drafts().submit(await open(), ana))).toBe('draft.empty');
  });

  it('is over once it is withdrawn, with the reason', async () => {
    const draft = await open();
    const now = await drafts().withdraw(draft, 'Not needed any more', ben);
    expect(now).toMatchObject({ state: 'withdrawn', remark: { by: ben.by, text: 'Not needed any more' } });
    expect(await refusal(drafts().edit(now, [password(12)], ana))).toBe('draft.closed');
  });

  it('is listed with the newest first, page by page', async () => {
    for (const message of ['one', 'two', 'three']) {
      world.clock.move(1_000);
      await open(message);
    }
    const first = await drafts().list({ limit: 2 });
    expect(first.items.map(({ message }) => message)).toEqual(['three', 'two']);
    const second = await drafts().list({ limit: 1, cursor: first.next });
    expect(second.items.map(({ message }) => message)).toEqual(['one']);
    const over = await drafts().withdraw(await open('four'), 'Enough', ana);
    const withdrawn = await drafts().list({ state: 'withdrawn' });
    expect(withdrawn.items[0]).toEqual(over);
    expect(new Set(withdrawn.items.map(({ state }) => state))).toEqual(new Set(['withdrawn']));
  });
});

describe('an approval', () => {
  async function submitted() {
    const draft = await drafts().edit(await open(), [password(12)], ana);
    return drafts().submit(draft, ana);
  }

  it('is not asked for where the program asks for none', async () => {
    expect(await submitted()).toMatchObject({ state: 'approved', approvals: [] });
  });

  it('takes as many others as the live program asks for, whatever the draft says', async () => {
    const strict = await testReleases({
      items: new Map(shippedItems()).set('program', { ...shippedItems().get('program'), approvals: 2 }),
    });
    const { drafts: work } = strict.workflow;
    const opened = await work.open({ message: 'Nobody needs to look', target: 'all' }, ana);
    const mine = await work.edit(opened, [{ item: 'program', patch: { approvals: 0 } }], ana);
    expect(await refusal(work.approve(mine, ben))).toBe('draft.not_submitted');
    const asked = await work.submit(mine, ana);
    expect(asked.state).toBe('submitted');
    expect(await refusal(work.approve(asked, ana))).toBe('draft.approval_refused');
    expect(await refusal(work.approve(asked, who('pipeline', 'client')))).toBe('draft.approval_refused');
    const once = await work.approve(asked, ben);
    expect(once).toMatchObject({ state: 'submitted', approvals: [{ by: ben.by }] });
    expect(await work.approve(once, ben)).toEqual(once);
    expect(await work.approve(once, cem)).toMatchObject({ state: 'approved' });
  });

  it('ends when the draft changes, and whoever changed it cannot give one', async () => {
    const strict = await testReleases({
      items: new Map(shippedItems()).set('program', { ...shippedItems().get('program'), approvals: 1 }),
    });
    const { drafts: work } = strict.workflow;
    const mine = await work.edit(await work.open({ message: 'Longer' }, ana), [password(12)], ana);
    const approved = await work.approve(await work.submit(mine, ana), ben);
    expect(approved.state).toBe('approved');
    const edited = await work.edit(approved, [password(13)], cem);
    expect(edited).toMatchObject({ state: 'open', approvals: [], editors: [ana.by, cem.by] });
    const again = await work.submit(edited, cem);
    expect(await refusal(work.approve(again, cem))).toBe('draft.approval_refused');
    const back = await work.sendBack(again, 'Thirteen is unlucky', ben);
    expect(back).toMatchObject({ state: 'open', remark: { by: ben.by, text: 'Thirteen is unlucky' } });
    const types = (await strict.events()).map(({ type }) => type);
    expect(types.slice(1)).toEqual([
      'configuration.draft_opened',
      'configuration.draft_changed',
      'configuration.draft_submitted',
      'configuration.draft_approved',
      'configuration.draft_changed',
      'configuration.draft_submitted',
      'configuration.draft_sent_back',
    ]);
  });
});
