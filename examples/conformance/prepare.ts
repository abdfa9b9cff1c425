/**
 * Prepares a running issuer for the conformance suite: registers the suite's clients by the command line and writes
 * one configuration file per plan. Run where the issuer's configuration (environment, data folder) is at hand:
 * `node examples/conformance/prepare.ts <issuer> <suite> <folder> [alias] [brand] [member's mail address]`
 */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientsOf, type KeyPair, plansOf, type Setting } from './plans.ts';

const run = promisify(execFile);
const commandLine = join(import.meta.dirname, '../../scripts/symbolon.mjs');

/** A P-256 pair for ES256, its id in both halves. */
function keyPair(kid: string): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const marks = { kid, alg: 'ES256', use: 'sig' };
  return {
    private: { ...privateKey.export({ format: 'jwk' }), ...marks },
    public: { ...publicKey.export({ format: 'jwk' }), ...marks },
  };
}

async function symbolon(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [commandLine, ...args, '--json']);
  return JSON.parse(stdout);
}

const [issuer, suite, folder, alias = 'symbolon', brand = 'aurora-air', member = 'miles@xenia.example'] =
  process.argv.slice(2);
if (!issuer || !suite || !folder) {
  console.error('usage: prepare.ts <issuer> <suite> <folder> [alias] [brand] [mail address of a member]');
  process.exit(2);
}
const setting: Setting = { issuer, suite, alias, brand, member };
const keys: [KeyPair, KeyPair] = [keyPair('suite-1'), keyPair('suite-2')];
const scratch = mkdtempSync(join(tmpdir(), 'symbolon-conformance-'));
const secrets: Record<string, string> = {};
try {
  for (const client of clientsOf(setting, keys)) {
    const file = join(scratch, `${client.id}.json`);
    writeFileSync(file, JSON.stringify(client));
    const { secret } = await symbolon('clients', 'add', '--from', file);
    if (typeof secret === 'string') secrets[client.id] = secret;
    console.log(`registered ${client.id}`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
const invited = await symbolon('clients', 'invite', '--brand', brand, '--uses', '200', '--pkce-exempt');
mkdirSync(folder, { recursive: true });
for (const plan of plansOf(setting, keys, { secrets, invitation: String(invited.token) })) {
  // They hold secrets of the suite's clients.
  writeFileSync(join(folder, `${plan.file}.json`), `${JSON.stringify(plan.configuration, null, 2)}\n`, {
    mode: 0o600,
  });
  console.log(`${plan.name} ${join(folder, `${plan.file}.json`)}`);
}
