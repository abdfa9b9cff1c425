/**
 * Counts the journeys that people really make, by shape, to replay them against a new configuration. Counting costs a
 * request nothing: it adds to a number in memory, which is written a little later. What cannot be kept is lost and
 * counted as lost. Never keeps anything of a person.
 */
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { digest } from '../../base/kernel/sealing.ts';
import { canonicalJson } from '../layers/json.ts';
import type { RecordedShape } from './journey.ts';
import { recordedJourneyModel, type StoredJourney } from './model.ts';

/** A shape of journeys that people really made. */
export interface RecordedJourney extends RecordedShape {
  count: number;
}

/** The journeys that people really made. */
export interface RecordedJourneys {
  /** Counts a journey that has come to its end; returns at once and never fails. */
  note(shape: RecordedShape): void;
  /** Every shape, the most frequent first. */
  list(): Promise<RecordedJourney[]>;
  /** Writes what is still only in memory. */
  flush(): Promise<void>;
  /** Writes what is still only in memory and rests. */
  close(): Promise<void>;
}

/** What the recorded journeys are made of. */
export interface RecordedJourneysDeps {
  connection: Connection;
  clock: Clock;
  /** Told how many journeys were not counted. */
  onLost(count: number): void;
  /** How long counts stay in memory alone, in milliseconds (default 10 s). */
  flushEveryMs?: number;
  /** Most shapes kept (default 5,000). */
  most?: number;
}

const dayMs = 86_400_000;
const keptDays = 90;

interface Counted {
  shape: RecordedShape;
  count: number;
}

/**
 * Opens the recorded journeys.
 * @param deps connection, clock, limits
 */
export function createRecordedJourneys(deps: RecordedJourneysDeps): RecordedJourneys {
  const { connection, clock, onLost, flushEveryMs = 10_000, most = 5_000 } = deps;
  const model = recordedJourneyModel(connection);
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  function note(shape: RecordedShape): void {
    const { kind, brand, market, client, method, locale } = shape;
    const whole: RecordedShape = { kind, brand, market, client, method, locale };
    const id = digest(canonicalJson(whole));
    const known = counted.get(id);
    if (!known && counted.size >= most) {
      onLost(1);
      return;
    }
    counted.set(id, { shape: whole, count: (known?.count ?? 0) + 1 });
    if (closed || timer) return;
    timer = setTimeout(() => void flush(), flushEveryMs);
    timer.unref();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = counted;
    counted = new Map();
    if (batch.size > 0)
      writing = writing.then(() => write(batch)).then(onLost, () => onLost(sumOf(batch.values())));
    return writing;
  }

  /** Known shapes are counted up; new ones are added while there is room. Returns how many journeys were lost. */
  async function write(batch: ReadonlyMap<string, Counted>): Promise<number> {
    const ids = [...batch.keys()];
    const present = await model.find({ _id: trusted({ $in: ids }) }, { _id: 1 }).lean<{ _id: string }[]>();
    const known = new Set(present.map(({ _id }) => _id));
    const fresh = ids.filter((id) => !known.has(id));
    const room = fresh.length > 0 ? Math.max(0, most - (await model.countDocuments({}))) : 0;
    const lost = new Set(fresh.slice(room));
    const kept = [...batch].filter(([id]) => !lost.has(id));
    if (kept.length > 0)
      await model.bulkWrite(
        kept.map(([id, each]) => upsertOf(id, each, clock)),
        { ordered: false },
      );
    return sumOf([...lost].flatMap((id) => batch.get(id) ?? [])) + (await pruned());
  }

  /** Several processes may have found the same room: what is one too many goes, the rarest first. */
  async function pruned(): Promise<number> {
    const excess = (await model.countDocuments({})) - most;
    if (excess <= 0) return 0;
    const rare = await model
      .find({}, { count: 1 })
      .sort({ count: 1, _id: 1 })
      .limit(excess)
      .lean<StoredJourney[]>();
    // Each counts what it took away itself: two processes may have found the same ones.
    const gone = await Promise.all(
      rare.map(({ _id }) => model.findOneAndDelete({ _id }).lean<StoredJourney>()),
    );
    return sumOf(gone.flatMap((each) => each ?? []));
  }

  return {
    note,
    async list() {
      const rows = await model
        .find({ expiresAt: trusted({ $gt: new Date(clock.now()) }) })
        .sort({ count: -1, _id: 1 })
        .limit(most)
        .lean<StoredJourney[]>();
      return rows.map(({ _id, lastDay: _day, expiresAt: _until, ...row }) => ({
        ...row,
        client: row.client ?? '',
      }));
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}

function upsertOf(id: string, { shape, count }: Counted, clock: Clock) {
  const lastDay = new Date(Math.floor(clock.now() / dayMs) * dayMs);
  const expiresAt = new Date(lastDay.getTime() + keptDays * dayMs);
  return {
    updateOne: {
      filter: { _id: id },
      update: { $setOnInsert: { ...shape }, $inc: { count }, $max: { lastDay, expiresAt } },
      upsert: true,
    },
  };
}

function sumOf(each: Iterable<{ count: number }>): number {
  let sum = 0;
  for (const { count } of each) sum += count;
  return sum;
}
