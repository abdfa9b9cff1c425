/**
 * Forms that are kept while somebody signs in again: what they had entered when their last sign-in had become too old
 * for it. Owns how long that is kept and for whom: for the same person, in the same session, on the same page. Never
 * carries anything out; what is kept is sealed, and its id, a keyed digest, names nobody.
 */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../db/schema.ts';
import { isDuplicateKey } from '../db/transaction.ts';
import { type Clock, dateOf } from '../kernel/clock.ts';
import { ifKeyLives, keyedHash, type Sealer } from '../kernel/sealing.ts';

/** Whose form it is. */
export interface KeptAt {
  memberId: string;
  /** Of the browser session: it outlasts a second sign-in of the same person, and nothing else. */
  session: string;
  /** Of the page that the form stands on. */
  path: string;
}

/** Fields of a form as its schema has read them. */
export type KeptFields = Readonly<Record<string, unknown>>;

/** Forms that are kept. */
export interface KeptForms {
  /** Keeps what was entered for a quarter of an hour, in the place of what was kept there before. */
  keep(at: KeptAt, fields: KeptFields): Promise<void>;
  /** What is kept, as its form's schema has to read it again; undefined where there is nothing. */
  find(at: KeptAt): Promise<KeptFields | undefined>;
  /** Forgets what is kept: the form has been sent. */
  forget(at: KeptAt): Promise<void>;
}

/** What keeping forms takes. */
export interface KeptFormsDeps {
  connection: Connection;
  clock: Clock;
  hmacKey: Buffer;
  sealer: Sealer;
}

interface KeptRecord {
  _id: string;
  /** The fields as JSON. */
  sealed: string;
  expiresAt: Date;
}

const fields: Fields<KeptRecord> = {
  _id: String,
  sealed: { type: String, required: true },
  expiresAt: { type: Date, required: true },
};

/** The collection's name. */
export const keptFormCollection = 'keptForms';

/** Indexes of the forms: housekeeping only. */
export const keptFormIndexes: IndexDeclaration[] = [
  { collection: keptFormCollection, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];

const lifeMs = 15 * 60_000;

/**
 * Builds what keeps forms.
 * @param deps connection, clock, keys
 */
export function createKeptForms({ connection, clock, hmacKey, sealer }: KeptFormsDeps): KeptForms {
  const model = modelOf<KeptRecord>(connection, keptFormCollection, fields);
  const idOf = ({ memberId, session, path }: KeptAt) =>
    keyedHash(hmacKey, 'kept-form', memberId, session, path);
  const context = (id: string) => `${keptFormCollection}.sealed.${id}`;
  return {
    async keep(at, entered) {
      const _id = idOf(at);
      const kept = {
        sealed: sealer.seal(JSON.stringify(entered), context(_id)),
        expiresAt: dateOf(clock, lifeMs),
      };
      const write = () => model.updateOne({ _id }, { $set: kept }, { upsert: true });
      try {
        await write();
      } catch (error) {
        // A second click has made the record at the same moment.
        if (!isDuplicateKey(error)) throw error;
        await write();
      }
    },
    async find(at) {
      const _id = idOf(at);
      const kept = await model.findById(_id).lean<KeptRecord>();
      if (!kept || kept.expiresAt.getTime() <= clock.now()) return undefined;
      const text = ifKeyLives(() => sealer.open(kept.sealed, context(_id)).toString());
      return text === undefined ? undefined : (JSON.parse(text) as KeptFields);
    },
    async forget(at) {
      await model.deleteOne({ _id: idOf(at) });
    },
  };
}
