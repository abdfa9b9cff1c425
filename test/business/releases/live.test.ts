import { describe, expect, it } from '@jest/globals';
import type { WatchListener } from '../../../src/base/db/watch.ts';
import { ana, type TestReleases, testReleases } from './releases-of-test.ts';

/** A change stream that the test speaks for. */
function silentStream(trusted: boolean) {
  const stream = { trusted, listener: undefined as WatchListener | undefined };
  return {
    stream,
    async watch(_connection: unknown, _collection: string, listener: WatchListener) {
      stream.listener = listener;
      return { trusted: () => stream.trusted, close: async () => {} };
    },
  };
}

async function publish({ workflow }: TestReleases, name: string) {
  const { drafts, publishing } = workflow;
  const opened = await drafts.open({ message: name }, ana);
  const mine = await drafts.submit(
    await drafts.edit(opened, [{ item: 'program', patch: { name } }], ana),
    ana,
  );
  return (await publishing.publish(mine, {}, ana)).publication.release;
}

const program = ({ releases }: TestReleases) => releases.live.current().all.configuration.program.name;

describe('the live configuration', () => {
  it('is taken over by another process when the change stream speaks', async () => {
    const world = await testReleases();
    const other = await testReleases({ db: world.db });
    const seen = new Promise<void>((resolve) => other.releases.live.onChange(resolve));
    await publish(world, 'Philia');
    await seen;
    expect(program(other)).toBe('Philia');
  });

  it('is read through while the change stream is down, and not read while it lives', async () => {
    const world = await testReleases();
    const { stream, watch } = silentStream(true);
    const other = await testReleases({ db: world.db, watch });
    await publish(world, 'Philia');
    await other.releases.live.refresh();
    expect(program(other)).toBe('Xenia');
    stream.trusted = false;
    await other.releases.live.refresh();
    expect(program(other)).toBe('Philia');
  });

  it('is looked at again after a gap', async () => {
    const world = await testReleases();
    const { stream, watch } = silentStream(true);
    const other = await testReleases({ db: world.db, watch });
    await publish(world, 'Philia');
    const seen = new Promise<void>((resolve) => other.releases.live.onChange(resolve));
    stream.listener?.onGap();
    await seen;
    expect(program(other)).toBe('Philia');
  });

  it('stays as it was when the next one cannot be read, until it can', async () => {
    const world = await testReleases();
    const troubles: unknown[] = [];
    const { stream, watch } = silentStream(true);
    const other = await testReleases({ db: world.db, watch, onTrouble: (error) => troubles.push(error) });
    const release = await publish(world, 'Philia');
    const contents = world.db.main.collection<{ _id: string }>('configurationContents');
    const hash = (await world.releases.store.hashOf(release, 'program')) ?? '';
    const lost = await contents.findOneAndDelete({ _id: hash });
    await expect(other.releases.live.reload()).rejects.toThrow('has lost program');
    expect(program(other)).toBe('Xenia');
    const seen = new Promise<void>((resolve) => other.releases.live.onChange(resolve));
    stream.listener?.onChange('live');
    if (lost) await contents.insertOne(lost);
    await seen;
    expect(program(other)).toBe('Philia');
  });

  it('is the same object until something else is published', async () => {
    const world = await testReleases();
    const before = world.releases.live.current();
    await world.releases.live.reload();
    expect(world.releases.live.current()).toBe(before);
  });
});
