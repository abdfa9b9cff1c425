/**
 * Idempotency keys as stored: that a request was begun, and what it was answered. Owns the life of a key (a day) and
 * who may carry a request out; knows nothing of requests or answers themselves. What is kept names nobody: the id is
 * a keyed digest of caller and key, the answer is sealed.
 */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf, trusted } from '../db/schema.ts';
import { isDuplicateKey, type Tx } from '../db/transaction.ts';
import { type Clock, dateOf } from '../kernel/clock.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { keyedHash, type Sealer } from '../kernel/sealing.ts';

/** A request that carries a key. */
export interface KeyedRequest {
  /** Who sends it: a key means something to its caller only. */
  caller: string;
  key: string;
  /** Everything that makes it the same request: method, address, body. */
  content: readonly string[];
}

/** A request that is being carried out under a key. */
export interface Run {
  /**
   * Keeps the answer for whoever asks again. In a transaction it is kept exactly if the transaction's changes are.
   * @throws DomainError `idempotency.in_flight` within a transaction that another run has overtaken
   */
  keep(answer: string, tx?: Tx): Promise<void>;
  /** Nothing was changed: the next request with the key is carried out. */
  release(): Promise<void>;
}

/** Idempotency keys. */
export interface IdempotencyKeys {
  /**
   * Begins a request, or finds what it was answered.
   * @throws DomainError `idempotency.in_flight`, `idempotency.mismatch`
   */
  begin(request: KeyedRequest): Promise<{ answer: string } | { run: Run }>;
}

/** What the keys are made of. */
export interface IdempotencyKeysDeps {
  connection: Connection;
  clock: Clock;
  ids: Ids;
  hmacKey: Buffer;
  sealer: Sealer;
}

interface KeyRecord {
  _id: string;
  /** Keyed digest of the request. */
  fingerprint: string;
  /** Which attempt carries it out. */
  run: string;
  /** Until then nobody else may; later, whoever carried it out has died. */
  leaseUntil: Date;
  /** Sealed; not there while it is carried out. */
  answer?: string;
  expiresAt: Date;
}

const fields: Fields<KeyRecord> = {
  _id: String,
  fingerprint: { type: String, required: true },
  run: { type: String, required: true },
  leaseUntil: { type: Date, required: true },
  answer: String,
  expiresAt: { type: Date, required: true },
};

/** The collection's name. */
export const idempotencyCollection = 'idempotencyKeys';

/** Indexes of the keys: housekeeping only. */
export const idempotencyIndexes: IndexDeclaration[] = [
  { collection: idempotencyCollection, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];

const lifeMs = 24 * 3_600_000;
/** Longer than any request may take. */
const leaseMs = 120_000;

/**
 * Builds the keys (draft-ietf-httpapi-idempotency-key-header).
 * @param deps connection, clock, ids, keys
 */
export function createIdempotencyKeys(deps: IdempotencyKeysDeps): IdempotencyKeys {
  const { clock, ids, hmacKey, sealer } = deps;
  const model = modelOf<KeyRecord>(deps.connection, idempotencyCollection, fields);
  const context = (id: string) => `${idempotencyCollection}.answer.${id}`;

  const runOf = (_id: string, run: string): Run => ({
    async keep(answer, tx) {
      const { matchedCount } = await model.updateOne(
        { _id, run },
        { $set: { answer: sealer.seal(answer, context(_id)) } },
        tx ? { session: tx } : {},
      );
      // Without a transaction the change is made, and its answer true, whoever has the key by now.
      if (matchedCount === 0 && tx) throw new DomainError('idempotency.in_flight');
    },
    async release() {
      await model.deleteOne({ _id, run, answer: trusted({ $exists: false }) });
    },
  });

  /** Takes a key that nobody has, or whose time is over; undefined when it is somebody's. */
  async function take(_id: string, fingerprint: string, old: KeyRecord | null): Promise<Run | undefined> {
    const run = ids.id('run');
    const mine = { fingerprint, run, leaseUntil: dateOf(clock, leaseMs), expiresAt: dateOf(clock, lifeMs) };
    if (old) {
      const change = { $set: mine, $unset: { answer: 1 as const } };
      const { matchedCount } = await model.updateOne({ _id, run: old.run }, change);
      return matchedCount === 1 ? runOf(_id, run) : undefined;
    }
    try {
      await model.create([{ _id, ...mine }]);
      return runOf(_id, run);
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  return {
    async begin({ caller, key, content }) {
      const _id = keyedHash(hmacKey, 'idempotency-key', caller, key);
      const fingerprint = keyedHash(hmacKey, 'idempotent-request', ...content);
      const known = await model.findOne({ _id }).lean<KeyRecord>();
      const now = clock.now();
      if (known && known.expiresAt.getTime() > now) {
        if (known.fingerprint !== fingerprint) throw new DomainError('idempotency.mismatch');
        if (known.answer) return { answer: sealer.open(known.answer, context(_id)).toString() };
        if (known.leaseUntil.getTime() > now)
          throw new DomainError('idempotency.in_flight', { retryAfter: 1 });
      }
      const run = await take(_id, fingerprint, known);
      if (!run) throw new DomainError('idempotency.in_flight', { retryAfter: 1 });
      return { run };
    },
  };
}
