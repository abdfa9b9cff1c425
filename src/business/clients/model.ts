/** The stored relying parties: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../../base/db/schema.ts';
import type { ClientMetadata } from './client-input.ts';

/** A secret as it is kept: only its keyed hash. */
export interface ClientSecret {
  hash: string;
  createdAt: Date;
  /** Set when a newer secret replaced it: valid until then. */
  expiresAt?: Date;
}

/** A stored relying party. */
export interface StoredClient {
  /** The client_id. */
  _id: string;
  brand: string;
  market?: string;
  name: string;
  firstParty: boolean;
  resourceServer: boolean;
  /** Absent in what was stored before profiles existed. */
  profile?: 'baseline' | 'fapi2';
  pkceExempt?: boolean;
  refreshLeewaySeconds?: number;
  metadata: ClientMetadata;
  secrets: ClientSecret[];
  disabledAt?: Date;
  /** Rises with each change. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const fields: Fields<StoredClient> = {
  _id: String,
  brand: { type: String, required: true },
  market: String,
  name: { type: String, required: true },
  firstParty: { type: Boolean, required: true },
  resourceServer: { type: Boolean, required: true },
  profile: String,
  pkceExempt: Boolean,
  refreshLeewaySeconds: Number,
  metadata: { type: Object, required: true },
  secrets: [{ _id: false, hash: { type: String, required: true }, createdAt: Date, expiresAt: Date }],
  disabledAt: Date,
  version: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
};

/** The collection's name, for the watch. */
export const clientCollection = 'clients';

/**
 * The model of stored clients.
 * @param connection the main database
 */
export const clientModel = (connection: Connection) =>
  modelOf<StoredClient>(connection, clientCollection, fields);
