/** The stored keys: private to this module. Material is sealed by the master key, which is never in MongoDB. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../db/schema.ts';

/** Life of a key: published or prepared; in use; kept to verify and open what is older; taken away in an emergency. */
export type KeyState = 'next' | 'current' | 'retired' | 'revoked';

/** What a key is for. Signing keys are asymmetric; all others are 256 random bits. */
export const keyUses = [
  'ES256',
  'RS256',
  'PS256',
  'EdDSA',
  'ECDH-ES',
  'RSA-OAEP',
  'cookie',
  'artefacts',
  'outbox',
  'pepper',
  'member-keys',
  'client-secrets',
  'pairwise',
  'codes',
  'devices',
  'throttles',
  'csrf',
  'dpop',
] as const;

/** Names a use. */
export type KeyUse = (typeof keyUses)[number];

/** Uses that sign tokens and are published in the JWKS. */
const signingUses = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const satisfies readonly KeyUse[];

/** Names a use that signs; it is the name of the algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SigningUse = (typeof signingUses)[number];

/**
 * Whether a use signs tokens.
 * @param use a use
 */
export function isSigning(use: KeyUse): use is SigningUse {
  return (signingUses as readonly KeyUse[]).includes(use);
}

/** Uses that relying parties encrypt request objects to (RFC 9101 section 6.1); published in the JWKS as well. */
const encryptionUses = ['ECDH-ES', 'RSA-OAEP'] as const satisfies readonly KeyUse[];

/** Names a use that others encrypt to. */
export type EncryptionUse = (typeof encryptionUses)[number];

/**
 * Whether a use stands in the JWKS.
 * @param use a use
 */
export function isPublished(use: KeyUse): use is SigningUse | EncryptionUse {
  return isSigning(use) || (encryptionUses as readonly KeyUse[]).includes(use);
}

/** Uses whose value must not change: stored digests, counters and codes depend on it and cannot be made anew. */
export const fixedUses: readonly KeyUse[] = ['client-secrets', 'pairwise', 'devices', 'codes', 'throttles'];

/** Uses whose retired keys are of no use any more once whatever they made has expired; they rotate by schedule. */
export const shortLivedUses: readonly KeyUse[] = [
  ...signingUses,
  ...encryptionUses,
  'cookie',
  'csrf',
  'dpop',
];

/**
 * Uses of which a key may be revoked: what is lost can be had again by signing in again. Without the others members'
 * names, passwords or owed mails would be lost for good.
 */
export const revocableUses: readonly KeyUse[] = [...shortLivedUses, 'artefacts'];

/** One stored key. */
export interface KeyRecord {
  /** `<use>-<number>`: two processes that make the same next key collide here, and one of them reads the other's. */
  _id: string;
  use: KeyUse;
  state: KeyState;
  /** Private JWK as JSON, or 32 bytes in base64url; sealed by the master key. A revoked key has none any more. */
  sealed?: string;
  createdAt: Date;
  /** When the present state began. */
  since: Date;
}

const fields: Fields<KeyRecord> = {
  _id: String,
  use: { type: String, required: true },
  state: { type: String, required: true },
  sealed: String,
  createdAt: { type: Date, required: true },
  since: { type: Date, required: true },
};

/** The collection's name, for the watch. */
export const keyCollection = 'keys';

/**
 * The model of stored keys.
 * @param connection the main database
 */
export const keyModel = (connection: Connection) => modelOf<KeyRecord>(connection, keyCollection, fields);
