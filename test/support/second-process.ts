/** A second real process of one issuer: its own event loop and memory, the same database and keys. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './database.ts';
import { issuerEnvironment } from './issuer.ts';
import { freePort } from './ports.ts';

/** The running child. */
export interface SecondProcess {
  port: number;
  /** The issuer whose second process it is. */
  issuer: string;
  stop(): Promise<void>;
}

/** Starts the child and waits until it listens; it is ended after the tests of the file. */
export async function startSecondProcess(
  issuer: string,
  database: { uri: string; keysUri: string },
): Promise<SecondProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'symbolon-second-'));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'second-process-main.ts')],
    {
      env: {
        PATH: process.env.PATH ?? '',
        ...issuerEnvironment({ port, dataDir, database }),
        SYMBOLON_ISSUER: issuer,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const stop = async () => {
    // The child ends when nobody holds its input any more, also when this process is killed.
    child.stdin.end();
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  atEnd(stop);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`the second process ended: ${said}`)));
  });
  return { port, issuer, stop };
}
