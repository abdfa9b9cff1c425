/** The outbox from outside: what waits, what died, and giving the dead another try. Runs no task. */
import type { Connection } from 'mongoose';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import { trusted } from './schema.ts';

/** How the outbox stands. */
export interface OutboxState {
  waiting: number;
  /** Seconds the oldest due task waits (0 when none does). */
  oldestDueSeconds: number;
  /** Tasks given up after their last try, by kind. */
  dead: Record<string, number>;
}

interface Task {
  _id: string;
  kind: string;
  state: string;
  notBefore: Date;
}

const tasks = (connection: Connection) => connection.collection<Task>('outbox');

/**
 * Counts what is in the outbox.
 * @param connection the main database
 * @param clock clock
 */
export async function outboxState(connection: Connection, clock: Clock): Promise<OutboxState> {
  const due = { state: 'due', notBefore: trusted({ $lte: dateOf(clock) }) };
  const [waiting, oldest, dead] = await Promise.all([
    tasks(connection).countDocuments({ state: 'due' }),
    tasks(connection).findOne(due, { sort: { notBefore: 1 }, projection: { notBefore: 1 } }),
    tasks(connection)
      .aggregate<{ _id: string; count: number }>([
        { $match: { state: 'dead' } },
        { $group: { _id: '$kind', count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      .toArray(),
  ]);
  return {
    waiting,
    oldestDueSeconds: oldest ? Math.max(0, (clock.now() - oldest.notBefore.getTime()) / 1000) : 0,
    dead: Object.fromEntries(dead.map(({ _id, count }) => [_id, count])),
  };
}

/**
 * Makes every dead task due again, with all its tries.
 * @param connection the main database
 * @param clock clock
 * @returns how many there were
 */
export async function retryDead(connection: Connection, clock: Clock): Promise<number> {
  const now = dateOf(clock);
  const revived = await tasks(connection).updateMany(
    { state: 'dead' },
    { $set: { state: 'due', notBefore: now, leasedUntil: new Date(0), attempts: 0 } },
  );
  return revived.modifiedCount;
}

/**
 * Makes one task that was given up, or was done less than a day ago, due again, with all its tries.
 * @param connection the main database
 * @param clock clock
 * @param id the task
 * @returns whether it is still there
 */
export async function retryTask(connection: Connection, clock: Clock, id: string): Promise<boolean> {
  const revived = await tasks(connection).updateOne(
    { _id: id, state: trusted({ $in: ['dead', 'done'] }) },
    {
      $set: { state: 'due', notBefore: dateOf(clock), leasedUntil: new Date(0), attempts: 0 },
      $unset: { expiresAt: '' },
    },
  );
  return revived.matchedCount > 0;
}
