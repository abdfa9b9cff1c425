/** The command line as an operator runs it: the real script in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { atEnd, freshDatabaseAddress } from './database.ts';
import { issuerEnvironment } from './issuer.ts';

/** How a command ended. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** A command line on databases of its own, or on those of a running issuer. */
export interface CommandLine {
  env: Record<string, string>;
  database: { uri: string; keysUri: string };
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Runs a command with `--json` and reads its answer, whatever its exit code. */
  json(...args: string[]): Promise<{ code: number | null; data: Record<string, unknown> }>;
}

const root = resolve(import.meta.dirname, '../..');

/**
 * Prepares a command line.
 * @param options port and databases of a running issuer; further environment
 */
export function commandLine(
  options: {
    port?: number;
    database?: { uri: string; keysUri: string };
    env?: Record<string, string>;
    /** Data folder of an embedded database, in the place of configured databases. */
    embedded?: string;
  } = {},
): CommandLine {
  const scratch = mkdtempSync(join(tmpdir(), 'symbolon-command-'));
  atEnd(async () => rmSync(scratch, { recursive: true, force: true }));
  const dataDir = options.embedded ?? scratch;
  const database = options.database ?? freshDatabaseAddress();
  const { MONGODB_URI, MONGODB_KEYS_URI, ...unconnected } = issuerEnvironment({
    port: options.port ?? 1,
    dataDir,
    database,
  });
  const { PATH = '', MONGOD_BINARY } = process.env;
  const env = {
    PATH,
    ...(MONGOD_BINARY && { MONGOD_BINARY }),
    ...unconnected,
    ...(options.embedded === undefined && { MONGODB_URI, MONGODB_KEYS_URI }),
    ...options.env,
  } as Record<string, string>;
  const run = (...args: string[]) => runScript(env, args);
  return {
    env,
    database,
    run,
    async json(...args) {
      const { code, out, err } = await run(...args, '--json');
      return { code, data: JSON.parse(out || err) };
    },
  };
}

function runScript(env: Record<string, string>, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'scripts/symbolon.mjs'), ...args], { cwd: root, env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('close', (code) => ended({ code, out, err }));
  });
}
