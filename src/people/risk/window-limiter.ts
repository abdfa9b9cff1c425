/**
 * Attempts per window: the limiter library with a store of our own, in which the key is the `_id`. One command
 * counts an attempt, right under any number of processes; expiry is compared, never left to the TTL monitor.
 */
import type { Connection } from 'mongoose';
import { RateLimiterRes, RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import { isDuplicateKey } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { type ThrottleRecord, throttleCollection } from './model.ts';

/** So many attempts in so much time. */
export interface WindowRule {
  points: number;
  /** Length of the window in seconds; it begins with the first attempt. */
  seconds: number;
}

/** Counts in the collection `throttles`; keys must be unique across limiters. */
export class WindowLimiter extends RateLimiterStoreAbstract {
  readonly #throttles: ReturnType<typeof throttleCollection>;
  readonly #clock: Clock;

  /**
   * @param deps connection and clock
   * @param rule points and seconds of the window
   */
  constructor(deps: { connection: Connection; clock: Clock }, rule: WindowRule) {
    super({ storeClient: deps.connection, keyPrefix: '', points: rule.points, duration: rule.seconds });
    this.#throttles = throttleCollection(deps.connection);
    this.#clock = deps.clock;
  }

  /** Adds points within the window or begins a new one; a refund never goes below zero. */
  async _upsert(key: string, points: number, windowMs: number, replace: boolean): Promise<ThrottleRecord> {
    const now = dateOf(this.#clock);
    const expiresAt = dateOf(this.#clock, windowMs);
    const goesOn = replace ? false : { $gt: ['$expiresAt', now] };
    const before = { $cond: [goesOn, '$points', 0] };
    const update = [
      {
        $set: {
          points: { $max: [0, { $add: [before, points] }] },
          expiresAt: { $cond: [goesOn, '$expiresAt', expiresAt] },
        },
      },
    ];
    for (;;) {
      try {
        const record = await this.#throttles.findOneAndUpdate({ _id: key }, update, {
          upsert: true,
          returnDocument: 'after',
        });
        return record ?? { _id: key, points, expiresAt };
      } catch (error) {
        // Two first attempts at the same instant: the second counts on the first one's document.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  async _get(key: string): Promise<ThrottleRecord | null> {
    const record = await this.#throttles.findOne({ _id: key });
    return record && record.expiresAt > dateOf(this.#clock) ? record : null;
  }

  async _delete(key: string): Promise<boolean> {
    return (await this.#throttles.deleteOne({ _id: key })).deletedCount > 0;
  }

  _getRateLimiterRes(_key: string, changed: number, record: ThrottleRecord): RateLimiterRes {
    const left = Math.max(0, this.points - record.points);
    const wait = Math.max(0, record.expiresAt.getTime() - this.#clock.now());
    return new RateLimiterRes(left, wait, record.points, record.points === changed);
  }
}
