/** The limits' collection: private to this module. Keys are keyed digests; nothing in it names a person. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';

/** A counter: `_id` is the keyed digest of limiter and key. */
export interface ThrottleRecord {
  _id: string;
  /** Attempts counted since the window began, or failures in a row. */
  points: number;
  /** No attempt before this time. */
  notBefore?: Date;
  /** Whether the latest attempt was let through. */
  open?: boolean;
  /** After this the counter is void, whether the document is still there or not. */
  expiresAt: Date;
}

const throttleFields: Fields<ThrottleRecord> = {
  _id: String,
  points: { type: Number, required: true },
  notBefore: Date,
  open: Boolean,
  expiresAt: { type: Date, required: true },
};

export const throttleModel = (connection: Connection) =>
  modelOf<ThrottleRecord>(connection, 'throttles', throttleFields);

/** The collection for updates that compute from the stored document, which a schema cannot cast. */
export const throttleCollection = (connection: Connection) =>
  connection.collection<ThrottleRecord>('throttles');

/** Indexes: housekeeping only. */
export const throttleIndexes: IndexDeclaration[] = [
  { collection: 'throttles', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
