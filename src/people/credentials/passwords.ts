/**
 * Passwords: who has one and whether it was right. It owns the sealed hashes and their renewal; it never decides
 * who may sign in, never limits attempts and never lets a hash or a password leave.
 */
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Sealer } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Hasher } from './hasher.ts';
import { type CredentialRecord, credentialModel } from './model.ts';

/** A stored password; callers that load it with something else hand it to `verifyRecord`. */
export type PasswordRecord = CredentialRecord;

/** Why a member has a new password. */
export type PasswordReason = 'registration' | 'change' | 'recovery';

/** A password to keep: hashed before the transaction, because a hash takes too long for one. */
export interface NewPassword {
  memberId: string;
  home: string;
  /** From {@link Hasher}'s `hash`. */
  encoded: string;
  reason: PasswordReason;
  visit: Visit;
}

/** Whether the password was right; `rehash` is the sealed hash to hand to `rehash` once the member has their answer. */
export interface PasswordVerdict {
  ok: boolean;
  rehash?: string;
}

/** A pass over the stored hashes after the pepper's key was rotated. */
export interface RepepperBatch {
  /** How many documents to look at. */
  size: number;
  /** Where the pass before ended; none at the beginning. */
  after?: string;
}

/** The passwords as other modules see them. */
export interface Passwords {
  /** Keeps a password, the first or a new one, with its event. */
  set(tx: Tx, password: NewPassword): Promise<void>;
  /** Whether it is the member's password; the same work for an unknown member. One read and one hash. */
  verify(memberId: string | undefined, plain: string): Promise<PasswordVerdict>;
  /** The same with a record the caller has read already. One hash, no command. */
  verifyRecord(record: PasswordRecord | undefined, plain: string): Promise<PasswordVerdict>;
  /** Renews hash or seal after a right password; false when it was changed meanwhile or no hash could be had. */
  rehash(memberId: string, plain: string, oldSealed: string, visit: Visit): Promise<boolean>;
  has(memberId: string): Promise<boolean>;
  /** Takes the password away; the caller records why. */
  remove(tx: Tx, memberId: string): Promise<void>;
  /** Seals hashes with the pepper's current key, without any password; `next` is where to go on, none at the end. */
  repepper(batch: RepepperBatch): Promise<{ resealed: number; next: string | undefined }>;
}

/** What the passwords are made of. */
export interface PasswordsDeps {
  db: Database;
  clock: Clock;
  /** Seals with the pepper, whose key is never in MongoDB. */
  pepper: Sealer;
  hasher: Hasher;
  events: Pick<Events, 'record'>;
  /** Told of a record that cannot be opened (restored without its key, tampered with); it counts as no password. */
  onDamaged?: (credentialId: string, error: unknown) => void;
}

/**
 * The `_id` of a member's password.
 * @param memberId `mbr_…`
 */
export function credentialIdOfPassword(memberId: string): string {
  return `password:${memberId}`;
}

/**
 * What a sealed hash is bound to: copied into another member's document it does not open.
 * @param credentialId the `_id` it is stored under
 */
export function passwordContext(credentialId: string): string {
  return `credentials.secret.${credentialId}`;
}

/**
 * Builds the passwords. Its methods that hash throw DomainError `overloaded` and `password.too_long`.
 * @param deps databases, clock, pepper, hasher, events
 */
export function createPasswords(deps: PasswordsDeps): Passwords {
  const model = credentialModel(deps.db.main);
  const sealFor = (id: string, encoded: string) => deps.pepper.seal(encoded, passwordContext(id));
  const openOf = (record: Pick<PasswordRecord, '_id' | 'secret'>) =>
    deps.pepper.open(record.secret, passwordContext(record._id)).toString();

  function opened(record: PasswordRecord | undefined): string | undefined {
    if (!record) return undefined;
    try {
      return openOf(record);
    } catch (error) {
      deps.onDamaged?.(record._id, error);
      return undefined;
    }
  }

  async function verifyRecord(record: PasswordRecord | undefined, plain: string): Promise<PasswordVerdict> {
    const encoded = opened(record);
    if (!record || encoded === undefined) {
      await deps.hasher.decoy(plain);
      return { ok: false };
    }
    if (!(await deps.hasher.verify(encoded, plain))) return { ok: false };
    const fresh = !deps.hasher.needsRehash(encoded) && isSealedByCurrentKey(deps.pepper, record.secret);
    return fresh ? { ok: true } : { ok: true, rehash: record.secret };
  }

  const find = (memberId: string) => model.findById(credentialIdOfPassword(memberId)).lean<PasswordRecord>();

  return {
    async set(tx, { memberId, home, encoded, reason, visit }) {
      const _id = credentialIdOfPassword(memberId);
      const now = dateOf(deps.clock);
      await model.updateOne(
        { _id },
        {
          $set: { secret: sealFor(_id, encoded), changedAt: now },
          $setOnInsert: { memberId, home, type: 'password', createdAt: now },
        },
        { upsert: true, session: tx },
      );
      await deps.events.record(tx, { type: 'password.set', memberId, home, visit, data: { reason } });
    },
    async verify(memberId, plain) {
      // Somebody unknown costs the same read as somebody known: an `_id` that nobody has.
      return verifyRecord((await find(memberId ?? 'nobody')) ?? undefined, plain);
    },
    verifyRecord,
    async rehash(memberId, plain, oldSealed, visit) {
      const _id = credentialIdOfPassword(memberId);
      const old = openOf({ _id, secret: oldSealed });
      const encoded = deps.hasher.needsRehash(old) ? await hashIfFree(deps.hasher, plain) : old;
      if (encoded === undefined) return false;
      const secret = sealFor(_id, encoded);
      return inTransaction(deps.db, async (tx) => {
        const record = await model
          .findOneAndUpdate({ _id, secret: oldSealed }, { $set: { secret } }, { session: tx })
          .lean<PasswordRecord>();
        if (!record) return false;
        await deps.events.record(tx, { type: 'password.rehashed', memberId, home: record.home, visit });
        return true;
      });
    },
    has: async (memberId) => (await model.exists({ _id: credentialIdOfPassword(memberId) })) !== null,
    async remove(tx, memberId) {
      await model.deleteOne({ _id: credentialIdOfPassword(memberId) }, { session: tx });
    },
    async repepper({ size, after }) {
      const from = after ?? credentialIdOfPassword('');
      const rows = await model
        .find({ _id: trusted({ $gt: from }), type: 'password' })
        .sort({ _id: 1 })
        .limit(size)
        .lean<PasswordRecord[]>();
      const writes = rows
        .filter((row) => !isSealedByCurrentKey(deps.pepper, row.secret))
        .flatMap((row) => {
          const encoded = opened(row);
          return encoded === undefined ? [] : [{ row, secret: sealFor(row._id, encoded) }];
        })
        .map(({ row, secret }) => ({
          // Only what was read: a password changed meanwhile is sealed with the current key already.
          updateOne: { filter: { _id: row._id, secret: row.secret }, update: { $set: { secret } } },
        }));
      const resealed = writes.length > 0 ? (await model.bulkWrite(writes)).modifiedCount : 0;
      return { resealed, next: rows.length === size ? rows.at(-1)?._id : undefined };
    },
  };
}

/** Whether the sealing key that travels with a sealed value is the one that seals today. */
function isSealedByCurrentKey(pepper: Sealer, sealed: string): boolean {
  const keyOf = (value: string) => value.slice(0, value.indexOf('.'));
  return keyOf(pepper.seal('', 'credentials.key')) === keyOf(sealed);
}

/** A hash, unless the queue is full: renewing can wait for the next sign-in. */
async function hashIfFree(hasher: Hasher, plain: string): Promise<string | undefined> {
  try {
    return await hasher.hash(plain);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'overloaded') return undefined;
    throw error;
  }
}
