/** A second process that writes an attribute again and again, once it is told to. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../support/database.ts';
import { issuerEnvironment } from '../../support/issuer.ts';

/** What the other process does. */
export interface Writing {
  memberId: string;
  rounds: number;
}

/** Starts the process; it writes `cars` when told. */
export async function startWriter(
  database: { uri: string; keysUri: string },
  writing: Writing,
): Promise<{ write(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'symbolon-writer-'));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'attribute-writer-main.ts'),
      JSON.stringify(writing),
    ],
    {
      env: { PATH: process.env.PATH ?? '', ...issuerEnvironment({ port: 1, dataDir, database }) },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<void>((resolve, reject) =>
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the other process ended: ${said}`)),
    ),
  );
  atEnd(async () => {
    child.stdin.end();
    await ended.catch(() => undefined);
    rmSync(dataDir, { recursive: true, force: true });
  });
  await Promise.race([new Promise<void>((resolve) => child.stdout.once('data', () => resolve())), ended]);
  return {
    write() {
      child.stdin.end('go\n');
      return ended;
    },
  };
}
