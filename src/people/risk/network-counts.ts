/**
 * Attempts per network address, counted in process memory and merged with the other processes' counts now and
 * then: an attempt costs no command. Approximate by what the other processes counted since the last merge.
 */
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { throttleModel } from './model.ts';
import type { WindowRule } from './window-limiter.ts';

/** The counts of a process. */
export interface NetworkCounts {
  /** Counts an attempt; returns the milliseconds to wait, 0 when it may go on. A refused attempt is not counted. */
  attempt(key: string, rule: WindowRule): number;
  /** Takes an attempt back. */
  refund(key: string, rule: WindowRule): void;
  /** Whether something was counted that the other processes do not know. */
  hasNews(): boolean;
  /** Tells the other processes and hears from them. Two commands, none without news. */
  merge(): Promise<void>;
}

interface Count {
  /** What all processes together had counted at the last merge. */
  shared: number;
  /** What this process has counted since. */
  own: number;
  endsAt: number;
}

/** Addresses a process remembers at once; beyond that the one counted longest ago is forgotten. */
const maxCounts = 100_000;

/**
 * Builds the counts.
 * @param deps connection of the main database and clock
 */
export function createNetworkCounts(deps: { connection: Connection; clock: Clock }): NetworkCounts {
  const throttles = throttleModel(deps.connection);
  const counts = new Map<string, Count>();
  const news = new Set<string>();

  /** Windows begin at the same times in every process, so that their counts can be added. */
  function current(key: string, rule: WindowRule): { id: string; count: Count } {
    const windowMs = rule.seconds * 1000;
    const start = Math.floor(deps.clock.now() / windowMs) * windowMs;
    const id = `${key}:${start.toString(36)}`;
    const count = counts.get(id) ?? { shared: 0, own: 0, endsAt: start + windowMs };
    counts.delete(id);
    counts.set(id, count);
    if (counts.size > maxCounts) drop(counts.keys().next().value ?? id);
    return { id, count };
  }

  function drop(id: string): void {
    counts.delete(id);
    news.delete(id);
  }

  function add(id: string, count: Count, points: 1 | -1): void {
    count.own += points;
    if (count.own === 0) news.delete(id);
    else news.add(id);
  }

  return {
    attempt(key, rule) {
      const { id, count } = current(key, rule);
      if (count.shared + count.own >= rule.points) return Math.max(1, count.endsAt - deps.clock.now());
      add(id, count, 1);
      return 0;
    },
    refund(key, rule) {
      const { id, count } = current(key, rule);
      if (count.shared + count.own > 0) add(id, count, -1);
    },
    hasNews: () => news.size > 0,
    async merge() {
      const now = deps.clock.now();
      for (const [id, count] of counts) if (count.endsAt <= now) drop(id);
      const told = [...news].flatMap((id) => {
        const count = counts.get(id);
        return count ? [{ id, count, own: count.own }] : [];
      });
      if (told.length === 0) return;
      await tell(deps, told);
      for (const { id, count, own } of told) {
        count.shared += own;
        count.own -= own;
        if (count.own === 0) news.delete(id);
      }
      const ids = told.map(({ id }) => id);
      for (const row of await throttles.find({ _id: trusted({ $in: ids }) }).lean()) {
        const count = counts.get(row._id);
        if (count) count.shared = Math.max(0, row.points);
      }
    },
  };
}

/** Adds what this process has counted to what all have. */
async function tell(
  { connection, clock }: { connection: Connection; clock: Clock },
  told: readonly { id: string; count: Count; own: number }[],
): Promise<void> {
  const upserts = told.map(({ id, count, own }) => ({
    updateOne: {
      filter: { _id: id },
      update: {
        $inc: { points: own },
        $setOnInsert: { expiresAt: dateOf(clock, count.endsAt - clock.now()) },
      },
      upsert: true,
    },
  }));
  await throttleModel(connection).bulkWrite(upserts, { ordered: false });
}
