/** The keys as this process holds them: opened once, in order, and kept while a record cannot be opened for a moment. */
import type { NamedKey } from '../kernel/sealing.ts';
import type { Envelope } from './envelope.ts';
import { type KeyRecord, type KeyState, type KeyUse, keyUses } from './model.ts';

/** A key as this process holds it, opened. */
export interface LiveKey {
  id: string;
  use: KeyUse;
  state: KeyState;
  createdAt: Date;
  since: Date;
  /** As it was stored when it was opened. */
  sealed: string;
  material: string;
  /** The material as bytes; the same object for as long as the key is held, because preparing one is dear. */
  named: NamedKey;
}

/**
 * Opens records, taking over what is open already.
 * @param records as stored
 * @param known what this process holds
 * @param envelope opens them
 * @param onUnreadable told of a record that cannot be opened: another process sealed it with a master key that this
 *   one does not have yet. It may throw; else a key that is held already stays, and a new one is left out.
 */
export async function openRecords(
  records: readonly KeyRecord[],
  known: readonly LiveKey[],
  envelope: Envelope,
  onUnreadable: (id: string, error: unknown) => void,
): Promise<LiveKey[]> {
  const held = new Map(known.map((key) => [key.id, key]));
  const open = async (record: KeyRecord): Promise<LiveKey | undefined> => {
    const { _id: id, state, since, sealed } = record;
    if (state === 'revoked' || sealed === undefined) return undefined;
    const before = held.get(id);
    if (before?.sealed === sealed) return { ...before, state, since };
    try {
      return await openRecord({ ...record, sealed }, envelope);
    } catch (error) {
      if (before) return { ...before, state, since };
      onUnreadable(id, error);
      return undefined;
    }
  };
  const opened = await Promise.all(records.map(open));
  return opened.filter((key) => key !== undefined).sort(byUseAndState);
}

async function openRecord(record: KeyRecord & { sealed: string }, envelope: Envelope): Promise<LiveKey> {
  const { _id: id, use, state, createdAt, since, sealed } = record;
  const material = await envelope.open(sealed, id);
  const named = { id, key: Buffer.from(material, 'base64url') };
  return { id, use, state, createdAt, since, sealed, material, named };
}

/**
 * The number in a key's id.
 * @param id such as `ES256-3`
 */
export function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

/**
 * The number of the next key of a use.
 * @param ids every id of the use that was ever given, revoked ones included
 */
export function nextNumber(ids: readonly string[]): number {
  return 1 + Math.max(0, ...ids.map(numberOf));
}

const stateOrder: Record<KeyState, number> = { current: 0, next: 1, retired: 2, revoked: 3 };

/** Algorithms in declared order; current first; of two with one state the newer first. */
export function byUseAndState(
  left: Pick<LiveKey, 'id' | 'use' | 'state'>,
  right: Pick<LiveKey, 'id' | 'use' | 'state'>,
): number {
  return (
    keyUses.indexOf(left.use) - keyUses.indexOf(right.use) ||
    stateOrder[left.state] - stateOrder[right.state] ||
    numberOf(right.id) - numberOf(left.id)
  );
}
