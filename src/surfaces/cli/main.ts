/**
 * The entry of the command line: like src/main.ts it stands above all layers, joins what commands need and closes it
 * again. Started by scripts/symbolon.mjs.
 */
import path from 'node:path';
import { type Config, loadConfig, readEnvironment } from '../../base/config/load.ts';
import { connectDatabase, type Database, defaultKeysUri } from '../../base/db/connection.ts';
import { migrationStatus } from '../../base/db/migrations.ts';
import { runningMongod } from '../../base/db/mongod/attach.ts';
import { startMongod, withDatabase } from '../../base/db/mongod.ts';
import type { Tx } from '../../base/db/transaction.ts';
import { createI18n } from '../../base/i18n/i18n.ts';
import { systemClock } from '../../base/kernel/clock.ts';
import { createIds } from '../../base/kernel/ids.ts';
import { systemVisit } from '../../base/kernel/visit.ts';
import { createMailer } from '../../base/mail/mailer.ts';
import { createMailRenderer } from '../../base/mail/render.ts';
import { createLog } from '../../base/observability/log.ts';
import { createMetrics } from '../../base/observability/metrics.ts';
import { createRecordedJourneys } from '../../business/dry-runs/recorded.ts';
import { openConfiguration } from '../../business/layers/configuration.ts';
import { checkedFolder } from '../../business/releases/first-release.ts';
import { type Core, composeCore, surroundingsOf } from '../../compose-core.ts';
import { composeSites } from '../../compose-sites.ts';
import { demoRuns } from '../../demo-mark.ts';
import { dryRunsOf } from '../../journey-rules.ts';
import { allIndexes, migrations } from '../../migrations.ts';
import { createAttributeScan } from '../../people/members/attribute-scan.ts';
import { createMemberKeys } from '../../people/members/member-keys.ts';
import { memberValues } from '../../people/members/member-values.ts';
import { createMembers } from '../../people/members/members.ts';
import { memberCollections } from '../../people/members/model.ts';
import { createStaff } from '../../people/staff/staff.ts';
import { createArtefactStore } from '../../protocol/oidc/artefacts/store.ts';
import { createSessions } from '../../protocol/oidc/sessions.ts';
import { standingOf } from '../desk/standing.ts';
import { Refusal } from './answer.ts';
import { run } from './run.ts';
import type { OpenProgram, World } from './world.ts';

const clock = systemClock;
const ids = createIds();

/** Opens the configured databases, or the embedded ones: those that run, else started for the time of the work. */
async function openDatabases<T>(config: Config, work: (db: Database) => Promise<T>): Promise<T> {
  const own = config.mongodbUri ? undefined : await embedded(config);
  const uri = config.mongodbUri ?? own?.uri ?? '';
  try {
    const keysUri = config.mongodbKeysUri ?? defaultKeysUri(uri);
    const db = await connectDatabase({ uri, keysUri, appName: 'symbolon-command' });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await own?.stop();
  }
}

async function embedded(config: Config): Promise<{ uri: string; stop(): Promise<void> }> {
  const dataDir = path.join(config.dataDir, 'db');
  const running = await runningMongod(dataDir);
  if (running) return { uri: withDatabase(running, 'symbolon'), stop: async () => undefined };
  const log = createLog({ level: 'silent' });
  const started = await startMongod({ dataDir, log, env: readEnvironment() });
  return { uri: withDatabase(started.uri, 'symbolon'), stop: () => started.stop() };
}

/** Composes the program on databases; nothing it opens outlives the work. */
async function openProgram<T>(
  plain: Config,
  db: Database,
  work: (program: OpenProgram) => Promise<T>,
): Promise<T> {
  const { pending } = await migrationStatus(db, migrations);
  if (pending.length > 0) {
    throw new Refusal(
      `The database is not ready for this release (${pending.join(', ')} pending). Start the issuer, or run "symbolon migrate up".`,
    );
  }
  // The upstreams of a demo are configured in its own process alone.
  const config = demoRuns(plain.dataDir) ? (await import('../../demo.ts')).withDemoUpstreams(plain) : plain;
  const log = createLog({ level: 'silent' });
  const core = await composeCore(
    { config, clock, ids, log, metrics: createMetrics({ processMetrics: false }) },
    db,
  );
  try {
    return await work(programOf(core));
  } finally {
    await core.outbox.stop();
    await core.close();
  }
}

function programOf(core: Core): OpenProgram {
  const { db, keys, events, outbox, identifierKeys } = core;
  const memberKeys = createMemberKeys({
    keys: db.keys,
    keysInTransaction: db.keysInTransaction,
    wrap: keys.sealer('member-keys'),
    clock,
    ids,
  });
  const mailer = createMailer<Tx>({
    // A command leaves mails to the running issuer: it writes them and sends none.
    outbox: { add: outbox.add, handle: () => undefined },
    render: createMailRenderer(createI18n()),
    transport: { send: async () => undefined, close: () => undefined },
  });
  const members = createMembers({ db, clock, ids, identifierKeys, keys: memberKeys, events });
  const sessions = createSessions({
    connection: db.main,
    store: createArtefactStore(db.main, memberCollections.members),
    sealer: keys.sealer('artefacts'),
    clock,
    liveEpoch: async (id) => {
      const member = await members.get(id);
      return member?.status === 'active' ? member.securityEpoch : undefined;
    },
  });
  const i18n = createI18n();
  // A command reads the journeys and counts none.
  const recorded = createRecordedJourneys({ connection: db.main, clock, onLost: () => undefined });
  const dryRuns = dryRunsOf(core, recorded, i18n);
  const { host, port } = core.config;
  const sites = composeSites(core, {
    i18n,
    listener: () => ({ host, port }),
    // The issuer is another process: it hears of a new layer within a second.
    patienceMs: 3_000,
  });
  const staff = createStaff({ db, clock, events });
  core.workflow.knowValues(memberValues(createAttributeScan({ db, keys: memberKeys }), clock));
  core.workflow.knowStanding(standingOf({ ...core, staff, members }));
  return { ...core, members, staff, mailer, sessions, sites, dryRuns };
}

const world: World = {
  clock,
  ids,
  migrations,
  indexes: allIndexes,
  config: () => loadConfig(readEnvironment()),
  readProgram(config) {
    const items = checkedFolder(config.programDir, surroundingsOf(config));
    const { brands, markets, legal } = openConfiguration(items);
    return { brands: brands.size, markets: markets.size, documents: legal.size };
  },
  withDatabase(work) {
    const config = world.config();
    return openDatabases(config, (db) => work(db, config));
  },
  withProgram(work) {
    const config = world.config();
    return openDatabases(config, (db) => openProgram(config, db, (program) => work(program, config)));
  },
  visit: () => systemVisit(ids.id('cmd'), { kind: 'operator', id: 'command-line' }),
};

process.exitCode = await run(process.argv.slice(2), world, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
