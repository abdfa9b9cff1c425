import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { ana, refusal, type TestReleases, testReleases } from './releases-of-test.ts';

const seat = (change: JsonObject = {}): JsonObject => ({
  type: 'text',
  class: 'trait',
  label: { en: 'Where you like to sit' },
  read: ['member'],
  write: ['member'],
  ...change,
});

/** A world in which an attribute is live. */
async function worldWithSeat(item = 'program'): Promise<TestReleases> {
  const world = await testReleases();
  await change(world, [{ item, patch: { attributes: { berth: seat() } } }]);
  return world;
}

async function handedIn(
  { workflow: { drafts } }: TestReleases,
  edits: { item: string; patch: JsonObject }[],
) {
  const opened = await drafts.open({ message: 'Another schema' }, ana);
  return drafts.submit(await drafts.edit(opened, edits, ana), ana);
}

async function change(world: TestReleases, edits: { item: string; patch: JsonObject }[], orphans?: string[]) {
  return world.workflow.publishing.publish(await handedIn(world, edits), { orphans }, ana);
}

const knowing = (world: TestReleases, values: string[]) =>
  world.workflow.knowValues({
    hasValues: async (attribute) => attribute === 'berth' && values.length > 0,
    countFailing: async (_attribute, { constraints }) => ({
      checked: values.length,
      failing: values.filter((value) => value.length > (constraints?.maxLength ?? 100)).length,
    }),
  });

describe('another attribute schema', () => {
  it('goes live at once where attributes are added or take more', async () => {
    const world = await worldWithSeat();
    const wider = { attributes: { berth: { constraints: { maxLength: 200 } }, meal: seat() } };
    const { draft } = await change(world, [{ item: 'program', patch: wider }]);
    expect(draft.state).toBe('published');
  });

  it('does not leave values without a definition, unless that is confirmed', async () => {
    const world = await worldWithSeat();
    knowing(world, ['window']);
    const removal = [{ item: 'program', patch: { attributes: { berth: null } } }];
    const draft = await handedIn(world, removal);
    expect(await world.workflow.drafts.schema(draft.id)).toEqual([
      { attribute: 'berth', kind: 'removing', details: [], item: 'program', mustConfirm: true },
    ]);
    expect(await refusal(world.workflow.publishing.publish(draft, {}, ana))).toEqual([
      '  - program: attributes.berth: expected what members’ values fit (or “berth” confirmed to go), got nothing',
    ]);
    const now = await world.workflow.drafts.get(draft.id);
    await world.workflow.publishing.publish(now, { orphans: ['berth'] }, ana);
    const kept = world.releases.live.current().all.release.items.get('program')?.attributes;
    expect(kept).not.toHaveProperty('berth');
  });

  it('does not make values another type, unless that is confirmed', async () => {
    const world = await worldWithSeat();
    knowing(world, ['window']);
    const retyping = [{ item: 'program', patch: { attributes: { berth: { type: 'number' } } } }];
    expect(await refusal(change(world, retyping))).toEqual([
      '  - program: attributes.berth.type: expected what members’ values fit (or “berth” confirmed to change), got another type',
    ]);
    await change(world, retyping, ['berth']);
  });

  it('goes live where nobody has a value; where nobody can tell, it takes a confirmation', async () => {
    const world = await worldWithSeat();
    const removal = [{ item: 'program', patch: { attributes: { berth: null } } }];
    expect(await refusal(change(world, removal))).toEqual([expect.stringContaining('attributes.berth')]);
    knowing(world, []);
    await change(world, removal);
  });

  it('tells how many values would not fit any more', async () => {
    const world = await worldWithSeat();
    knowing(world, ['window', 'aisle', 'on the left']);
    const draft = await handedIn(world, [
      { item: 'markets/de', patch: { attributes: { berth: { constraints: { maxLength: 8 } } } } },
    ]);
    expect(await world.workflow.drafts.schema(draft.id)).toEqual([
      {
        attribute: 'berth',
        kind: 'narrowing',
        details: ['maxLength'],
        item: 'program',
        mustConfirm: false,
        values: { checked: 3, failing: 1 },
      },
    ]);
    await world.workflow.publishing.publish(draft, {}, ana);
  });

  it('may leave an attribute to fewer brands: its values have a definition still', async () => {
    const world = await worldWithSeat();
    knowing(world, ['window']);
    await change(world, [
      { item: 'program', patch: { attributes: { berth: null } } },
      { item: 'brands/volt/brand', patch: { attributes: { berth: seat() } } },
    ]);
    const { configuration } = world.releases.live.current().all;
    expect(configuration.settingsOf({ brand: 'spring', market: 'de' }).attributes.berth).toBeUndefined();
  });
});
