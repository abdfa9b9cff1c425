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
