import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { MongodLog } from '../../src/base/db/mongod/common.ts';
import { type Fetcher, findMongod } from '../../src/base/db/mongod/find.ts';
import { fakeMongod, scratchFolder, writeProgram } from './files.ts';

const silent: MongodLog = { info: () => undefined, warn: () => undefined };
const refusing: Fetcher = {
  name: 'a download',
  fetch: async () => {
    throw new Error('the network did not answer');
  },
};

/** A machine with a PATH and a cache of its own. */
async function machine() {
  const folder = await scratchFolder();
  const bin = path.join(folder, 'bin');
  const cacheDir = path.join(folder, 'cache');
  await writeProgram(path.join(bin, 'unrelated'), 'exit 0');
  await symlink('/bin/sh', path.join(bin, 'sh'));
  const find = (env: Record<string, string> = {}, fetchers: Fetcher[] = [refusing]) =>
    findMongod({ env: { PATH: bin, ...env }, cacheDir, log: silent, fetchers });
  return { folder, bin, cacheDir, find };
}

describe('finding a mongod', () => {
  it('takes the one named in MONGOD_BINARY before all others', async () => {
    const { folder, bin, find } = await machine();
    const named = await fakeMongod(path.join(folder, 'named'), '7.0.1');
    await fakeMongod(path.join(bin, 'mongod'), '8.0.1');
    expect(await find({ MONGOD_BINARY: named })).toEqual({ path: named, version: '7.0.1' });
  });

  it('does not silently replace a MONGOD_BINARY that does not run', async () => {
    const { folder, bin, find } = await machine();
    await fakeMongod(path.join(bin, 'mongod'), '8.0.1');
    const missing = path.join(folder, 'missing');
    await expect(find({ MONGOD_BINARY: missing })).rejects.toThrow(/MONGOD_BINARY.*missing.*not found/s);
  });

  it('takes the installed one before a copy fetched before', async () => {
    const { bin, cacheDir, find } = await machine();
    await fakeMongod(path.join(bin, 'mongod'), '8.0.1');
    await fakeMongod(path.join(cacheDir, 'mongod-7.0.1'), '7.0.1');
    expect(await find()).toEqual({ path: 'mongod', version: '8.0.1' });
  });

  it('passes over an installed one that is older than 6.0', async () => {
    const { bin, cacheDir, find } = await machine();
    await fakeMongod(path.join(bin, 'mongod'), '4.4.29');
    const copy = await fakeMongod(path.join(cacheDir, 'mongod-6.0.5'), '6.0.5');
    expect(await find()).toEqual({ path: copy, version: '6.0.5' });
  });

  it('fetches nothing while a fetched copy runs', async () => {
    const { cacheDir, find } = await machine();
    const copy = await fakeMongod(path.join(cacheDir, 'mongod-6.0.5'), '6.0.5');
    expect(await find()).toEqual({ path: copy, version: '6.0.5' });
  });

  it('fetches in order, going on where one way fails or brings something that does not run here', async () => {
    const { cacheDir, find } = await machine();
    const unusable = await writeProgram(
      path.join(cacheDir, 'unusable'),
      'echo "libssl.so.3: missing" >&2; exit 127',
    );
    const good = await fakeMongod(path.join(cacheDir, 'good'), '6.0.5');
    const bringing = (name: string, file: string): Fetcher => ({ name, fetch: async () => file });
    const found = await find({}, [
      refusing,
      bringing('a broken one', unusable),
      bringing('a good one', good),
    ]);
    expect(found).toEqual({ path: good, version: '6.0.5' });
  });

  it('names everything it tried and what to do when none can be had', async () => {
    const { find } = await machine();
    const message = await find().catch((error: Error) => `${error.name}: ${error.message}`);
    expect(message).toMatch(/^MongodUnavailable/);
    for (const part of [
      'MONGOD_BINARY: not set',
      'mongod on the PATH: not found',
      'a download: the network did not answer',
      'MONGODB_URI',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('ends the search when it is given up', async () => {
    const { bin, cacheDir } = await machine();
    const giveUp = new AbortController();
    const hanging: Fetcher = {
      name: 'a slow download',
      fetch: async ({ signal }) => {
        giveUp.abort();
        signal?.throwIfAborted();
        return '';
      },
    };
    const search = findMongod({
      env: { PATH: bin },
      cacheDir,
      log: silent,
      fetchers: [hanging, refusing],
      signal: giveUp.signal,
    });
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
  });
});
