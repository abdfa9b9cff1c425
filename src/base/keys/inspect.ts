/** Looking at the stored keys without making, opening for use or changing any; for `doctor`. */
import type { Connection } from 'mongoose';
import { type Envelope, sealerOf } from './envelope.ts';
import { type KeyRecord, type KeyState, type KeyUse, keyModel, keyUses } from './model.ts';

/** A stored key as it was found. */
export interface InspectedKey {
  id: string;
  use: KeyUse;
  state: KeyState;
  since: Date;
  /** Whether a configured master key opens it; a revoked key has nothing to open. */
  opens: boolean;
  /** Whether something older than the newest master key sealed it. */
  older: boolean;
}

/**
 * Every stored key.
 * @param connection the main database
 * @param envelope the configured master keys, or key service
 */
export async function inspectKeys(connection: Connection, envelope: Envelope): Promise<InspectedKey[]> {
  const records = await keyModel(connection).find().sort({ _id: 1 }).lean<KeyRecord[]>();
  return Promise.all(
    records.map(async ({ _id: id, use, state, since, sealed }) => ({
      ...{ id, use, state, since },
      opens: sealed === undefined || (await canOpen(id, sealed, envelope)),
      older: sealed !== undefined && sealerOf(sealed) !== envelope.newest,
    })),
  );
}

/**
 * Uses for which no current key is stored.
 * @param keys what {@link inspectKeys} found
 */
export function missingUses(keys: readonly InspectedKey[]): KeyUse[] {
  return keyUses.filter((use) => !keys.some((key) => key.use === use && key.state === 'current'));
}

async function canOpen(id: string, sealed: string, envelope: Envelope): Promise<boolean> {
  try {
    await envelope.open(sealed, id);
    return true;
  } catch {
    return false;
  }
}
