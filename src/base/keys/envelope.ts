/**
 * What seals the stored keys themselves: the newest master key, or an external key service. Older master keys only
 * open. Never keeps anything it has opened.
 */
import type { Connection } from 'mongoose';
import { type KeyRing, seal, unseal } from '../kernel/sealing.ts';
import type { Kms } from './kms.ts';
import { type KeyRecord, keyModel } from './model.ts';

/** Seals and opens stored keys. */
export interface Envelope {
  /** Name of what seals now; every sealed text begins with the name of what sealed it. */
  newest: string;
  /** Seals for a record. */
  seal(plain: string, id: string): Promise<string>;
  /** Opens a record. @throws Error when what sealed it is not configured, or it was changed or moved */
  open(sealed: string, id: string): Promise<string>;
}

/**
 * Builds the envelope.
 * @param master the configured master keys, newest first
 * @param kms the external key service, where one is configured
 * @throws Error when there is nothing to seal with
 */
export function createEnvelope(master: Pick<KeyRing, 'all'>, kms?: Kms): Envelope {
  const { sealing } = kms ?? {};
  // A colon never occurs in the name of a master key.
  const service = sealing && `kms:${sealing.id}`;
  const [newestMaster] = master.all;
  const sealsOutside = sealing !== undefined && sealing.opensOnly !== true;
  const newest = sealsOutside ? service : newestMaster?.id;
  if (newest === undefined) throw new Error('there is no master key');
  return {
    newest,
    async seal(plain, id) {
      const context = contextOf(id);
      if (sealsOutside) {
        const sealed = await sealing.seal(Buffer.from(plain), context);
        return `${newest}.${Buffer.from(sealed).toString('base64url')}`;
      }
      if (!newestMaster) throw new Error('there is no master key');
      return seal(newestMaster, plain, context);
    },
    async open(sealed, id) {
      const context = contextOf(id);
      if (!sealing || sealerOf(sealed) !== service) return unseal(master, sealed, context).toString();
      const bytes = Buffer.from(sealed.slice(service.length + 1), 'base64url');
      return Buffer.from(await sealing.open(bytes, context)).toString();
    },
  };
}

const contextOf = (id: string) => `keys.sealed.${id}`;

/**
 * Name of the master key or key service that sealed a text.
 * @param sealed the sealed text
 */
export function sealerOf(sealed: string): string {
  return sealed.slice(0, sealed.indexOf('.'));
}

/** What a run of {@link rewrap} did. */
export interface Rewrapped {
  /** Records sealed anew by this run. */
  done: number;
  /** Records that still depend on something older: another process changed them at this moment. Run again. */
  remaining: number;
}

/**
 * Seals every record anew that something older than the newest master key sealed. Each record is written on its own
 * and only if it is still as it was read: the run can be broken off and repeated, and two runs do no harm.
 * @param connection the main database
 * @param envelope what seals
 * @throws Error when a record cannot be opened
 */
export async function rewrap(connection: Connection, envelope: Envelope): Promise<Rewrapped> {
  const model = keyModel(connection);
  const older = async () =>
    (await model.find().sort({ _id: 1 }).lean<KeyRecord[]>()).filter(
      ({ sealed }) => sealed !== undefined && sealerOf(sealed) !== envelope.newest,
    );
  let done = 0;
  for (const { _id, sealed = '' } of await older()) {
    const renewed = await envelope.seal(await envelope.open(sealed, _id), _id);
    const { modifiedCount } = await model.updateOne({ _id, sealed }, { $set: { sealed: renewed } });
    done += modifiedCount;
  }
  return { done, remaining: (await older()).length };
}
