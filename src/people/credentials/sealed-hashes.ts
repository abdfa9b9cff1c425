/**
 * Password hashes sealed with the pepper (AES-256-GCM with a versioned key that is never in MongoDB), so that the
 * pepper's key can be rotated without any password. Never hashes and never judges one.
 */
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import type { Sealer } from '../../base/kernel/sealing.ts';
import { type CredentialRecord, credentialModel } from './model.ts';

/**
 * The `_id` of a member's password.
 * @param memberId `mbr_…`
 */
export function credentialIdOfPassword(memberId: string): string {
  return `password:${memberId}`;
}

/** What a sealed hash is bound to: copied into another member's document it does not open. */
function passwordContext(credentialId: string): string {
  return `credentials.secret.${credentialId}`;
}

/** Seals and opens the hashes of the collection `credentials`. */
export interface SealedHashes {
  seal(credentialId: string, encoded: string): string;
  /** Throws when the key is gone, or the value was changed or moved. */
  open(record: Pick<CredentialRecord, '_id' | 'secret'>): string;
  /** Whether the key that sealed a value is the one that seals today. */
  isCurrent(secret: string): boolean;
}

/**
 * Builds the sealing of hashes.
 * @param pepper sealer with the pepper's keys
 */
export function createSealedHashes(pepper: Sealer): SealedHashes {
  // The id of the key travels in front of what it sealed.
  const keyOf = (sealed: string) => sealed.slice(0, sealed.indexOf('.'));
  return {
    seal: (credentialId, encoded) => pepper.seal(encoded, passwordContext(credentialId)),
    open: ({ _id, secret }) => pepper.open(secret, passwordContext(_id)).toString(),
    isCurrent: (secret) => keyOf(pepper.seal('', 'credentials.key')) === keyOf(secret),
  };
}

/** A pass over the stored hashes after the pepper's key was rotated. */
export interface RepepperBatch {
  /** How many documents to look at. */
  size: number;
  /** Where the pass before ended; none at the beginning. */
  after?: string;
}

/** What a pass did, and where to go on; no `next` at the end. */
export interface RepepperResult {
  resealed: number;
  next: string | undefined;
}

/**
 * Seals the hashes of one batch with the pepper's current key. Begun anew after an interruption it skips what is
 * done. Two commands.
 * @param connection the main database
 * @param tools the sealing, and who is told of a record that does not open (it is left as it is)
 * @param batch how many documents, and where to begin
 */
export async function resealBatch(
  connection: Connection,
  tools: { hashes: SealedHashes; onDamaged: (credentialId: string, error: unknown) => void },
  batch: RepepperBatch,
): Promise<RepepperResult> {
  const model = credentialModel(connection);
  const rows = await model
    .find({ _id: trusted({ $gt: batch.after ?? credentialIdOfPassword('') }), type: 'password' })
    .sort({ _id: 1 })
    .limit(batch.size)
    .lean<CredentialRecord[]>();
  const writes = rows
    .filter(({ secret }) => !tools.hashes.isCurrent(secret))
    .flatMap((row) => {
      try {
        const secret = tools.hashes.seal(row._id, tools.hashes.open(row));
        // Only what was read: a password changed meanwhile is sealed with the current key already.
        const filter = { _id: row._id, secret: row.secret };
        return [{ updateOne: { filter, update: { $set: { secret } } } }];
      } catch (error) {
        tools.onDamaged(row._id, error);
        return [];
      }
    });
  const resealed = writes.length > 0 ? (await model.bulkWrite(writes)).modifiedCount : 0;
  return { resealed, next: rows.length === batch.size ? rows.at(-1)?._id : undefined };
}
