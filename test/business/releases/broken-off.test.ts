import { describe, expect, it } from '@jest/globals';
import type { Releases } from '../../../src/business/releases/releases.ts';
import { ana, anybodyMay, ben, type TestReleases, testReleases } from './releases-of-test.ts';

const crash = () => Promise.reject(new Error('crash'));

/** A draft that is handed in. */
async function handedIn({ workflow: { drafts } }: TestReleases) {
  const opened = await drafts.open({ message: 'Breaks off' }, ana);
  const edits = [{ item: 'program', patch: { name: 'Philia' } }];
  return drafts.submit(await drafts.edit(opened, edits, ana), ana);
}

const program = ({ releases }: TestReleases) => releases.live.current().all.configuration.program.name;

/** Every step of a publication, broken off there. */
const steps: [string, (whole: Releases) => Releases][] = [
  ['before the release is written', (whole) => ({ ...whole, store: { ...whole.store, write: crash } })],
  [
    'once the release is written',
    (whole) => ({
      ...whole,
      store: {
        ...whole.store,
        async write(...given) {
          await whole.store.write(...given);
          return crash();
        },
      },
    }),
  ],
  ['before the head is touched', (whole) => ({ ...whole, publish: crash })],
  [
    'in the transaction, before the draft is written',
    (whole) => ({ ...whole, publish: (publication) => whole.publish(publication, crash) }),
  ],
  [
    'in the transaction, after everything is written',
    (whole) => ({
      ...whole,
      publish: (publication, inside) =>
        whole.publish(publication, async (tx, noted) => {
          await inside?.(tx, noted);
          await crash();
        }),
    }),
  ],
];

describe('a publication that breaks off', () => {
  it.each(steps)('%s leaves the old release live, and is gone on with once', async (_where, broken) => {
    const world = await testReleases();
    const dying = await testReleases({ db: world.db, broken });
    const draft = await handedIn(world);
    await expect(dying.workflow.publishing.publish(draft, {}, ben)).rejects.toThrow('crash');
    await world.releases.live.reload();
    expect([program(world), world.releases.live.current().version]).toEqual(['Xenia', 1]);
    expect((await world.events()).at(-1)?.type).toBe('configuration.draft_submitted');
    expect(await world.workflow.publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 0 });
    world.clock.move(60_000);
    const reports = [
      await world.workflow.publishing.carryOutDue(anybodyMay),
      await world.workflow.publishing.carryOutDue(anybodyMay),
    ];
    expect(reports.map(({ published }) => published)).toEqual([1, 0]);
    expect([program(world), world.releases.live.current().version]).toEqual(['Philia', 2]);
    const releases = await world.db.main.collection('configurationReleases').countDocuments();
    expect(releases).toBe(2);
  });

  it('can be called off before it is gone on with', async () => {
    const world = await testReleases();
    const dying = await testReleases({ db: world.db, broken: (whole) => ({ ...whole, publish: crash }) });
    const draft = await handedIn(world);
    await expect(dying.workflow.publishing.publish(draft, {}, ben)).rejects.toThrow('crash');
    await world.workflow.publishing.cancel(await world.workflow.drafts.get(draft.id), ana);
    world.clock.move(60_000);
    expect(await world.workflow.publishing.carryOutDue(anybodyMay)).toMatchObject({
      published: 0,
      failed: 0,
    });
    expect(program(world)).toBe('Xenia');
  });

  it('after it is done is done', async () => {
    const world = await testReleases();
    const dying = await testReleases({
      db: world.db,
      broken: (whole) => ({
        ...whole,
        async publish(...given) {
          await whole.publish(...given);
          return crash();
        },
      }),
    });
    const draft = await handedIn(world);
    await expect(dying.workflow.publishing.publish(draft, {}, ben)).rejects.toThrow('crash');
    world.clock.move(60_000);
    expect(await world.workflow.publishing.carryOutDue(anybodyMay)).toMatchObject({
      published: 0,
      failed: 0,
    });
    await world.releases.live.reload();
    expect([program(world), world.releases.live.current().version]).toEqual(['Philia', 2]);
  });

  it('is tried again by the job until it works, and says why it did not', async () => {
    const world = await testReleases();
    const dying = await testReleases({ db: world.db, broken: (whole) => ({ ...whole, publish: crash }) });
    const draft = await handedIn(world);
    await world.workflow.publishing.schedule(draft, { at: new Date(world.clock.now()) }, ben);
    const report = await dying.workflow.publishing.carryOutDue(anybodyMay);
    expect(report).toMatchObject({ published: 0, failed: 0, trouble: new Error('crash') });
    world.clock.move(60_000);
    expect(await world.workflow.publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 1 });
  });
});
