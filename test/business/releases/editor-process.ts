/** A second real process that works on the drafts of the same database: told what to do line by line, in JSON. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atEnd } from '../../support/database.ts';

/** What the process can be told. */
export type Order =
  | { do: 'edit'; id: string; version: number; minLength: number }
  | { do: 'carry-out' }
  | { do: 'publish-and-die'; id: string; version: number };

/** The running process. */
export interface EditorProcess {
  /** Does it, and says what came of it: an error's code, or `done`. Never settles for a process that dies. */
  tell(order: Order): Promise<string>;
  /** Settles when the process has ended. */
  ended: Promise<unknown>;
}

/** Starts the process; it is ended after the tests of the file. */
export async function startEditor(database: { uri: string; keysUri: string }): Promise<EditorProcess> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'editor-process-main.ts')],
    {
      env: { PATH: process.env.PATH ?? '', DATABASE: database.uri, KEYS: database.keysUri },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  atEnd(async () => {
    child.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  if ((await next()) !== 'ready') throw new Error('the process did not start');
  return {
    tell(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return next();
    },
    ended,
  };
}
