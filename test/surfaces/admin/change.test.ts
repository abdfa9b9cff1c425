import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { mayStillPublish } from '../../../src/surfaces/desk/standing.ts';
import { ask } from '../apis/world.ts';
import { type Caller, type Desk, type Seen, startDesk } from './world.ts';

let desk: Desk;
let ann: Caller;
let ben: Caller;

beforeAll(async () => {
  desk = await startDesk();
  ann = await desk.person('ann', ['*']);
  ben = await desk.person('ben', ['*']);
});

const minLength = async (market: string) => {
  const { json } = await ann.get(`/experience?brand=volt&market=${market}`);
  return (json.values as { password?: { minLength?: number } }).password?.minLength;
};

/** A change of volt's password rule, up to a step. */
async function changed(value: number, target: unknown): Promise<Seen> {
  const draft = await ann.draft(`At least ${value}`, target);
  const { status, json } = await ann.patch(draft, 'brands/volt/brand', { password: { minLength: value } });
  expect([status, json.code]).toEqual([200, undefined]);
  return json as unknown as Seen;
}

describe('a change of the configuration', () => {
  it('is drafted, checked, approved by a second person, live in one region only, and taken back', async () => {
    const target = { regions: ['americas'], markets: [] };
    const draft = await changed(15, target);
    const check = await ann.send('POST', `/drafts/${draft.id}/check`);
    expect(check.json).toMatchObject({ stale: false, conflicts: [], faults: [] });
    const diff = await ann.get(`/drafts/${draft.id}/diff`);
    expect(diff.json.items).toMatchObject([
      { item: 'brands/volt/brand', change: 'changed', keys: [{ key: 'password.minLength', to: 15 }] },
    ]);
    const preview = await ann.get(`/experience?brand=volt&market=us&draft=${draft.id}`);
    expect(preview.json.values).toMatchObject({ password: { minLength: 15 } });

    const dry = await ann.send('POST', `/drafts/${draft.id}/dry-run`, { sources: ['synthetic'] });
    expect(dry.json).toMatchObject({ summary: { brands: ['volt'], markets: ['us'] } });

    const submitted = await ann.step(draft, 'submit');
    expect(submitted.json.state).toBe('submitted');
    const own = await ann.step(submitted.json as never, 'approve');
    expect([own.status, own.json.code]).toEqual([403, 'draft.approval_refused']);
    const early = await ben.step(submitted.json as never, 'publish', {});
    expect([early.status, early.json.code]).toEqual([409, 'draft.not_approved']);
    const approved = await ben.step(submitted.json as never, 'approve');
    expect(approved.json).toMatchObject({
      state: 'approved',
      approvals: [{ by: { kind: 'member', id: ben.id } }],
    });

    const before = await Promise.all([minLength('us'), minLength('jp')]);
    const published = await ben.step(approved.json as never, 'publish', {});
    expect([published.status, published.json]).toMatchObject([200, { draft: { state: 'published' } }]);
    const { release } = published.json.publication as { release: string };
    expect(await Promise.all([minLength('us'), minLength('jp')])).toEqual([15, before[1]]);
    const live = await ann.get('/live');
    expect(live.json.regions).toEqual([{ id: 'americas', release }]);
    const why = await ann.get('/explain?brand=volt&market=us&key=password.minLength');
    expect(why.json.values).toMatchObject([
      {
        value: 15,
        item: 'brands/volt/brand',
        release: { id: release, author: { kind: 'member', id: ann.id } },
      },
    ]);

    const { id: first } = live.json.all as { id: string };
    const difference = await ann.get(`/releases/${first}/diff/${release}`);
    expect((difference.json.items as { item: string }[]).map(({ item }) => item)).toEqual([
      'brands/volt/brand',
    ]);
    const back = await ben.send('POST', '/rollback', { release: first, target, reason: 'Complaints' });
    expect(back.json).toMatchObject({ kind: 'rollback', release: first, reason: 'Complaints' });
    expect(await minLength('us')).toBe(before[0]);
    const history = await ann.get('/releases?limit=2');
    expect((history.json.items as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      'rollback',
      'publish',
    ]);
    const older = await ann.get(`/releases?limit=200&cursor=${history.json.next}`);
    expect(older.json).toMatchObject({ next: null });
    expect((older.json.items as unknown[]).at(-1)).toMatchObject({ by: { kind: 'system' }, target: 'all' });
  });

  it('goes live in stages, at its time, unless it is called off; and is undone', async () => {
    const draft = await changed(14, 'all');
    const submitted = await ann.step(draft, 'submit');
    const approved = await ben.step(submitted.json as never, 'approve');
    const at = new Date(desk.issuer.clock.now() + 3_600_000).toISOString();
    const planned = await ben.step(approved.json as never, 'publish', { at });
    expect(planned.json).toMatchObject({ publication: null, draft: { schedule: { at } } });
    const cancelled = await ben.step(planned.json.draft as never, 'cancel');
    expect(cancelled.json.schedule).toBeNull();
    const staged = await ben.step(cancelled.json as never, 'publish', { target: { markets: ['jp'] } });
    expect(await minLength('jp')).toBe(14);
    expect(await minLength('us')).not.toBe(14);
    const { id } = staged.json.publication as { id: string };
    const undone = await ben.send('POST', '/undo', { publication: id, reason: 'Too early' });
    expect(undone.json).toMatchObject({ kind: 'undo', undone: id });
    expect(await minLength('jp')).not.toBe(14);
    const again = await ben.send('POST', '/undo', { publication: id, reason: 'Too early' });
    expect([again.status, again.json.code]).toEqual([409, 'publication.not_last']);
  });

  it('that names an app nobody has registered is told so by check and dry run, and goes on', async () => {
    const draft = await ann.draft('A question of the new kiosk', 'all');
    const kiosk = { ask: ['city'], when: { clients: ['kiosk-of-tomorrow'] } };
    const { json } = await ann.patch(draft, 'markets/jp', { profiling: { kiosk } });
    const warning = {
      item: 'markets/jp',
      path: '/profiling/kiosk/when/clients/0',
      expected: 'a registered client',
      got: '"kiosk-of-tomorrow"',
    };
    const check = await ann.send('POST', `/drafts/${draft.id}/check`);
    expect(check.json).toMatchObject({
      faults: [],
      warnings: expect.arrayContaining([expect.objectContaining(warning)]),
    });
    const dry = await ann.send('POST', `/drafts/${draft.id}/dry-run`, { sources: ['synthetic'] });
    expect(dry.json.warnings).toEqual(check.json.warnings);
    const own = await desk.person('quinn', ['brand:volt']);
    const seen = await own.send('POST', `/drafts/${draft.id}/check`);
    expect(JSON.stringify(seen.json)).not.toContain('kiosk-of-tomorrow');
    expect((await ann.step(json as unknown as Seen, 'submit')).json.state).toBe('submitted');
  });

  it('is sent back with a reason, and withdrawn', async () => {
    const submitted = await ann.step(await changed(16, 'all'), 'submit');
    const sent = await ben.step(submitted.json as never, 'send-back', { reason: 'Too long' });
    expect(sent.json).toMatchObject({ state: 'open', remark: { text: 'Too long', by: { id: ben.id } } });
    const gone = await ann.step(sent.json as never, 'withdraw', { reason: 'Never mind' });
    expect(gone.json.state).toBe('withdrawn');
    const late = await ann.patch(gone.json as never, 'program', {});
    expect([late.status, late.json.code]).toEqual([409, 'draft.closed']);
    const open = await ann.get('/drafts?state=withdrawn');
    expect(open.json.items).toMatchObject([{ id: gone.json.id }]);
  });

  it('is made once, however often the request is repeated with its key', async () => {
    const headers = { 'idempotency-key': '"one-draft"' };
    const body = { message: 'Once' };
    const first = await ann.send('POST', '/drafts', body, headers);
    const again = await ann.send('POST', '/drafts', body, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
    expect(first.headers.get('location')).toBe(`/api/configuration/drafts/${first.json.id}`);
    const other = await ann.send('POST', '/drafts', { message: 'Other' }, headers);
    expect([other.status, other.json.code]).toEqual([422, 'idempotency.mismatch']);
  });

  it('is carried over to what is live by now', async () => {
    const late = await changed(17, 'all');
    const other = await ann.draft('Another name');
    const named = await ann.patch(other, 'brands/volt/brand', { password: { minLength: 13 } });
    const submitted = await ann.step(named.json as never, 'submit');
    const approved = await ben.step(submitted.json as never, 'approve');
    expect((await ben.step(approved.json as never, 'publish', {})).status).toBe(200);
    const stopped = await ann.step(late, 'submit');
    expect([stopped.status, stopped.json.code]).toEqual([409, 'draft.conflicts']);
    const conflicts = await ann.step(late, 'rebase', {});
    expect(conflicts.json.conflicts).toEqual([
      expect.objectContaining({
        item: 'brands/volt/brand',
        key: 'password.minLength',
        theirs: 13,
        yours: 17,
      }),
    ]);
    const rebased = await ann.step(late, 'rebase', { take: 'yours' });
    expect(rebased.json.conflicts).toEqual([]);
    expect((await ann.step(rebased.json.draft as never, 'submit')).status).toBe(200);
  });
});

describe('what may be done', () => {
  it('is what scopes and grants allow, both', async () => {
    const reader = await desk.person('rea', ['*'], ['read', 'edit'], 'configuration:read');
    const draft = await ann.draft();
    const scope = await reader.patch(draft, 'program', {});
    expect([scope.status, scope.json.code]).toEqual([403, 'token.insufficient']);
    expect(scope.headers.get('www-authenticate')).toContain('error="insufficient_scope"');

    const brand = await desk.person('bea', ['brand:volt']);
    const foreign = await brand.patch(draft, 'brands/greenleaf/brand', {});
    expect([foreign.status, foreign.json.code]).toEqual([403, 'permission.missing']);
    const theirs = await brand.patch(await brand.draft(), 'brands/volt/markets/jp', {
      password: { minLength: 13 },
    });
    expect(theirs.status).toBe(200);
    const narrow = await desk.person('mia', ['*'], ['edit'], 'configuration:read configuration:write.market');
    const other = await narrow.patch(theirs.json as never, 'brands/volt/brand', {});
    expect([other.status, other.json.code]).toEqual([403, 'token.insufficient']);
    expect(other.headers.get('www-authenticate')).toContain('scope="configuration:write.brand"');

    const nobody = await desk.person('nob', []);
    for (const path of ['/live', '/releases', '/drafts', `/drafts/${draft.id}`])
      expect([path, (await nobody.get(path)).json.code]).toEqual([path, 'permission.missing']);
    expect((await ask(desk.issuer, '/api/configuration/live')).json.code).toBe('token.missing');
  });

  it('is told only of what may be read', async () => {
    const { json } = await ann.get('/live');
    const { id } = json.all as { id: string };
    const brand = await desk.person('bob', ['brand:volt'], ['edit']);
    const listed = await brand.get(`/releases/${id}/items`);
    const paths = (listed.json.items as { item: string }[]).map(({ item }) => item);
    expect(paths).toContain('brands/volt/brand');
    expect(paths.every((path) => path.startsWith('brands/volt/'))).toBe(true);
    const whole = await ann.get(`/releases/${id}/items/program`);
    expect([whole.status, whole.json.approvals]).toEqual([200, 1]);
    expect((await brand.get(`/releases/${id}/items/program`)).json.code).toBe('permission.missing');
    expect((await ann.get(`/releases/${id}/items/markets/xx`)).json.code).toBe('item.unknown');
    expect((await brand.get('/experience?brand=greenleaf&market=us')).json.code).toBe('permission.missing');
    const draft = await changed(18, 'all');
    const both = await ann.patch(draft, 'markets/us', { password: { minLength: 9 } });
    const diff = await brand.get(`/drafts/${both.json.id}/diff`);
    expect(diff.json).toMatchObject({ hidden: 1, items: [{ item: 'brands/volt/brand' }] });
    const submitted = await ann.step(both.json as never, 'submit');
    const narrow = await desk.person('cat', ['brand:volt']);
    expect((await narrow.step(submitted.json as never, 'approve')).json.code).toBe('permission.missing');
  });

  it('does not let a machine approve', async () => {
    const machine = await desk.machine('pipeline', ['*'], [ann]);
    const draft = await machine.draft('By a machine');
    const put = await machine.patch(draft, 'brands/volt/brand', { password: { minLength: 20 } });
    expect(put.json.author).toEqual({ kind: 'client', id: 'pipeline' });
    const submitted = await machine.step(put.json as never, 'submit');
    const other = await desk.machine('second', ['*']);
    for (const each of [machine, other])
      expect((await each.step(submitted.json as never, 'approve')).json.code).toBe('draft.approval_refused');
    expect((await ben.step(submitted.json as never, 'approve')).json.state).toBe('approved');
  });
});

describe('a publication', () => {
  it('is not taken for one of now because its time is past', async () => {
    const draft = await changed(18, 'all');
    const submitted = (await ann.step(draft, 'submit')).json as never;
    const approved = (await ben.step(submitted, 'approve')).json as never;
    const late = await ben.step(approved, 'publish', { at: '2020-01-01T00:00:00Z' });
    expect([late.status, late.json.code]).toEqual([422, 'draft.time_past']);
    expect(await ann.seen(draft)).toMatchObject({ state: 'approved', schedule: null, stages: [] });
  });

  it('at a time that is written otherwise is refused with one to copy', async () => {
    const draft = await changed(19, 'all');
    const refused = await ben.step(draft, 'publish', { at: '2099-12-01 06:00' });
    expect(refused.status).toBe(422);
    expect(refused.json.errors).toEqual([
      expect.objectContaining({ path: '/at', expected: 'a time in UTC such as 2026-12-31T06:00:00Z' }),
    ]);
  });
});

describe('a new site', () => {
  it('is made by whoever may edit and publish its brand, and by nobody else', async () => {
    const brand = await desk.person('sam', ['brand:volt'], ['edit', 'publish']);
    const editor = await desk.person('edi', ['brand:volt'], ['edit']);
    const site = {
      id: 'volt-shop',
      name: 'Volt Shop',
      brand: 'volt',
      market: 'us',
      origin: 'https://shop.example',
    };
    const early = await editor.send('POST', '/sites', site);
    expect([early.status, early.json.code]).toEqual([403, 'permission.missing']);
    const made = await brand.send('POST', '/sites', site);
    expect([made.status, made.json]).toMatchObject([201, { client_id: 'volt-shop', layer: null }]);
    expect(made.json.smoke).toMatchObject({ checks: expect.any(Array) });
    const again = await brand.send('POST', '/sites', site);
    expect([again.status, again.json.code]).toEqual([409, 'client.exists']);
    const other = await brand.send('POST', '/sites', { ...site, id: 'green-shop', brand: 'greenleaf' });
    expect([other.status, other.json.code]).toEqual([403, 'permission.missing']);
    const mighty = await brand.send('POST', '/sites', {
      ...site,
      id: 'mighty',
      scope: 'openid configuration:publish',
    });
    expect([mighty.status, mighty.json.errors]).toMatchObject([422, [{ path: '/scope' }]]);
  });
});

describe('materials', () => {
  it('are schemas, and logos made safe', async () => {
    expect((await ann.get('/schemas/market')).json).toMatchObject({ type: 'object' });
    const data = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script><path d="M0 0h9v9z"/></svg>',
    ).toString('base64');
    const logo = await ann.send('POST', '/logos', { type: 'image/svg+xml', data });
    expect(logo.json).toMatchObject({ dropped: ['script'] });
    const draft = await ann.draft('A logo');
    const put = await ann.patch(draft, 'brands/volt/brand', { look: { logo: logo.json.logo } });
    expect(put.status).toBe(200);
    const wrong = await ann.send('POST', '/logos', { type: 'image/png', data });
    expect([wrong.status, wrong.json.code]).toEqual([422, 'logo.unsupported']);
  });
});

describe('whoever has planned a publication', () => {
  it('must still be allowed to publish all of it when it is due', async () => {
    const { core, people } = desk.issuer.issuer;
    const may = mayStillPublish({ ...people, clients: core.clients, releases: core.releases });
    const cem = await desk.person('cem', ['brand:volt', 'market:jp'], ['publish']);
    const by = { kind: 'member' as const, id: cem.id };
    expect(await may(by, ['brands/volt/brand', 'markets/jp'], false)).toBe(true);
    expect(await may(by, ['brands/volt/brand', 'program'], false)).toBe(false);
    expect(await may(by, ['brands/volt/brand'], true)).toBe(false);
    const principal = { kind: 'member' as const, id: cem.id, home: 'eu' };
    await people.staff.revoke(principal, { layers: ['market:jp'] }, systemVisit('test'));
    expect(await may(by, ['brands/volt/brand', 'markets/jp'], false)).toBe(false);
    expect(await may({ kind: 'operator', id: 'ada' }, ['program'], true)).toBe(true);
    expect(await may({ kind: 'client', id: 'nobody' }, ['brands/volt/brand'], false)).toBe(false);
  });
});
