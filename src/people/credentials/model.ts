/** The collections of the credentials: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';

/** A credential as stored: `_id` is its type and natural id, the secret is sealed with the pepper. */
export interface CredentialRecord {
  _id: string;
  memberId: string;
  home: string;
  type: 'password';
  /** The argon2 string, sealed; opens only for this `_id`. */
  secret: string;
  createdAt: Date;
  /** When the member last chose the secret; renewing its hash does not count. */
  changedAt: Date;
}

const credentialFields: Fields<CredentialRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  type: { type: String, required: true },
  secret: { type: String, required: true },
  createdAt: { type: Date, required: true },
  changedAt: { type: Date, required: true },
};

/** The proof by mail that one flow waits for: `_id` is purpose and binding, so that the newest replaces the older. */
export interface ChallengeRecord {
  _id: string;
  memberId?: string;
  home?: string;
  purpose: string;
  binding: string;
  /** Which sending is live; code and link of an earlier one are dead. */
  generation: string;
  /** Keyed digest of the code; gone once redeemed. */
  code?: string;
  /** What the flow needs back, sealed; gone once redeemed. */
  subject?: string;
  /** Tries of the live code. */
  tries: number;
  /** Tries of all codes of the binding since its budget began. */
  spent: number;
  /** When the binding may begin a new budget. */
  budgetUntil: Date;
  /** End of the live code and link. */
  validUntil: Date;
  /** When the document may go. */
  expiresAt: Date;
}

const challengeFields: Fields<ChallengeRecord> = {
  _id: String,
  memberId: String,
  home: String,
  purpose: { type: String, required: true },
  binding: { type: String, required: true },
  generation: { type: String, required: true },
  code: String,
  subject: String,
  tries: { type: Number, required: true },
  spent: { type: Number, required: true },
  budgetUntil: { type: Date, required: true },
  validUntil: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
};

/** The way from a link to its challenge: `_id` is the digest of the link's token. */
export interface ChallengeLinkRecord {
  _id: string;
  memberId?: string;
  home?: string;
  challengeId: string;
  generation: string;
  expiresAt: Date;
}

const challengeLinkFields: Fields<ChallengeLinkRecord> = {
  _id: String,
  memberId: String,
  home: String,
  challengeId: { type: String, required: true },
  generation: { type: String, required: true },
  expiresAt: { type: Date, required: true },
};

export const credentialModel = (connection: Connection) =>
  modelOf<CredentialRecord>(connection, 'credentials', credentialFields);
export const challengeModel = (connection: Connection) =>
  modelOf<ChallengeRecord>(connection, 'challenges', challengeFields);
export const challengeLinkModel = (connection: Connection) =>
  modelOf<ChallengeLinkRecord>(connection, 'challengeLinks', challengeLinkFields);

/** Indexes: housekeeping only, no hot path reads by them. */
export const credentialIndexes: IndexDeclaration[] = [
  { collection: 'credentials', keys: { memberId: 1 } },
  { collection: 'challenges', keys: { memberId: 1 }, options: { sparse: true } },
  { collection: 'challenges', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
  { collection: 'challengeLinks', keys: { memberId: 1 }, options: { sparse: true } },
  { collection: 'challengeLinks', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
