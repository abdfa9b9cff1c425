import { describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../../src/base/db/connection.ts';
import { ensureIndexes } from '../../../src/base/db/migrations.ts';
import { releaseCollections, releaseIndexes } from '../../../src/business/releases/model.ts';
import { atEnd, freshDatabaseAddress } from '../../support/database.ts';
import { startEditor } from './editor-process.ts';
import { ana, anybodyMay, ben, refusal, testReleases } from './releases-of-test.ts';

const address = freshDatabaseAddress();
const db = await connectDatabase(address);
atEnd(async () => {
  await db.main.dropDatabase();
  await db.close();
});
for (const name of [...Object.values(releaseCollections), 'events', 'eventHeads'])
  await db.main.createCollection(name);
await ensureIndexes(db, releaseIndexes);
const world = await testReleases({ db });
const editor = await startEditor(address);
const { drafts, publishing, history } = world.workflow;
const here = (version: number, id: string, minLength: number) =>
  drafts.edit({ id, version }, [{ item: 'program', patch: { password: { minLength } } }], ana).then(
    () => 'done',
    (error) => String(error.code ?? error),
  );
const publications = async () => (await history.publications()).items.length;

describe('two processes', () => {
  it('that edit one draft at once: one of them is told that it has changed, and nothing of it is written', async () => {
    let draft = await drafts.open({ message: 'Raced for' }, ana);
    for (let round = 0; round < 12; round += 1) {
      const { id, version } = draft;
      const outcomes = await Promise.all([
        here(version, id, 20 + round),
        editor.tell({ do: 'edit', id, version, minLength: 40 + round }),
      ]);
      expect([...outcomes].sort()).toEqual(['done', 'draft.changed']);
      draft = await drafts.get(id);
      expect(draft.version).toBe(version + 1);
      const won = outcomes[0] === 'done' ? 20 + round : 40 + round;
      expect((await drafts.item(id, 'program'))?.password).toEqual({ minLength: won });
    }
    await drafts.withdraw(draft, 'Only raced for', ana);
  });

  it('that look for what is due: each draft is published once', async () => {
    const before = await publications();
    for (const page of ['home', 'help', 'privacy']) {
      const opened = await drafts.open({ message: page }, ana);
      const patch = { look: { links: { [page]: `https://${page}.example` } } };
      const edited = await drafts.edit(opened, [{ item: 'program', patch }], ana);
      await publishing.schedule(await drafts.submit(edited, ana), { at: new Date(world.clock.now()) }, ben);
    }
    const [mine, theirs] = await Promise.all([
      publishing.carryOutDue(anybodyMay),
      editor.tell({ do: 'carry-out' }).then(Number),
    ]);
    expect(mine.published + theirs).toBe(3);
    expect(await publications()).toBe(before + 3);
    await world.releases.live.reload();
    expect(world.releases.live.current().all.release.items.get('program')?.look).toMatchObject({
      links: {
        home: 'https://home.example',
        help: 'https://help.example',
        privacy: 'https://privacy.example',
      },
    });
  });

  it('of which one dies between the release and the head: the old release stays live, and the other goes on', async () => {
    const opened = await drafts.open({ message: 'Survives' }, ana);
    const edited = await drafts.edit(opened, [{ item: 'program', patch: { name: 'Survivor' } }], ana);
    const { id, version } = await drafts.submit(edited, ana);
    const before = world.releases.live.current().version;
    const dying = await startEditor(address);
    const told = dying.tell({ do: 'publish-and-die', id, version });
    await dying.ended;
    expect(await told).toBe('undefined');
    await world.releases.live.reload();
    expect(world.releases.live.current().version).toBe(before);
    const waiting = await drafts.get(id);
    expect(waiting.state).toBe('approved');
    expect(await refusal(publishing.publish({ id, version }, {}, ana))).toBe('draft.changed');
    expect(await publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 0 });
    world.clock.move(60_000);
    expect(await publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 1 });
    expect(world.releases.live.current().all.configuration.program.name).toBe('Survivor');
    expect(await drafts.get(id)).toMatchObject({ state: 'published', stages: [{ by: ben.by }] });
  });
});
