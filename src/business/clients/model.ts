/** The stored relying parties: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../../base/db/schema.ts';
import type { ExchangePolicy } from './client-exchange.ts';
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
  tokenExchange?: ExchangePolicy;
  metadata: ClientMetadata;
  secrets: ClientSecret[];
  /** Id of the invitation it registered itself with; absent for what operators register. */
  invitation?: string;
  disabledAt?: Date;
  /** It has deleted itself: disabled for good. */
  endedAt?: Date;
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
  tokenExchange: Object,
  metadata: { type: Object, required: true },
  secrets: [{ _id: false, hash: { type: String, required: true }, createdAt: Date, expiresAt: Date }],
  invitation: String,
  disabledAt: Date,
  endedAt: Date,
  version: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
};

/** An invitation: what a client that registers itself with its token may be. */
export interface StoredInvitation {
  /** `inv_` and the digest of the initial access token. */
  _id: string;
  brand: string;
  market?: string;
  firstParty: boolean;
  profile: 'baseline' | 'fapi2';
  /** Absent in what was stored before there were exemptions. */
  pkceExempt?: boolean;
  publicSubject: boolean;
  grants: string[];
  scopes: string[];
  redirectHosts: string[];
  /** How many clients may register with it in all, and how many still may. */
  uses: number;
  left: number;
  createdAt: Date;
  expiresAt: Date;
  revokedAt?: Date;
}

const invitationFields: Fields<StoredInvitation> = {
  _id: String,
  brand: { type: String, required: true },
  market: String,
  firstParty: { type: Boolean, required: true },
  profile: { type: String, required: true },
  pkceExempt: Boolean,
  publicSubject: { type: Boolean, required: true },
  grants: [String],
  scopes: [String],
  redirectHosts: [String],
  uses: { type: Number, required: true },
  left: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
  revokedAt: Date,
};

/** The collection's name. */
export const invitationCollection = 'clientInvitations';

/**
 * The model of stored invitations.
 * @param connection the main database
 */
export const invitationModel = (connection: Connection) =>
  modelOf<StoredInvitation>(connection, invitationCollection, invitationFields);

/** The collection's name, for the watch. */
export const clientCollection = 'clients';

/**
 * The model of stored clients.
 * @param connection the main database
 */
export const clientModel = (connection: Connection) =>
  modelOf<StoredClient>(connection, clientCollection, fields);
