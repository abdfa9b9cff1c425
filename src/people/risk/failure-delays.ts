/**
 * Failures in a row: the first are free, then each makes the next attempt wait longer, and after the last none is
 * let through until the key is forgiven. One command counts an attempt before it is judged; a refused attempt
 * changes nothing.
 */
import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { throttleCollection } from './model.ts';

/** How failures in a row are answered. */
export interface DelayRule {
  /** Attempts that may follow each other at once. */
  free: number;
  /** Longest wait in seconds; the waits before it are 1, 2, 4, 8… */
  longestSeconds: number;
  /** Failures in a row after which only a recovery helps (NIST SP 800-63B-4 section 3.2.2: 100 at most). */
  most: number;
}

/** Counts failures in the collection `throttles`. */
export interface FailureDelays {
  /**
   * Counts an attempt unless it must wait; `afresh` forgets what was counted before.
   * Returns the milliseconds to wait, 0 when the attempt may go on.
   */
  attempt(key: string, rule: DelayRule, afresh: boolean): Promise<number>;
  /** Forgets the failures of the keys. One command. */
  forget(keys: readonly string[]): Promise<void>;
}

/** Failures in a row stay so for half a year without an attempt. */
const keptMs = 180 * 24 * 3_600_000;

/** What a caller is told who may not try again by waiting. */
const hopelessMs = 3_600_000;

/**
 * Builds the counters.
 * @param deps connection of the main database and clock
 */
export function createFailureDelays(deps: { connection: Connection; clock: Clock }): FailureDelays {
  const throttles = throttleCollection(deps.connection);
  return {
    async attempt(key, rule, afresh) {
      const now = deps.clock.now();
      const update = countingUpdate(rule, deps.clock, afresh);
      for (;;) {
        try {
          const record = await throttles.findOneAndUpdate({ _id: key }, update, {
            upsert: true,
            returnDocument: 'after',
          });
          if (!record || record.open) return 0;
          if (record.points >= rule.most) return hopelessMs;
          return Math.max(1, (record.notBefore?.getTime() ?? now) - now);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },
    async forget(keys) {
      await throttles.deleteMany({ _id: { $in: [...keys] } });
    },
  };
}

/** Judges and counts within the document's own update, so that of parallel attempts each sees the one before. */
function countingUpdate(rule: DelayRule, clock: Clock, afresh: boolean) {
  const now = dateOf(clock);
  const lives = afresh ? false : { $gt: ['$expiresAt', now] };
  const waits = { $and: [lives, { $gt: ['$notBefore', now] }] };
  const before = { $cond: [lives, '$points', 0] };
  const counted = { $add: [before, 1] };
  // 2 to the power of at most 20 is already longer than any longest wait.
  const exponent = { $min: [20, { $subtract: [counted, rule.free] }] };
  const seconds = { $min: [rule.longestSeconds, { $pow: [2, exponent] }] };
  // An attempt that none must wait for leaves no time behind: the clock of the next may stand a little earlier.
  const next = {
    $cond: [{ $lt: [counted, rule.free] }, '$$REMOVE', { $add: [now, { $multiply: [1000, seconds] }] }],
  };
  return [
    { $set: { open: { $and: [{ $not: [waits] }, { $lt: [before, rule.most] }] } } },
    {
      $set: {
        points: { $cond: ['$open', counted, '$points'] },
        notBefore: { $cond: ['$open', next, '$notBefore'] },
        expiresAt: { $cond: ['$open', dateOf(clock, keptMs), '$expiresAt'] },
      },
    },
  ];
}
