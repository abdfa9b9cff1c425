/** Looking at the stored keys without making, opening for use or changing any; for `doctor`. */
import type { Connection } from 'mongoose';
import { type KeyRing, unseal } from '../kernel/sealing.ts';
import { type KeyRecord, type KeyState, type KeyUse, keyModel, keyUses } from './model.ts';

/** A stored key as it was found. */
export interface InspectedKey {
  id: string;
  use: KeyUse;
  state: KeyState;
  since: Date;
  /** Whether a configured master key opens it. */
  opens: boolean;
}

/**
 * Every stored key.
 * @param connection the main database
 * @param master the configured master keys
 */
export async function inspectKeys(
  connection: Connection,
  master: Pick<KeyRing, 'all'>,
): Promise<InspectedKey[]> {
  const records = await keyModel(connection).find().sort({ _id: 1 }).lean<KeyRecord[]>();
  return records.map((record) => ({
    id: record._id,
    use: record.use,
    state: record.state,
    since: record.since,
    opens: canOpen(record, master),
  }));
}

/**
 * Uses for which no current key is stored.
 * @param keys what {@link inspectKeys} found
 */
export function missingUses(keys: readonly InspectedKey[]): KeyUse[] {
  return keyUses.filter((use) => !keys.some((key) => key.use === use && key.state === 'current'));
}

function canOpen(record: KeyRecord, master: Pick<KeyRing, 'all'>): boolean {
  try {
    unseal(master, record.sealed, `keys.sealed.${record._id}`);
    return true;
  } catch {
    return false;
  }
}
