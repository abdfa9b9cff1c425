/**
 * The one door for tests of the whole product: a running issuer on a database of its own, with its mailbox, a clock
 * that can be moved, and clients to talk to.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadConfig } from '../../src/base/config/load.ts';
import type { Clock } from '../../src/base/kernel/clock.ts';
import { createIds } from '../../src/base/kernel/ids.ts';
import { systemVisit } from '../../src/base/kernel/visit.ts';
import { type DevMailbox, startDevMailbox } from '../../src/base/mail/dev-mailbox.ts';
import { createLog } from '../../src/base/observability/log.ts';
import { createMetrics } from '../../src/base/observability/metrics.ts';
import type { ClientDraft } from '../../src/business/clients/client-input.ts';
import { type RunningIssuer, startIssuerProcess } from '../../src/start.ts';
import { Agent } from './agent.ts';
import { atEnd, freshDatabaseAddress } from './database.ts';
import { freePort } from './ports.ts';

/** A clock that tests move; the protocol library reads the same time. */
export interface TestClock extends Clock {
  /** Moves time forward. */
  advance(ms: number): void;
}

/** What a test may choose. */
export interface IssuerOptions {
  /** Further environment variables of the process configuration. */
  env?: Record<string, string>;
  /** Uses an existing database, for tests with several processes. */
  database?: { uri: string; keysUri: string };
  port?: number;
}

/** An issuer under test. */
export interface TestIssuer extends RunningIssuer {
  url: string;
  clock: TestClock;
  mailbox: DevMailbox;
  /** Every line the issuer logged, as written. */
  logLines: string[];
  /** A browser without JavaScript: cookies, redirects, forms. */
  agent(headers?: Record<string, string>): Agent;
  /** Registers a client; the secret is `secret-of-<id>-0123456789abcdef0123456789`. */
  client(draft: ClientDraft & { id: string }): Promise<{ id: string; secret: string }>;
}

/** Secrets that the whole run shares, so that two processes of a test understand each other. */
const testKey = (fill: number) => `test:${Buffer.alloc(32, fill).toString('base64url')}`;

/**
 * Moves the time of everything in this process: `Date.now()`, which the product's clock and the protocol library read,
 * and `new Date()`, which the job queue reads too. Were they to differ, the queue would run its jobs without pause.
 */
export function testClock(): TestClock {
  const RealDate = Date;
  let offset = 0;
  const now = () => RealDate.now() + offset;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  return {
    now,
    advance(ms) {
      offset += ms;
    },
  };
}

/**
 * The process configuration of an issuer under test, as environment variables.
 * @param where its port, data folder and databases
 */
export function issuerEnvironment(where: {
  port: number;
  dataDir: string;
  database: { uri: string; keysUri: string };
}): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PORT: String(where.port),
    SYMBOLON_OPS_PORT: '0',
    SYMBOLON_DATA_DIR: where.dataDir,
    SYMBOLON_MASTER_KEYS: testKey(7),
    SYMBOLON_IDENTIFIER_KEYS: testKey(8),
    SYMBOLON_ARGON2_MEMORY_KIB: '8192',
    SYMBOLON_ARGON2_PASSES: '1',
    SYMBOLON_PASSWORD_BREACH_URL: 'off',
    // Tests that move the clock by months would see keys change under them.
    SYMBOLON_KEY_ROTATION_DAYS: '0',
    MONGODB_URI: where.database.uri,
    MONGODB_KEYS_URI: where.database.keysUri,
  };
}

/**
 * Starts an issuer for the tests of one file; it is stopped after them.
 * @param options environment, database, port
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<TestIssuer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'symbolon-issuer-'));
  const clock = testClock();
  const mailbox = await startDevMailbox({ smtpPort: 0, clock });
  let stop = async () => {};
  atEnd(async () => {
    await stop();
    await mailbox.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const database = options.database ?? freshDatabaseAddress();
  const port = options.port ?? (await freePort());
  const config = loadConfig({ ...issuerEnvironment({ port, dataDir, database }), ...options.env });
  const logLines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(String(chunk));
      done();
    },
  });
  const log = createLog({ level: 'debug', destination });
  const metrics = createMetrics({ processMetrics: false });
  const running = await startIssuerProcess({
    config,
    clock,
    ids: createIds(),
    log,
    metrics,
    smtpUrl: mailbox.smtpUrl,
  });
  stop = running.stop;
  const url = config.issuer;
  return {
    ...running,
    url,
    clock,
    mailbox,
    logLines,
    agent: (headers) => new Agent(url, headers),
    async client(draft) {
      const secret = `secret-of-${draft.id}-0123456789abcdef0123456789`;
      const withSecret = draft.metadata.token_endpoint_auth_method !== 'none';
      await running.issuer.core.clients.ensure(draft, systemVisit('test'), ...(withSecret ? [secret] : []));
      return { id: draft.id, secret };
    },
  };
}
