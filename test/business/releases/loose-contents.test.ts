/** What drafts leave behind is removed, and never anything that somebody refers to, whoever is at work at that instant. */
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import type { Draft } from '../../../src/business/releases/draft.ts';
import { addressOf } from '../../../src/business/releases/release-store.ts';
import { ana, ben, refusal, type TestReleases, testReleases } from './releases-of-test.ts';

const month = 31 * 86_400_000;
const item = 'brands/volt/brand';
const password = (minLength: number): JsonObject => ({ password: { minLength } });
const edit = (minLength: number) => [{ item, patch: password(minLength) }];

interface StoredContent {
  _id: string;
  text: string;
  looseSince?: Date;
}

/** A world with what its tests ask. */
async function world() {
  const made = await testReleases();
  const { drafts, publishing } = made.workflow;
  const contents = made.db.main.collection<StoredContent>('configurationContents');
  return {
    ...made,
    drafts,
    publishing,
    contents,
    draftWith: async (minLength: number) =>
      drafts.edit(await drafts.open({ message: 'A change' }, ana), edit(minLength), ana),
    publish: async (draft: Draft) => publishing.publish(await drafts.submit(draft, ana), {}, ana),
    lengthIn: async ({ id }: Draft) => (await drafts.item(id, item))?.password,
    /** Whether the store has volt's layer with this password. */
    async has(minLength: number): Promise<boolean> {
      const now = made.releases.live.current().all.release.items.get(item);
      const document = { ...now, ...password(minLength) } as JsonObject;
      return (await contents.countDocuments({ _id: addressOf(document) })) === 1;
    },
  };
}

/** Every release can be read as a whole. */
async function readAll({ db, releases }: TestReleases): Promise<void> {
  const rows = await db.main.collection<{ _id: string }>('configurationReleases').find().toArray();
  for (const { _id } of rows) expect((await releases.store.read(_id))?.id).toBe(_id);
}

describe('contents that nothing refers to', () => {
  it('are removed a month after an edit was edited again or its draft withdrawn, and nothing else is', async () => {
    const { workflow, clock, drafts, publish, draftWith, lengthIn, has, ...made } = await world();
    const edited = await drafts.edit(await draftWith(11), edit(12), ana);
    const withdrawn = await drafts.withdraw(await draftWith(13), 'not needed', ana);
    const before = await made.contents.countDocuments();
    expect(await workflow.sweepContents()).toBe(0);
    clock.move(month);
    const late = await drafts.withdraw(await draftWith(14), 'not needed either', ana);
    expect(await workflow.sweepContents()).toBe(2);
    expect(await Promise.all([11, 12, 13, 14].map(has))).toEqual([false, true, false, true]);
    expect([await lengthIn(edited), await lengthIn(late)]).toEqual([{ minLength: 12 }, { minLength: 14 }]);
    expect(await made.contents.countDocuments()).toBe(before - 2 + 1);

    // What a withdrawn draft said is gone, and is said to be; that there was one stays.
    expect(await drafts.get(withdrawn.id)).toEqual(withdrawn);
    for (const look of [
      drafts.item(withdrawn.id, item),
      drafts.items(withdrawn.id),
      drafts.check(withdrawn.id),
      workflow.comparisons.draft(withdrawn.id),
    ])
      expect(await refusal(look)).toBe('draft.contents_gone');

    clock.move(month);
    expect(await workflow.sweepContents()).toBe(1);
    await publish(edited);
    clock.move(2 * month);
    expect(await workflow.sweepContents()).toBe(0);
    expect(await lengthIn(edited)).toEqual({ minLength: 12 });
    await readAll({ workflow, clock, ...made });
  });

  it('are removed once, however many processes do so', async () => {
    const { db, clock, drafts, draftWith, workflow } = await world();
    const other = await testReleases({ db });
    await drafts.withdraw(await draftWith(11), 'not needed', ana);
    clock.move(month);
    other.clock.move(month);
    const both = await Promise.all([workflow.sweepContents(), other.workflow.sweepContents()]);
    expect(both.reduce((sum, count) => sum + count)).toBe(1);
  });

  it('stay where what open drafts hold comes first, however much that is', async () => {
    const { clock, drafts, draftWith, workflow, contents, has } = await world();
    const held = await draftWith(11);
    const many = Array.from({ length: 1_100 }, (_, at) => ({
      item: `sites/shop-${at}`,
      put: { look: { name: `Shop ${at}` } },
    }));
    await drafts.edit(held, many, ana);
    clock.move(1_000);
    await drafts.withdraw(await draftWith(12), 'not needed', ana);
    clock.move(month);
    expect(await workflow.sweepContents()).toBe(1);
    expect([await has(11), await has(12)]).toEqual([true, false]);
    expect(await contents.countDocuments({ looseSince: { $lt: new Date(clock.now()) } })).toBe(0);
  });
});

describe('while contents are removed', () => {
  it.each<[string, (made: Awaited<ReturnType<typeof world>>) => Promise<Draft>]>([
    ['a draft that begins to say the same', ({ draftWith }) => draftWith(11)],
    [
      'a draft that is edited to say the same',
      async ({ drafts, draftWith }) => drafts.edit(await draftWith(10), edit(11), ben),
    ],
    [
      'a draft that says the same and goes live',
      async ({ draftWith, publish }) => (await publish(await draftWith(11))).draft,
    ],
  ])('%s keeps its contents', async (_, meanwhile) => {
    const made = await world();
    const { workflow, clock, drafts, draftWith, lengthIn } = made;
    await drafts.withdraw(await draftWith(11), 'not needed', ana);
    clock.move(month);
    let draft: Draft | undefined;
    // Between the look at what is referred to and the removal.
    const removed = await workflow.sweepContents(async () => {
      draft ??= await meanwhile(made);
    });
    expect(removed).toBe(0);
    if (!draft) throw new Error('nothing came between');
    expect(await lengthIn(draft)).toEqual({ minLength: 11 });
    clock.move(month);
    await workflow.sweepContents();
    expect(await lengthIn(draft)).toEqual({ minLength: 11 });
    await readAll(made);
  });

  it('a release keeps what it names, also where it was loose by mistake', async () => {
    const made = await world();
    const { workflow, clock, contents, draftWith, publish } = made;
    const { draft } = await publish(await draftWith(11));
    await workflow.drafts.get(draft.id);
    await contents.updateMany({}, { $set: { looseSince: new Date(clock.now()) } });
    await made.db.main.collection('configurationDrafts').deleteMany({});
    clock.move(month);
    expect(await workflow.sweepContents()).toBe(0);
    expect(await contents.countDocuments({ looseSince: { $exists: true } })).toBe(0);
    await readAll(made);
  });

  it('a release keeps what a draft writes at the same instant', async () => {
    const made = await world();
    const { workflow, clock, releases } = made;
    const { store } = releases;
    const { items } = releases.live.current().all.release;
    for (let round = 0; round < 10; round += 1) {
      const document = { ...items.get(item), ...password(20 + round) } as JsonObject;
      const about = { parent: undefined, author: ana.by, message: `Round ${round}`, at: new Date(0) };
      await Promise.all([
        store.keep([document]),
        store.write({ items: new Map(items).set(item, document), ...about }),
        store.keep([document]),
      ]);
    }
    clock.move(month);
    expect(await workflow.sweepContents()).toBe(0);
    await readAll(made);
  });
});
