/** Transactions: a decision and its event are written together or not at all. Never retries a body that is not re-runnable. */
import type { ClientSession } from 'mongoose';
import mongoose from 'mongoose';
import type { Database } from './connection.ts';

/** The transaction a write belongs to. */
export type Tx = ClientSession;

/**
 * Runs a body in one transaction, majority-durable, and runs it again on a transient conflict: the body must
 * have no effect outside the transaction, and counters that must survive a refusal stay outside (they would be
 * rolled back with it).
 * @param db the databases
 * @param work the body; receives the transaction to pass to every read and write
 * @returns what the body returned, once it is durable
 */
export async function inTransaction<T>(db: Pick<Database, 'main'>, work: (tx: Tx) => Promise<T>): Promise<T> {
  const session = await db.main.startSession({
    defaultTransactionOptions: {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    },
  });
  try {
    const result = await session.withTransaction(() => {
      hooks.delete(session);
      return work(session);
    });
    for (const hook of hooks.get(session) ?? []) hook();
    return result;
  } finally {
    await session.endSession();
  }
}

/** What waits for a transaction's commit; a body that is run again starts with an empty list. */
const hooks = new WeakMap<Tx, (() => void)[]>();

/**
 * Calls back once the transaction is durable; never when it was rolled back.
 * @param tx the transaction
 * @param hook must not throw and must not be needed for correctness (a crash may skip it)
 */
export function afterCommit(tx: Tx, hook: () => void): void {
  const waiting = hooks.get(tx);
  if (waiting) waiting.push(hook);
  else hooks.set(tx, [hook]);
}

/**
 * Whether an error says that a document with this `_id` exists already (server error 11000).
 * @param error anything thrown by a write
 */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 11_000;
}

/**
 * Whether an error means that the database could not be reached or did not confirm in time, so that the
 * outcome is unknown or nothing was done: the answer is 503 and a later try is honest.
 * @param error anything thrown by the driver
 */
export function isStorageUnavailable(error: unknown): boolean {
  const { MongoNetworkError, MongoServerSelectionError, MongoWriteConcernError, MongoServerError } =
    mongoose.mongo;
  if (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    error instanceof mongoose.mongo.MongoNotConnectedError
  ) {
    return true;
  }
  if (error instanceof mongoose.Error.MongooseServerSelectionError) return true;
  if (error instanceof Error && poolErrors.has(error.name)) return true;
  return error instanceof MongoServerError && unavailableCodes.has(Number(error.code));
}

/** Server codes for "no primary", "shutting down", "write concern not met", "time limit". */
const unavailableCodes = new Set([
  6, 7, 50, 64, 89, 91, 100, 112, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
]);

/** The pool's own errors, which the driver does not export. */
const poolErrors = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError', 'MongoPoolClearedError']);
