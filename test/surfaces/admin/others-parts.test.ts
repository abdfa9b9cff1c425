import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { actingBy } from '../../../src/surfaces/desk/acting.ts';
import { requireUndo, rollBackBy } from '../../../src/surfaces/desk/going-back.ts';
import { powerFrom } from '../../../src/surfaces/desk/power.ts';
import { type Caller, type Desk, type Seen, startDesk } from './world.ts';

let desk: Desk;
let ann: Caller;
let ben: Caller;
/** May do everything with another brand, and nothing with volt. */
let gil: Caller;

beforeAll(async () => {
  desk = await startDesk();
  ann = await desk.person('ann', ['*']);
  ben = await desk.person('ben', ['*']);
  gil = await desk.person('gil', ['brand:greenleaf']);
});

const failed = ({ status, json }: { status: number; json: Record<string, unknown> }) => [status, json.code];

/** Volt's passwords, and the same of other brands. */
async function longer(value: number, brands: readonly string[] = ['volt']): Promise<Seen> {
  let draft = await ann.draft(`At least ${value}`);
  for (const brand of brands)
    draft = (await ann.patch(draft, `brands/${brand}/brand`, { password: { minLength: value } }))
      .json as never;
  return draft;
}

/** A change that is approved. */
async function approved(value: number, brands?: readonly string[]): Promise<Seen> {
  const submitted = await ann.step(await longer(value, brands), 'submit');
  return (await ben.step(submitted.json as never, 'approve')).json as never;
}

describe('whoever may act on one part of the program', () => {
  it('learns of no draft that changes nothing of theirs, as of none that there is not', async () => {
    const theirs = await longer(18);
    const shared = await longer(19, ['volt', 'greenleaf']);
    const own = await gil.draft('Greener');
    const later = await longer(20);
    const listed = async (query: string) => {
      const { json } = await gil.get(`/drafts?${query}`);
      return { ids: (json.items as Seen[]).map(({ id }) => id), next: json.next };
    };
    const all = await listed('limit=200');
    expect(all.ids.slice(0, 2)).toEqual([own.id, shared.id]);
    expect(all.ids).not.toContain(theirs.id);
    const first = await listed('limit=1');
    expect(first.ids).toEqual([own.id]);
    expect((await listed(`limit=1&cursor=${first.next}`)).ids).toEqual([shared.id]);

    expect((await gil.get(`/drafts/${shared.id}`)).status).toBe(200);
    for (const { id, version } of [theirs, later, { id: 'drf_0000000000', version: 1 }])
      for (const answer of [
        await gil.get(`/drafts/${id}`),
        await gil.get(`/drafts/${id}/diff`),
        await gil.get(`/drafts/${id}/items`),
        await gil.get(`/drafts/${id}/items/brands/greenleaf/brand`),
        await gil.get(`/experience?brand=greenleaf&market=us&draft=${id}`),
        await gil.send('POST', `/drafts/${id}/check`),
        await gil.send('POST', `/drafts/${id}/dry-run`, {}),
        await gil.patch({ id, version }, 'brands/greenleaf/brand', {}),
        await gil.step({ id, version }, 'submit'),
        await gil.step({ id, version }, 'approve'),
        await gil.step({ id, version }, 'publish', {}),
      ])
        expect(failed(answer)).toEqual([404, 'draft.unknown']);
  });

  it('approves and publishes what others have drafted in it', async () => {
    const hal = await desk.person('hal', ['brand:greenleaf'], ['approve', 'publish']);
    const submitted = await ann.step(await longer(21, ['greenleaf']), 'submit');
    const done = await hal.step(submitted.json as never, 'approve');
    expect((await hal.step(done.json as never, 'publish', {})).json).toMatchObject({
      draft: { state: 'published' },
    });
  });

  it('reads no other brand or market by naming it beside a site of their own', async () => {
    const site = { id: 'green-shop', name: 'Green', brand: 'greenleaf', market: 'us', smoke: false };
    expect(failed(await gil.send('POST', '/sites', { ...site, origin: 'https://green.example' }))[0]).toBe(
      201,
    );
    const own = await gil.get('/explain?client_id=green-shop');
    expect(own.json).toMatchObject({ brand: 'greenleaf', market: 'us', client_id: 'green-shop' });
    for (const path of ['explain', 'experience'])
      for (const more of ['brand=volt', 'market=de']) {
        const told = await gil.get(`/${path}?client_id=green-shop&${more}`);
        expect([path, more, told.status]).toEqual([path, more, 422]);
        expect(JSON.stringify(told.json)).not.toContain('password');
      }
  });

  it('makes no site under an id to which others’ layers open attributes', async () => {
    // The shipped layer of Aurora Air gives it the seats of its members; nobody has registered it yet.
    const site = { id: 'aurora-air', name: 'Air', market: 'us', origin: 'https://air.example', smoke: false };
    const taken = await gil.send('POST', '/sites', { ...site, brand: 'greenleaf' });
    expect(failed(taken)).toEqual([403, 'permission.missing']);
    expect(await desk.issuer.issuer.core.clients.get('aurora-air')).toBeUndefined();
    const ida = await desk.person('ida', ['brand:aurora-air']);
    expect((await ida.send('POST', '/sites', { ...site, brand: 'aurora-air' })).status).toBe(201);
  });

  it('does not reopen a draft that others have approved', async () => {
    const theirs = await approved(13, ['volt', 'greenleaf']);
    expect(failed(await gil.put(theirs, 'brands/greenleaf/markets/us', {}))).toEqual([
      403,
      'permission.missing',
    ]);
    expect(await ann.seen(theirs)).toMatchObject({ state: 'approved', version: theirs.version });
    expect(failed(await ann.put(theirs, 'brands/greenleaf/markets/us', {}))).toEqual([200, undefined]);
  });

  it('moves no market away from what its region has locked', async () => {
    const jun = await desk.person('jun', ['market:jp', 'region:asia-pacific']);
    const draft = await jun.draft('To Europe');
    for (const region of ['europe', 'americas'])
      expect(failed(await jun.patch(draft, 'markets/jp', { region }))).toEqual([403, 'permission.missing']);
    const { json } = await ann.get(`/drafts/${draft.id}/items/markets/jp`);
    const same = await jun.put(draft, 'markets/jp', { ...json, password: { minLength: 14 } });
    expect(failed(same)).toEqual([200, undefined]);
    const moved = await ann.patch(same.json as never, 'markets/jp', { region: 'europe' });
    expect(failed(moved)).toEqual([200, undefined]);
  });

  it('learns of a fault elsewhere that it is there, and not what stands there', async () => {
    const draft = await longer(16, ['greenleaf']);
    const put = await ann.patch(draft, 'brands/volt/markets/de', { password: { minLength: 9 } });
    const own = await ann.send('POST', `/drafts/${draft.id}/check`);
    expect(own.json.faults).toMatchObject([
      { item: 'brands/volt/markets/de', path: '/password/minLength', code: 'locked', got: '9' },
    ]);
    expect(put.status).toBe(200);
    const hidden = {
      item: 'brands/volt/markets/de',
      path: '',
      code: 'locked',
      got: 'something that you may not read',
    };
    const seen = await gil.send('POST', `/drafts/${draft.id}/check`);
    expect(seen.json.faults).toMatchObject([hidden]);
    for (const refused of [
      await gil.send('POST', `/drafts/${draft.id}/dry-run`, {}),
      await gil.get(`/experience?brand=greenleaf&market=us&draft=${draft.id}`),
    ])
      expect(refused).toMatchObject({ status: 422, json: { errors: [hidden] } });
  });

  it('learns from a dry run of others what changes in their own part only', async () => {
    const draft = await longer(17, ['volt', 'greenleaf']);
    const own = await ann.send('POST', `/drafts/${draft.id}/dry-run`, { sources: ['synthetic'] });
    expect(own.json).toMatchObject({ summary: { brands: ['greenleaf', 'volt'] } });
    const seen = await gil.send('POST', `/drafts/${draft.id}/dry-run`, { sources: ['synthetic'] });
    expect(seen.json).toMatchObject({ summary: { brands: ['greenleaf'] } });
  });

  it('makes no site in a brand because a site of that name was granted', async () => {
    const sia = await desk.person('sia', ['site:new-shop']);
    const site = { id: 'new-shop', name: 'New', brand: 'volt', origin: 'https://new.example', smoke: false };
    expect(failed(await sia.send('POST', '/sites', site))).toEqual([403, 'permission.missing']);
    expect(failed(await sia.send('POST', '/sites', { ...site, market: 'us' }))).toEqual([
      403,
      'permission.missing',
    ]);
  });

  it('approves and changes nothing without naming the version that was seen', async () => {
    const draft = await ann.draft('Seen by nobody');
    const put = await ann.patch(draft, 'brands/volt/brand', { password: { minLength: 16 } });
    const { json } = await ann.step(put.json as never, 'submit');
    for (const match of ['*', `"1", "${json.version}"`, `W/"${json.version}"`]) {
      const headers = { 'if-match': match };
      const blind = await ben.send('POST', `/drafts/${draft.id}/approve`, undefined, headers);
      expect([match, [412, 428].includes(blind.status)]).toEqual([match, true]);
      const item = await ann.send(
        'DELETE',
        `/drafts/${draft.id}/items/brands/volt/brand`,
        undefined,
        headers,
      );
      expect([match, [412, 428].includes(item.status)]).toEqual([match, true]);
    }
    expect(await ann.seen(draft)).toMatchObject({ state: 'submitted', approvals: [], version: json.version });
  });

  it('is asked nothing costly where nothing was granted', async () => {
    const nobody = await desk.person('nob', []);
    const { id } = (await ann.get('/live')).json.all as { id: string };
    const draft = await ann.draft();
    for (const path of [
      `/releases/${id}/items`,
      `/releases/${id}/diff/${id}`,
      `/drafts/${draft.id}/items`,
      `/drafts/${draft.id}/diff`,
      `/experience?brand=volt&market=us&draft=${draft.id}`,
    ])
      expect([path, ...failed(await nobody.get(path))]).toEqual([path, 403, 'permission.missing']);
  });
});

describe('going back', () => {
  it('asks about what is live, not about what this process has heard of so far', async () => {
    const { core } = desk.issuer.issuer;
    const before = core.releases.live.current();
    const published = await ben.step(await approved(15), 'publish', {});
    const { id, release } = published.json.publication as { id: string; release: string };
    const now = core.releases.live.current();
    expect(now.all.release.id).toBe(release);
    // A process that has not heard of the publication yet.
    const late = () => {
      let heard = before;
      const live = {
        ...core.releases.live,
        current: () => heard,
        reload: async () => {
          heard = now;
        },
      };
      const deps = { clients: core.clients, releases: { live }, workflow: core.workflow };
      const grants = [{ permission: 'publish' as const, layers: ['brand:greenleaf'] }];
      const power = powerFrom({ kind: 'member', id: gil.id }, grants);
      return { deps, acting: actingBy(deps, power, systemVisit('test')) };
    };
    const undo = late();
    await expect(requireUndo(undo.deps, undo.acting)).rejects.toMatchObject({ code: 'permission.missing' });
    const back = late();
    const earlier = { release: before.all.release.id, target: 'all' as const, reason: 'Mine' };
    await expect(rollBackBy(back.deps, back.acting, earlier)).rejects.toMatchObject({
      code: 'permission.missing',
    });
    await expect(
      core.workflow.publishing.rollBack({ ...earlier, version: before.version }, byAnn()),
    ).rejects.toMatchObject({ code: 'configuration.changed' });
    expect(id).toBeDefined();
    expect(core.releases.live.current().all.release.id).toBe(release);
  });
});

const byAnn = () => ({ by: { kind: 'member' as const, id: ann.id }, visit: systemVisit('test') });
