/** The part of `doctor` that looks at the database: server, clock, history, indexes, keys, outbox, housekeeping. */
import { type Config, readEnvironment } from '../../base/config/load.ts';
import type { Database } from '../../base/db/connection.ts';
import { migrationStatus, missingIndexes } from '../../base/db/migrations.ts';
import { outboxState } from '../../base/db/outbox-state.ts';
import {
  memoryDisclosureFix,
  oldestExpired,
  type ServerFacts,
  serverFacts,
} from '../../base/db/server-facts.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { createEnvelope } from '../../base/keys/envelope.ts';
import { type InspectedKey, inspectKeys, missingUses } from '../../base/keys/inspect.ts';
import { KeyServiceFault, type Kms, loadKms } from '../../base/keys/kms.ts';
import { isSigning } from '../../base/keys/model.ts';
import { createDeliveries } from '../../protocol/deliveries/deliveries.ts';
import { span } from './answer.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import type { World } from './world.ts';

const oldestSupported = 6;
const clockWarningMs = 2_000;
const clockFaultMs = 30_000;
const daySeconds = 86_400;
/** Where keys rotate by command only. */
const keyAgeDays = 365;
/** How late the schedule may be: the next key has to be published for a day first, and a job may miss its turn. */
const lateDays = 7;
const waitingSeconds = 300;
const behindSeconds = 3_600;
const troubleDays = 7;

/**
 * Looks at the database; changes nothing.
 * @param world the rest
 * @param db the databases
 * @param config process configuration
 */
export async function databaseFindings(world: World, db: Database, config: Config): Promise<Finding[]> {
  const before = world.clock.now();
  const facts = await serverFacts(db);
  const offset = facts.now - (before + world.clock.now()) / 2;
  return [
    serverFinding(facts),
    versionFinding(facts),
    clockFinding(offset),
    await migrationFinding(world, db),
    await indexFinding(world, db),
    ...(await keyFindings(world, db, config)),
    await outboxFinding(world, db),
    ...(await deliveryFindings(world, db)),
    await housekeepingFinding(world, db),
  ];
}

function serverFinding({ replicaSet }: ServerFacts): Finding {
  return replicaSet === undefined
    ? fault(
        'mongodb',
        'The database is a lone server: it has no transactions and no change streams.',
        'Start it as a replica set (mongod --replSet), at least three members in production.',
      )
    : ok('mongodb', `The database answers, replica set ${replicaSet}.`);
}

function versionFinding({ version, withoutZlib }: ServerFacts): Finding {
  if (Number.parseInt(version, 10) < oldestSupported)
    return fault('mongodb version', `MongoDB ${version} is too old.`, 'Upgrade to MongoDB 7.0 or 8.0.');
  const mended = memoryDisclosureFix(version);
  if (mended === undefined) return ok('mongodb version', `MongoDB ${version}.`);
  if (withoutZlib === true)
    return ok(
      'mongodb version',
      `MongoDB ${version}; its flaw in compressed messages is closed off by its settings.`,
    );
  return warning(
    'mongodb version',
    `MongoDB ${version} can be made to give away its memory before anybody has signed in (CVE-2025-14847).`,
    `Upgrade to ${mended}, or start mongod with --networkMessageCompressors snappy.`,
  );
}

function clockFinding(offsetMs: number): Finding {
  const size = Math.abs(offsetMs);
  const message = `This machine's clock and the database's differ by ${(size / 1000).toFixed(1)} seconds.`;
  const fix = 'Let both machines follow the same time servers (NTP).';
  if (size >= clockFaultMs) return fault('clock', message, fix);
  return size >= clockWarningMs ? warning('clock', message, fix) : ok('clock', message);
}

async function migrationFinding(world: World, db: Database): Promise<Finding> {
  const { pending } = await migrationStatus(db, world.migrations);
  return pending.length > 0
    ? fault('migrations', `Pending: ${pending.join(', ')}.`, 'symbolon migrate up')
    : ok('migrations', 'Every migration is applied.');
}

async function indexFinding(world: World, db: Database): Promise<Finding> {
  const missing = await missingIndexes(db, world.indexes);
  return missing.length > 0
    ? fault(
        'indexes',
        `Missing: ${missing.join('; ')}.`,
        'symbolon migrate up; if nothing is pending, somebody dropped them: create them again with these keys.',
      )
    : ok('indexes', 'Every declared index exists.');
}

async function keyFindings(world: World, db: Database, config: Config): Promise<Finding[]> {
  let kms: Kms | undefined;
  try {
    kms = await loadKms(config.kmsModule, readEnvironment());
  } catch (error) {
    if (!(error instanceof KeyServiceFault)) throw error;
    return [
      fault('keys', `No key can be opened: ${error.message}.`, 'Mend the module or what it connects to.'),
    ];
  }
  const keys = await inspectKeys(db.main, createEnvelope({ all: config.masterKeys }, kms));
  const closed = keys.filter((key) => !key.opens);
  const missing = missingUses(keys);
  if (closed.length > 0)
    return [
      fault(
        'keys',
        `No configured master key opens: ${closed.map(({ id }) => id).join(', ')}.`,
        'Add the master key that wrapped them to the end of SYMBOLON_MASTER_KEYS.',
      ),
    ];
  if (missing.length > 0)
    return [
      fault('keys', `Missing: ${missing.join(', ')}.`, 'Start the issuer once: it makes what is missing.'),
    ];
  return [...ageFindings(world, keys, config), masterKeyFinding(keys)];
}

/** A master key may be removed once nothing depends on it; until then a process without it does not start. */
function masterKeyFinding(keys: readonly InspectedKey[]): Finding {
  const older = keys.filter((key) => key.older);
  return older.length === 0
    ? ok('master keys', 'Every stored key is sealed with the newest master key.')
    : warning(
        'master keys',
        `Sealed with an older master key: ${older.length} of ${keys.length} stored keys. It must stay in SYMBOLON_MASTER_KEYS.`,
        'symbolon keys rewrap, once every process has been restarted with the newest master key',
      );
}

function ageFindings(world: World, keys: readonly InspectedKey[], { keyRotationDays }: Config): Finding[] {
  const allowedDays = keyRotationDays > 0 ? keyRotationDays + lateDays : keyAgeDays;
  const oldSeconds = (since: Date) => (world.clock.now() - since.getTime()) / 1000;
  const old = keys.filter(
    ({ use, state, since }) =>
      isSigning(use) && state === 'current' && oldSeconds(since) > allowedDays * daySeconds,
  );
  if (old.length === 0)
    return [ok('keys', `Every key is there and opens; signing keys are younger than ${allowedDays} days.`)];
  return old.map(({ use, since }) =>
    warning(
      'keys',
      `The ${use} key signs for ${span(oldSeconds(since))} now.`,
      keyRotationDays > 0
        ? 'It should have rotated by itself: check that an issuer runs and look for failed jobs (keys.rotate) in its log.'
        : `symbolon keys rotate ${use} --yes`,
    ),
  );
}

async function outboxFinding(world: World, db: Database): Promise<Finding> {
  const { oldestDueSeconds, dead, waiting } = await outboxState(db.main, world.clock);
  const given = Object.entries(dead).map(([kind, count]) => `${count} of ${kind}`);
  if (given.length > 0)
    return fault(
      'outbox',
      `Given up after the last try: ${given.join(', ')}.`,
      'Mend what they need (mail server, relying parties; the log names the error), then: symbolon outbox retry',
    );
  return oldestDueSeconds > waitingSeconds
    ? warning(
        'outbox',
        `Work waits for ${span(oldestDueSeconds)}.`,
        'Check that an issuer runs and that its mail server answers.',
      )
    : ok('outbox', `${waiting} waiting, none for long, none given up.`);
}

async function deliveryFindings(world: World, db: Database): Promise<Finding[]> {
  const since = dateOf(world.clock, -troubleDays * 86_400_000);
  const troubles = await createDeliveries({ connection: db.main, clock: world.clock }).troubles(since);
  if (troubles.length === 0) return [ok('deliveries', 'Every relying party takes its logout notices.')];
  return troubles.map(({ client, failed, refused, last }) =>
    warning(
      'deliveries',
      `${client} did not take logout notices of the last ${troubleDays} days: ${failed} given up, ${refused} refused (the last: ${last}).`,
      `Let its operators look at its back-channel logout address; symbolon deliveries list --client ${client}`,
    ),
  );
}

async function housekeepingFinding(world: World, db: Database): Promise<Finding> {
  const behind = (await oldestExpired(db, world.indexes, world.clock.now())).filter(
    ({ seconds }) => seconds > behindSeconds,
  );
  return behind.length === 0
    ? ok('housekeeping', 'Nothing that has expired stays behind.')
    : warning(
        'housekeeping',
        `Expired documents stay: ${behind.map(({ collection, seconds }) => `${collection} for ${span(seconds)}`).join(', ')}.`,
        'Check that the TTL monitor of MongoDB runs (ttlMonitorEnabled) and has the indexes.',
      );
}
