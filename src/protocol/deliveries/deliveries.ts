/**
 * The delivery records: one document per notice and relying party that says how its delivery stands, so that an
 * operator can see who was told and who was not. Owns what is written down; never posts anything, and never knows a
 * member, a token or an address.
 */
import type { Connection } from 'mongoose';
import { retryTask } from '../../base/db/outbox-state.ts';
import { trusted } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { type DeliveryRecord, type DeliveryState, deliveryModel } from './model.ts';

/** What one try came to. */
export interface DeliveryOutcome {
  state: DeliveryState;
  /** HTTP status of the answer. */
  status?: number;
  /** Why there was no answer, or why nothing was sent. */
  code?: string;
}

/** A delivery as it is shown. */
export type Delivery = Omit<DeliveryRecord, '_id' | 'expiresAt'> & { id: string };

/** How the deliveries to one client went. */
export interface ClientDeliveries {
  client: string;
  /** Given up after the last try. */
  failed: number;
  /** Refused for good. */
  refused: number;
  /** HTTP status or code of the last one. */
  last: string;
}

/** The delivery records as the rest of the house sees them. */
export interface Deliveries {
  /** Writes down what is owed, by one command. @throws a duplicate key when it was before */
  owe(tx: Tx, owed: readonly { id: string; client: string }[]): Promise<void>;
  /** How a delivery stands. */
  stateOf(id: string): Promise<DeliveryState | undefined>;
  /** Writes down what a try came to. */
  note(id: string, client: string, outcome: DeliveryOutcome): Promise<void>;
  /** Newest first. */
  list(query: DeliveryQuery): Promise<Delivery[]>;
  /**
   * Makes a delivery that failed or was refused due again.
   * @returns `again`; `unknown` without such a delivery; `settled` when it is due, delivered or dropped; `forgotten`
   * when the notice itself is not kept any more
   */
  retry(id: string): Promise<'again' | 'unknown' | 'settled' | 'forgotten'>;
  /** Clients to whom something failed or was refused since then, those with most first. */
  troubles(since: Date): Promise<ClientDeliveries[]>;
  /** Age of the oldest delivery that is still due, in seconds (0 when there is none). */
  oldestDueSeconds(): Promise<number>;
}

/** Which deliveries to list. */
export interface DeliveryQuery {
  client?: string | undefined;
  state?: DeliveryState | undefined;
  /** At most so many. */
  limit: number;
}

/** A record is deleted so long after the sign-out, however its delivery ended. */
export const retentionDays = 30;

const dayMs = 86_400_000;

/**
 * Builds the delivery records.
 * @param deps connection of the main database, clock
 */
export function createDeliveries(deps: { connection: Connection; clock: Clock }): Deliveries {
  const { clock } = deps;
  const model = deliveryModel(deps.connection);
  const begun = () => ({ createdAt: dateOf(clock), expiresAt: dateOf(clock, retentionDays * dayMs) });
  return {
    async owe(tx, owed) {
      const records = owed.map(
        ({ id, client }): DeliveryRecord => ({ _id: id, client, state: 'due', attempts: 0, ...begun() }),
      );
      await model.insertMany(records, { session: tx });
    },
    stateOf: async (id) => (await model.findOne({ _id: id }).lean<DeliveryRecord>())?.state,
    async note(id, client, { state, status, code }) {
      const gone = { ...(status === undefined && { status: '' }), ...(code === undefined && { code: '' }) };
      await model.updateOne(
        { _id: id },
        {
          $set: {
            state,
            triedAt: dateOf(clock),
            ...(status !== undefined && { status }),
            ...(code !== undefined && { code }),
          },
          $unset: gone,
          $inc: { attempts: 1 },
          $setOnInsert: { client, ...begun() },
        },
        { upsert: true },
      );
    },
    async list({ client, state, limit }) {
      const found = await model
        .find({ ...(client !== undefined && { client }), ...(state !== undefined && { state }) })
        .sort({ createdAt: -1, _id: 1 })
        .limit(limit)
        .lean<DeliveryRecord[]>();
      return found.map(({ _id, expiresAt: _expiresAt, ...record }) => ({ id: _id, ...record }));
    },
    async retry(id) {
      const record = await model.findOne({ _id: id }).lean<DeliveryRecord>();
      if (!record) return 'unknown';
      if (record.state !== 'failed' && record.state !== 'refused') return 'settled';
      if (!(await retryTask(deps.connection, clock, id))) return 'forgotten';
      // The issuer may have tried it in the meantime: only what is still as it was becomes due.
      const asRead = { _id: id, state: record.state, attempts: record.attempts };
      await model.updateOne(asRead, { $set: { state: 'due' } });
      return 'again';
    },
    async troubles(since) {
      const count = (state: DeliveryState) => ({ $sum: { $cond: [{ $eq: ['$state', state] }, 1, 0] } });
      const found = await model.aggregate<{ _id: string; failed: number; refused: number; last: unknown }>([
        { $match: { state: { $in: ['failed', 'refused'] }, createdAt: { $gte: since } } },
        { $sort: { createdAt: 1 } },
        {
          $group: {
            _id: '$client',
            failed: count('failed'),
            refused: count('refused'),
            last: { $last: { $ifNull: ['$status', '$code'] } },
          },
        },
        { $sort: { failed: -1, refused: -1, _id: 1 } },
      ]);
      return found.map(({ _id, last, ...counts }) => ({ client: _id, ...counts, last: String(last) }));
    },
    async oldestDueSeconds() {
      const oldest = await model
        .findOne({ state: 'due', createdAt: trusted({ $lte: dateOf(clock) }) })
        .sort({ createdAt: 1 })
        .lean<DeliveryRecord>();
      return oldest ? (clock.now() - oldest.createdAt.getTime()) / 1000 : 0;
    },
  };
}
