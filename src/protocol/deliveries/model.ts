/** The stored delivery records: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';

/** Every state of a delivery. */
export const deliveryStates = ['due', 'delivered', 'refused', 'failed', 'dropped'] as const;

/**
 * How a delivery stands: `due` (to be tried, or tried again), `delivered`, `refused` (the relying party answered 400,
 * for good), `failed` (given up after the last try), `dropped` (nothing was sent: the client is gone or does not listen).
 */
export type DeliveryState = (typeof deliveryStates)[number];

/** What became of one notice to one relying party; it says nothing of the member. */
export interface DeliveryRecord {
  /** The id of the outbox task that does the work. */
  _id: string;
  client: string;
  state: DeliveryState;
  /** Tries so far. */
  attempts: number;
  /** HTTP status of the last answer. */
  status?: number;
  /** Why nothing was answered or sent: `client_gone`, `timeout`, `network` and the like. */
  code?: string;
  createdAt: Date;
  /** When it was tried last. */
  triedAt?: Date;
  expiresAt: Date;
}

const fields: Fields<DeliveryRecord> = {
  _id: String,
  client: { type: String, required: true },
  state: { type: String, required: true },
  attempts: { type: Number, required: true },
  status: Number,
  code: String,
  createdAt: { type: Date, required: true },
  triedAt: Date,
  expiresAt: { type: Date, required: true },
};

/** The collection's name. */
export const deliveryCollection = 'deliveries';

/**
 * The model of delivery records.
 * @param connection the main database
 */
export const deliveryModel = (connection: Connection) =>
  modelOf<DeliveryRecord>(connection, deliveryCollection, fields);

/** Indexes of the delivery records. */
export const deliveryIndexes: IndexDeclaration[] = [
  { collection: deliveryCollection, keys: { client: 1, createdAt: -1 } },
  { collection: deliveryCollection, keys: { state: 1, createdAt: 1 } },
  { collection: deliveryCollection, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
