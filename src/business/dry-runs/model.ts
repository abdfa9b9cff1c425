/** Journeys that were really made, as shapes that name nobody: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';
import type { RecordedShape } from './journey.ts';

/** A shape with how often it was made. */
export interface StoredJourney extends RecordedShape {
  /** Digest of the shape. */
  _id: string;
  count: number;
  /** Midnight (UTC) of the last day it was made on. */
  lastDay: Date;
  /** Forgotten when not made again until then. */
  expiresAt: Date;
}

const fields: Fields<StoredJourney> = {
  _id: String,
  kind: { type: String, required: true },
  brand: { type: String, required: true },
  market: { type: String, required: true },
  client: String,
  method: { type: String, required: true },
  locale: { type: String, required: true },
  count: { type: Number, required: true },
  lastDay: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
};

/** Name of the collection. */
export const recordedJourneyCollection = 'recordedJourneys';

/**
 * The model of recorded journeys.
 * @param connection the main database
 */
export const recordedJourneyModel = (connection: Connection) =>
  modelOf<StoredJourney>(connection, recordedJourneyCollection, fields);

/** Indexes of the recorded journeys. */
export const recordedJourneyIndexes: IndexDeclaration[] = [
  { collection: recordedJourneyCollection, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
