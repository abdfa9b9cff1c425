/**
 * Attempts per window: the limiter library with storage of our own, in which the key is the `_id`. One command
 * counts an attempt, right under any number of processes; expiry is compared, never left to the TTL monitor.
 */
import type { Connection } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { isDuplicateKey } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { type ThrottleRecord, throttleCollection } from './model.ts';

/** So many attempts in so much time. */
export interface WindowRule {
  points: number;
  /** Length of the window in seconds; it begins with the first attempt. */
  seconds: number;
}

/** Counts per window in the collection `throttles`. */
export interface WindowLimits {
  /** Counts an attempt; returns the milliseconds to wait, 0 when it may go on. One command. */
  attempt(key: string, rule: WindowRule): Promise<number>;
  /** Takes an attempt back. One command. */
  refund(key: string, rule: WindowRule): Promise<void>;
}

/**
 * Builds the counters.
 * @param deps connection of the main database and clock
 */
export function createWindowLimits(deps: { connection: Connection; clock: Clock }): WindowLimits {
  const limiters = new Map<WindowRule, WindowLimiter>();
  function limiterOf(rule: WindowRule): WindowLimiter {
    const limiter = limiters.get(rule) ?? new WindowLimiter(deps, rule);
    limiters.set(rule, limiter);
    return limiter;
  }
  return {
    async attempt(key, rule) {
      try {
        await limiterOf(rule).consume(key);
        return 0;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
        throw refusal;
      }
    },
    async refund(key, rule) {
      await limiterOf(rule).reward(key, 1);
    },
  };
}

/** The library's MongoDB limiter, its own second unique index replaced by `_id`; keys are unique across limiters. */
class WindowLimiter extends RateLimiterMongo {
  readonly #throttles: ReturnType<typeof throttleCollection>;
  readonly #clock: Clock;

  /**
   * @param deps connection and clock
   * @param rule points and seconds of the window
   */
  constructor(deps: { connection: Connection; clock: Clock }, rule: WindowRule) {
    super({
      storeClient: deps.connection,
      disableIndexesCreation: true,
      keyPrefix: '',
      points: rule.points,
      duration: rule.seconds,
    });
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

  _getRateLimiterRes(_key: string, changed: number, record: ThrottleRecord) {
    const left = Math.max(0, this.points - record.points);
    const wait = Math.max(0, record.expiresAt.getTime() - this.#clock.now());
    return new RateLimiterRes(left, wait, record.points, record.points === changed);
  }
}
