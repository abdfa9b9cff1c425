/**
 * Changes of stored keys, each in one transaction that looks again before it writes: of two processes that rotate or
 * revoke at the same moment one does, and the other finds it done. Never opens a key.
 */
import type { Connection } from 'mongoose';
import { inTransaction, type Tx } from '../db/transaction.ts';
import { type Clock, dateOf } from '../kernel/clock.ts';
import type { Envelope } from './envelope.ts';
import { byUseAndState, nextNumber } from './live.ts';
import type { Materials } from './material.ts';
import { type KeyRecord, type KeyState, type KeyUse, keyModel } from './model.ts';

/** Records the change with whatever it is told of, in the same transaction; may run again. */
export type Note = (tx: Tx, key: string) => Promise<void>;

/** What changes are made of. */
export interface ChangeDeps {
  connection: Connection;
  clock: Clock;
  envelope: Envelope;
  materials: Materials;
}

/**
 * Makes the next key current and the current one retired, and prepares another next one.
 * @param deps connection, clock, envelope, materials
 * @param use what the key is for
 * @param expected the current key that is to retire
 * @param note called with the id of the new current key
 * @returns whether it was done; false when the current key is another one already
 */
export async function promoteNext(
  deps: ChangeDeps,
  use: KeyUse,
  expected: string,
  note: Note,
): Promise<boolean> {
  return withFresh(deps, use, async (tx, records, add) => {
    const current = records.find(({ state }) => state === 'current');
    if (current?._id !== expected) return { done: false, used: false };
    const next = records.find(({ state }) => state === 'next');
    if (next) await move(deps, tx, next, 'current');
    const fresh = await add(next ? 'next' : 'current');
    for (const record of records) {
      if (record.state === 'current') await move(deps, tx, record, 'retired');
    }
    await note(tx, next?._id ?? fresh);
    return { done: true, used: true };
  });
}

/**
 * Takes a key away: its material is deleted, its record stays. Where it was the current one, the next one is from now.
 * @param deps connection, clock, envelope, materials
 * @param key the key
 * @param note called with the id of the revoked key
 * @returns whether it was done; false when it was revoked already
 */
export async function takeAway(
  deps: ChangeDeps,
  key: { id: string; use: KeyUse },
  note: Note,
): Promise<boolean> {
  return withFresh(deps, key.use, async (tx, records, add) => {
    const record = records.find(({ _id }) => _id === key.id);
    if (!record || record.state === 'revoked') return { done: false, used: false };
    await move(deps, tx, record, 'revoked');
    const next = records.find(({ state }) => state === 'next');
    if (record.state === 'current' && next) await move(deps, tx, next, 'current');
    const needed = record.state !== 'retired';
    if (needed) await add(record.state === 'current' && !next ? 'current' : 'next');
    await note(tx, key.id);
    return { done: true, used: needed };
  });
}

/**
 * Deletes a retired key.
 * @param connection the main database
 * @param id the key
 * @returns whether it was this call that deleted it
 */
export async function forget(connection: Connection, id: string): Promise<boolean> {
  const { deletedCount } = await keyModel(connection).deleteOne({ _id: id, state: 'retired' });
  return deletedCount > 0;
}

type Body = (
  tx: Tx,
  records: readonly KeyRecord[],
  add: (state: KeyState) => Promise<string>,
) => Promise<{ done: boolean; used: boolean }>;

/** Runs a change with new material at hand, which is let go of again where the change did not need it. */
async function withFresh(deps: ChangeDeps, use: KeyUse, body: Body): Promise<boolean> {
  const model = keyModel(deps.connection);
  const material = await deps.materials.make(use);
  let used = false;
  try {
    return await inTransaction({ main: deps.connection }, async (tx) => {
      const stored = await model.find({ use }, undefined, { session: tx }).lean<KeyRecord[]>();
      const records = stored.map((record) => ({ ...record, id: record._id })).sort(byUseAndState);
      const id = `${use}-${nextNumber(records.map(({ _id }) => _id))}`;
      const outcome = await body(tx, records, async (state) => {
        const now = dateOf(deps.clock);
        const sealed = await deps.envelope.seal(material, id);
        const record: KeyRecord = { _id: id, use, state, sealed, createdAt: now, since: now };
        await model.create([record], { session: tx });
        return id;
      });
      used = outcome.used;
      return outcome.done;
    });
  } finally {
    if (!used) await deps.materials.discard(use, material);
  }
}

async function move(deps: ChangeDeps, tx: Tx, { _id, state: from }: KeyRecord, state: KeyState) {
  await keyModel(deps.connection).updateOne(
    { _id, state: from },
    {
      $set: { state, since: dateOf(deps.clock) },
      ...(state === 'revoked' && { $unset: { sealed: 1 } }),
    },
    { session: tx },
  );
}
