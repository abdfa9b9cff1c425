import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import type { Target } from '../../../src/business/releases/target.ts';
import { ana, ben, refusal, type TestReleases, testReleases } from './releases-of-test.ts';

type Edit = { item: string; patch: JsonObject };

async function publish({ workflow }: TestReleases, edits: Edit[], as = ana, target: Target = 'all') {
  const { drafts, publishing } = workflow;
  const opened = await drafts.open({ message: `By ${as.by.id}`, target }, as);
  const mine = await drafts.submit(await drafts.edit(opened, edits, as), as);
  return (await publishing.publish(mine, {}, as)).publication.release;
}

describe('an effective value', () => {
  const volt = { brand: 'volt', market: 'de' };

  it('is explained by its layer, and by the release in which that layer first said so', async () => {
    const world = await testReleases();
    const first = world.releases.live.current().all.release.id;
    const explained = async (key: string, query = volt) =>
      (await world.workflow.explanations.explain(query, key)).map(({ key: name, value, item, release }) => [
        name,
        value,
        item,
        release?.id,
      ]);
    const length = await publish(world, [{ item: 'program', patch: { password: { minLength: 10 } } }]);
    const strength = await publish(
      world,
      [{ item: 'program', patch: { password: { minStrength: 3 } } }],
      ben,
    );
    await publish(world, [{ item: 'program', patch: { name: 'Philia' } }]);
    expect(await explained('password')).toEqual([
      ['password.minLength', 10, 'program', length],
      ['password.minStrength', 3, 'program', strength],
    ]);
    expect(await explained('legal.minimumAge')).toEqual([['legal.minimumAge', 16, 'markets/de', first]]);
    const below = await publish(world, [{ item: 'regions/europe', patch: { password: { minLength: 12 } } }]);
    expect(await explained('password.minLength')).toEqual([
      ['password.minLength', 12, 'regions/europe', below],
    ]);
    expect(await explained('password.minLength', { brand: 'volt', market: 'us' })).toEqual([
      ['password.minLength', 10, 'program', length],
    ]);
    const [first_] = await world.workflow.explanations.explain(volt, 'password.minStrength');
    expect(first_).toMatchObject({ release: { author: ben.by, message: 'By ben' }, orEarlier: false });
  });

  it('that came, went and came again is explained by its last coming', async () => {
    const world = await testReleases();
    const say = (minLength: number | null) =>
      publish(world, [{ item: 'program', patch: { password: { minLength, minStrength: 1 } } }]);
    await say(10);
    await say(null);
    const again = await say(10);
    const [value] = await world.workflow.explanations.explain(volt, 'password.minLength');
    expect(value?.release?.id).toBe(again);
  });

  it('that no layer says is explained by that', async () => {
    const world = await testReleases();
    await publish(world, [{ item: 'brands/volt/brand', patch: { signIn: { identifier: null } } }]);
    const found = await world.workflow.explanations.explain(volt, 'signIn.identifier');
    expect(found).toEqual([
      {
        keys: ['signIn', 'identifier'],
        key: 'signIn.identifier',
        value: 'email',
        item: undefined,
        release: undefined,
        orEarlier: false,
      },
    ]);
  });

  it('is explained for every key at once', async () => {
    const world = await testReleases();
    const all = await world.workflow.explanations.explain(volt);
    const first = world.releases.live.current().all.release.id;
    expect(all.length).toBeGreaterThan(40);
    expect(new Set(all.map(({ release }) => release?.id))).toEqual(new Set([first]));
    expect(new Set(all.map(({ item }) => item))).toEqual(
      new Set(
        ['program', 'brands/volt/brand', 'markets/de'].filter((item) =>
          all.some((each) => each.item === item),
        ),
      ),
    );
  });
});

describe('a comparison', () => {
  it('shows what a draft would change where it is aimed at, and what two releases differ in', async () => {
    const world = await testReleases();
    const { drafts, comparisons } = world.workflow;
    const first = world.releases.live.current().all.release.id;
    const target = { regions: ['europe'], markets: [] };
    const opened = await drafts.open({ message: 'Longer', target }, ana);
    await drafts.edit(opened, [{ item: 'markets/de', patch: { password: { minLength: 12 } } }], ana);
    const next = await publish(world, [{ item: 'program', patch: { name: 'Philia' } }]);
    const change = { key: 'password.minLength', change: 'added', to: 12 };
    expect(await comparisons.draft(opened.id)).toMatchObject({
      from: next,
      items: [{ item: 'markets/de', change: 'changed', keys: [change] }],
      effective: { changes: [change] },
    });
    expect((await comparisons.releases(first, next)).items).toMatchObject([
      { item: 'program', keys: [{ key: 'name', from: 'Xenia', to: 'Philia' }] },
    ]);
  });

  it.each<[string, Target, readonly string[]]>([
    ['a region', { regions: ['europe'], markets: [] }, ['de']],
    ['a market', { regions: [], markets: ['jp'] }, ['jp']],
    ['a region and a market', { regions: ['europe'], markets: ['us'] }, ['de', 'us']],
    ['everywhere', 'all', ['de', 'jp', 'us']],
  ])('of a draft for %s says for whom that would be, and for nobody else', async (_, target, markets) => {
    const { drafts, comparisons } = (await testReleases()).workflow;
    const opened = await drafts.open({ message: 'Shorter sessions', target }, ana);
    await drafts.edit(
      opened,
      [
        { item: 'brands/volt/brand', patch: { session: { freshSeconds: 700 } } },
        { item: 'markets/jp', patch: { session: { freshSeconds: 700 } } },
        {
          item: 'markets/nz',
          patch: { country: 'NZ', timeZone: 'Pacific/Auckland', region: 'asia-pacific' },
        },
      ],
      ana,
    );
    const { items, effective } = await comparisons.draft(opened.id);
    expect(items).toHaveLength(3);
    const where = effective?.changes.flatMap((change) => change.where) ?? [];
    expect([...new Set(where.map(({ market }) => market))].sort()).toEqual(markets);
    // A market that the draft adds is new only where it goes live.
    expect(effective?.added.some(({ market }) => market === 'nz')).toBe(target === 'all');
  });

  it('of a draft that is not whole yet shows what was written', async () => {
    const world = await testReleases();
    const { drafts, comparisons } = world.workflow;
    const opened = await drafts.open({ message: 'Start over' }, ana);
    await drafts.edit(opened, [{ item: 'program', remove: true }], ana);
    const { items, effective } = await comparisons.draft(opened.id);
    expect(items.map(({ item, change }) => [item, change])).toEqual([['program', 'removed']]);
    expect(effective).toBeUndefined();
    expect((await drafts.check(opened.id)).faults).toMatchObject([{ item: 'program', code: 'missing' }]);
  });
});

describe('a release', () => {
  it('is meant by its id, or by the beginning of it where no other begins so', async () => {
    const { db, releases, workflow } = await testReleases();
    const { id } = releases.live.current().all.release;
    const stored = db.main.collection<{ _id: string }>('configurationReleases');
    const { _id, ...rest } = (await stored.findOne({ _id: id })) ?? { _id: '' };
    await stored.insertMany(['AAAAAAAAxx', 'AAAAAAAAyy', 'AAAAAAAAyyz'].map((_id) => ({ ...rest, _id })));
    const named = async (written: string) => (await workflow.history.named(written)).id;
    expect([await named(id), await named(id.slice(0, 8))]).toEqual([id, id]);
    expect([await named('AAAAAAAAx'), await named('AAAAAAAAyy')]).toEqual(['AAAAAAAAxx', 'AAAAAAAAyy']);
    expect(await refusal(named('AAAAAAAA'))).toBe('release.ambiguous');
    for (const unknown of [id.slice(0, 7), `${id}x`, '.*'.repeat(5), 'ZZZZZZZZ', ''])
      expect(await refusal(named(unknown))).toBe('release.unknown');
  });
});
