/**
 * Passwords: who has one and whether it was right. It owns the sealed hashes and their renewal; it never decides
 * who may sign in, never limits attempts and never lets a hash or a password leave.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Sealer } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Hasher } from './hasher.ts';
import { type CredentialRecord, credentialModel } from './model.ts';
import {
  createSealedHashes,
  credentialIdOfPassword,
  type RepepperBatch,
  type RepepperResult,
  resealBatch,
  type SealedHashes,
} from './sealed-hashes.ts';

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
  repepper(batch: RepepperBatch): Promise<RepepperResult>;
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
 * Builds the passwords. Its methods that hash throw DomainError `overloaded` and `password.too_long`.
 * @param deps databases, clock, pepper, hasher, events
 */
export function createPasswords(deps: PasswordsDeps): Passwords {
  const model = credentialModel(deps.db.main);
  const hashes = createSealedHashes(deps.pepper);
  const onDamaged = (credentialId: string, error: unknown) => deps.onDamaged?.(credentialId, error);
  const find = (memberId: string) => model.findById(credentialIdOfPassword(memberId)).lean<PasswordRecord>();
  const verifyRecord = createVerification({ hasher: deps.hasher, hashes, onDamaged });

  return {
    async set(tx, { memberId, home, encoded, reason, visit }) {
      const _id = credentialIdOfPassword(memberId);
      const now = dateOf(deps.clock);
      await model.updateOne(
        { _id },
        {
          $set: { secret: hashes.seal(_id, encoded), changedAt: now },
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
      const old = hashes.open({ _id, secret: oldSealed });
      const encoded = deps.hasher.needsRehash(old) ? await hashIfFree(deps.hasher, plain) : old;
      if (encoded === undefined) return false;
      const secret = hashes.seal(_id, encoded);
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
    repepper: (batch) => resealBatch(deps.db.main, { hashes, onDamaged }, batch),
  };
}

/** One hash whatever happens: nobody can tell by the time whether there is a password. */
function createVerification(tools: {
  hasher: Hasher;
  hashes: SealedHashes;
  onDamaged: (credentialId: string, error: unknown) => void;
}): Passwords['verifyRecord'] {
  const { hasher, hashes, onDamaged } = tools;
  return async (record, plain) => {
    if (record) {
      try {
        const encoded = hashes.open(record);
        if (!(await hasher.verify(encoded, plain))) return { ok: false };
        const fresh = !hasher.needsRehash(encoded) && hashes.isCurrent(record.secret);
        return fresh ? { ok: true } : { ok: true, rehash: record.secret };
      } catch (error) {
        if (error instanceof DomainError) throw error;
        onDamaged(record._id, error);
      }
    }
    await hasher.decoy(plain);
    return { ok: false };
  };
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
