/**
 * Migrations: run once each, in order, by one process at a time; a second process waits. Each must be resumable
 * (killed in the middle, it is run again) and must leave the release before it able to serve.
 */
import type { Connection } from 'mongoose';
import { Umzug } from 'umzug';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import type { Database } from './connection.ts';
import { type IndexDeclaration, modelOf, trusted } from './schema.ts';
import { isDuplicateKey } from './transaction.ts';

/** One step of the database's history. */
export interface Migration {
  /** Sorts by name: `0001-indexes`. */
  name: string;
  up: (db: Database) => Promise<void>;
}

/** Where the database stands. */
export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

interface MigrationRecord {
  _id: string;
  at: Date;
  holder?: string;
}

const migrationModel = (connection: Connection) =>
  modelOf<MigrationRecord>(connection, 'migrations', {
    _id: String,
    at: { type: Date, required: true },
    holder: String,
  });

const lockId = 'lock';
const lockMs = 60_000;
const waitMs = 250;

/**
 * What has been applied and what has not.
 * @param db the databases
 * @param migrations every migration of this release
 */
export async function migrationStatus(
  db: Database,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const applied = await appliedNames(db.main);
  return { applied, pending: migrations.map((step) => step.name).filter((name) => !applied.includes(name)) };
}

/**
 * Applies every pending migration; waits while another process does.
 * @param db the databases
 * @param migrations every migration of this release, in order
 * @param deps clock; `holder` names this process in the lock
 * @returns names of the migrations applied now
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  deps: { clock: Clock; holder: string },
): Promise<string[]> {
  const model = migrationModel(db.main);
  await takeLock(db.main, deps);
  const keepAlive = setInterval(() => {
    void model
      .updateOne({ _id: lockId, holder: deps.holder }, { $set: { at: dateOf(deps.clock) } })
      .catch(() => undefined);
  }, lockMs / 4);
  try {
    const umzug = new Umzug({
      migrations: migrations.map((step) => ({ name: step.name, up: () => step.up(db) })),
      logger: undefined,
      storage: {
        executed: () => appliedNames(db.main),
        logMigration: async ({ name }) => {
          await model.updateOne({ _id: name }, { $set: { at: dateOf(deps.clock) } }, { upsert: true });
        },
        unlogMigration: async ({ name }) => {
          await model.deleteOne({ _id: name });
        },
      },
    });
    return (await umzug.up()).map((step) => step.name);
  } finally {
    clearInterval(keepAlive);
    await model.deleteOne({ _id: lockId, holder: deps.holder });
  }
}

async function appliedNames(connection: Connection): Promise<string[]> {
  const model = migrationModel(connection);
  const rows = await model
    .find({ _id: trusted({ $ne: lockId }) })
    .sort({ _id: 1 })
    .lean();
  return rows.map((row) => row._id);
}

/** Waits for the lock; one that was not kept alive for a minute belongs to a dead process. */
async function takeLock(connection: Connection, deps: { clock: Clock; holder: string }): Promise<void> {
  const model = migrationModel(connection);
  for (;;) {
    try {
      await model.create([{ _id: lockId, at: dateOf(deps.clock), holder: deps.holder }]);
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const stale = dateOf(deps.clock, -lockMs);
    await model.deleteOne({ _id: lockId, at: trusted({ $lt: stale }) });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/**
 * Creates every declared index and the collections they need; running it again changes nothing.
 * @param db the databases
 * @param declarations indexes of every module
 */
export async function ensureIndexes(db: Database, declarations: readonly IndexDeclaration[]): Promise<void> {
  for (const { collection, database = 'main', keys, options } of declarations) {
    await db[database].collection(collection).createIndex(keys as Record<string, 1 | -1>, options ?? {});
  }
}

/**
 * Declared indexes that the databases do not have.
 * @param db the databases
 * @param declarations indexes of every module
 * @returns `collection: keys` of each missing index
 */
export async function missingIndexes(
  db: Database,
  declarations: readonly IndexDeclaration[],
): Promise<string[]> {
  const missing: string[] = [];
  for (const { collection, database = 'main', keys } of declarations) {
    const existing = await db[database]
      .collection(collection)
      .indexes()
      .catch(() => []);
    const wanted = JSON.stringify(keys);
    if (!existing.some((index) => JSON.stringify(index.key) === wanted))
      missing.push(`${collection}: ${wanted}`);
  }
  return missing;
}
