/**
 * The keys of the program: makes, rotates, revokes, seals and hands out every key. A change is seen by each process
 * through the change stream, without a restart. Never gives key material to a log or an event, and never uses a
 * key for two purposes.
 */
import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../db/transaction.ts';
import { type Watch, watchCollection } from '../db/watch.ts';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { type KeyRing, type Sealer, seal, unseal } from '../kernel/sealing.ts';
import { type Note, promoteNext, takeAway } from './changes.ts';
import { createEnvelope, type Rewrapped, rewrap } from './envelope.ts';
import type { Kms } from './kms.ts';
import { byUseAndState, type LiveKey, nextNumber, openRecords } from './live.ts';
import { createMaterials, type PublishedJwk } from './material.ts';
import {
  fixedUses,
  isPublished,
  type KeyRecord,
  type KeyState,
  type KeyUse,
  keyCollection,
  keyModel,
  keyUses,
  revocableUses,
  shortLivedUses,
} from './model.ts';

/** What an operator sees of a key. */
export interface KeyInfo {
  id: string;
  use: KeyUse;
  state: KeyState;
  createdAt: Date;
  since: Date;
  /** False where stored digests depend on the key, so that it must stay. */
  rotates: boolean;
  /** Whether it can be taken away in an emergency without losing members' data. */
  revocable: boolean;
}

/** How a rotation is done. */
export interface Rotation {
  /** The current key that is to retire (default: the one this process knows); where it has already, nothing is done. */
  expected?: string;
  /** Records the rotation in its transaction; called with the id of the new current key, by whoever did it only. */
  note?: Note;
}

/** The keys as other modules see them. */
export interface Keys {
  /** Keys of the JWKS: per use the current one first, then next and retired ones. */
  publishedJwks(): PublishedJwk[];
  /** How the key with this `kid` signs, where its private half is kept by an external service; else undefined. */
  remoteSigner(kid: string): ((data: Uint8Array) => Promise<Uint8Array>) | undefined;
  /** The symmetric keys of a use, current first. */
  ring(use: KeyUse): KeyRing;
  /** The one current secret of a use, for digests. */
  secret(use: KeyUse): Buffer;
  /** A sealer that always uses the live keys of a use. */
  sealer(use: KeyUse): Sealer;
  /** Every key, without material. */
  list(): KeyInfo[];
  /** Makes the next key current, the current one retired, and prepares a new next one. Returns the current id after it. */
  rotate(use: KeyUse, rotation?: Rotation): Promise<string>;
  /**
   * Takes a key away at once, everywhere. Returns the current id of its use after it.
   * @throws Error when there is no such key, it is revoked, or its use is not revocable
   */
  revoke(id: string, note?: Note): Promise<string>;
  /** Seals with the newest master key what an older one sealed. */
  rewrap(): Promise<Rewrapped>;
  /** Called after each change that this process has seen. */
  onChange(listener: () => void): void;
  /** Deletes short-lived keys that were retired before the given time; nothing they made is valid any more. */
  purgeRetired(before: Date): Promise<number>;
  close(): Promise<void>;
}

/** What the keys are made of. */
export interface KeysDeps {
  connection: Connection;
  /** Master keys, newest first; they come from outside the database. */
  master: KeyRing;
  /** External key service, where one is configured. */
  kms?: Kms | undefined;
  clock: Clock;
  ids: Ids;
  /** Told of a key that another process sealed with a master key this one does not have yet, and of failed reads. */
  onTrouble?: (trouble: { key?: string; error: unknown }) => void;
}

/** When a read that failed is tried again: a revoked key must go from every process. */
const retryMs = 1_000;

/**
 * Opens the keys, making what is missing, and follows their changes.
 * @param deps connection, master keys, clock, ids
 * @throws Error when a stored key was sealed by a master key that is not configured
 */
export async function openKeys(deps: KeysDeps): Promise<Keys> {
  const model = keyModel(deps.connection);
  const envelope = createEnvelope(deps.master, deps.kms);
  const materials = createMaterials(deps.ids, deps.kms);
  const changing = { connection: deps.connection, clock: deps.clock, envelope, materials };
  const listeners: (() => void)[] = [];
  let live: LiveKey[] = [];
  let revoked: KeyRecord[] = [];
  let loading: Promise<void> = Promise.resolve();
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  await load((_id, error) => {
    throw error;
  });
  await createMissing();

  /** Reads one after the other: what an earlier read found never replaces what a later one did. */
  function load(onUnreadable = tellUnreadable): Promise<void> {
    const read = async () => {
      const records = await model.find().lean<KeyRecord[]>();
      live = await openRecords(records, live, envelope, onUnreadable);
      revoked = records.filter(({ state }) => state === 'revoked');
    };
    loading = loading.then(read, read);
    return loading;
  }

  function tellUnreadable(key: string, error: unknown): void {
    deps.onTrouble?.({ key, error });
  }

  /** All at once, because the first start waits for it. */
  async function createMissing(): Promise<void> {
    await Promise.all(
      keyUses.flatMap((use) => {
        const wanted: KeyState[] = fixedUses.includes(use) ? ['current'] : ['current', 'next'];
        const missing = wanted.filter((state) => !live.some((key) => key.use === use && key.state === state));
        const first = nextNumber(idsOf(use));
        return missing.map((state, index) => create(use, state, first + index));
      }),
    );
  }

  function idsOf(use: KeyUse): string[] {
    const stored = [...live, ...revoked.map(({ _id, use: of }) => ({ id: _id, use: of }))];
    return stored.filter((key) => key.use === use).map(({ id }) => id);
  }

  async function create(use: KeyUse, state: KeyState, number: number): Promise<void> {
    const id = `${use}-${number}`;
    const material = await materials.make(use);
    const sealed = await envelope.seal(material, id);
    const now = dateOf(deps.clock);
    try {
      await model.create([{ _id: id, use, state, sealed, createdAt: now, since: now }]);
    } catch (error) {
      await materials.discard(use, material);
      if (!isDuplicateKey(error)) throw error;
    }
    await load();
  }

  async function refresh(): Promise<void> {
    await load();
    for (const listener of listeners) listener();
  }

  /** Follows a change; a read that fails is repeated until it succeeds. */
  function follow(): void {
    clearTimeout(retry);
    refresh().catch((error: unknown) => {
      if (closed) return;
      deps.onTrouble?.({ error });
      retry = setTimeout(follow, retryMs);
    });
  }

  const watch: Watch = await watchCollection(deps.connection, keyCollection, {
    onChange: follow,
    onGap: follow,
  });

  const ring = (use: KeyUse): KeyRing => {
    const all = live.filter((key) => key.use === use).map(({ named }) => named);
    const current = all[0];
    if (!current) throw new Error(`no key for ${use}`);
    return { current, all };
  };
  const currentOf = (use: KeyUse) => ring(use).current.id;

  return {
    publishedJwks: () =>
      live.filter(({ use }) => isPublished(use)).map(({ material }) => materials.jwk(material)),
    remoteSigner(kid) {
      const key = live.find(({ use, material }) => isPublished(use) && materials.jwk(material).kid === kid);
      return key && materials.signer(key.material);
    },
    ring,
    secret: (use) => ring(use).current.key,
    sealer: (use) => ({
      seal: (plain, context) => seal(ring(use).current, plain, context),
      open: (sealed, context) => unseal(ring(use), sealed, context),
    }),
    list: () =>
      [...live, ...revoked.map((record) => ({ ...record, id: record._id }))]
        .sort(byUseAndState)
        .map(({ id, use, state, createdAt, since }) => ({
          ...{ id, use, state, createdAt, since },
          rotates: !fixedUses.includes(use),
          revocable: state !== 'revoked' && revocableUses.includes(use),
        })),
    async rotate(use, { expected = currentOf(use), note = noNote } = {}) {
      if (fixedUses.includes(use)) throw new Error(`${use} cannot rotate: stored digests depend on it`);
      await promoteNext(changing, use, expected, note);
      await refresh();
      return currentOf(use);
    },
    async revoke(id, note = noNote) {
      const key = live.find((one) => one.id === id);
      if (!key) throw new Error(`there is no live key ${id}`);
      if (!revocableUses.includes(key.use))
        throw new Error(`${key.use} cannot be revoked: data would be lost`);
      if (!(await takeAway(changing, key, note))) throw new Error(`${id} is revoked already`);
      await refresh();
      await materials.discard(key.use, key.material);
      return currentOf(key.use);
    },
    rewrap: () => rewrap(deps.connection, envelope),
    onChange: (listener) => listeners.push(listener),
    async purgeRetired(before) {
      const old = live.filter(
        ({ use, state, since }) => shortLivedUses.includes(use) && state === 'retired' && since < before,
      );
      for (const { id, use, material } of old) {
        const { deletedCount } = await model.deleteOne({ _id: id, state: 'retired' });
        if (deletedCount > 0) await materials.discard(use, material);
      }
      if (old.length > 0) await refresh();
      return old.length;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await watch.close();
    },
  };
}

const noNote: Note = async () => undefined;
