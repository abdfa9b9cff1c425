/** Fetches MongoDB's official build for this machine, in a child process that can be given up on. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { childOptions, type FetchOptions } from './common.ts';

/** The server version that is downloaded: a fixed release, so that every machine develops against the same. */
export const officialVersion = '8.0.17';

/** Silence after which the network is taken as saying no: at first seconds, once bytes flow a little more. */
const silenceMs = { first: 6_000, later: 20_000 };

/**
 * Downloads the official `mongod` into the cache.
 * @param options cache folder; a log that takes the progress; a signal that gives up
 * @returns path of the binary
 * @throws Error with the reason, after seconds rather than minutes
 */
export async function downloadOfficial(options: FetchOptions): Promise<string> {
  const { cacheDir } = options;
  await mkdir(cacheDir, { recursive: true });
  const scratch = await mkdtemp(path.join(cacheDir, '.official-'));
  try {
    const binary = await runDownload(scratch, options);
    const target = path.join(cacheDir, `mongod-${officialVersion}`);
    await rename(binary, target);
    return target;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function runDownload(folder: string, options: FetchOptions): Promise<string> {
  const program = fileURLToPath(new URL('./official-download.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder, officialVersion], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...childOptions(options),
  });
  return new Promise((resolve, reject) => {
    let result: string | undefined;
    let fault = '';
    let silence = setTimeout(giveUp, silenceMs.first);
    function giveUp() {
      fault = 'the network did not answer';
      child.kill('SIGKILL');
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      clearTimeout(silence);
      silence = setTimeout(giveUp, silenceMs.later);
      for (const line of text.split(/[\r\n]+/).filter((part) => part !== '')) {
        if (line.startsWith('binary ')) result = line.slice('binary '.length);
        else options.log.info({}, line);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      fault ||= text.split('\n', 1)[0] ?? '';
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(silence);
      if (code === 0 && result !== undefined) resolve(result);
      else reject(new Error(fault || `the download ended with code ${code}`));
    });
  });
}
