/**
 * The keys of the program: makes, rotates, seals and hands out every key. A rotation is seen by each process
 * through the change stream, without a restart. Never gives key material to a log or an event, and never uses a
 * key for two purposes.
 */
import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../db/transaction.ts';
import { type Watch, watchCollection } from '../db/watch.ts';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { type KeyRing, type NamedKey, type Sealer, seal, unseal } from '../kernel/sealing.ts';
import { makeMaterial, type PublishedJwk } from './material.ts';
import {
  fixedUses,
  isPublished,
  type KeyRecord,
  type KeyState,
  type KeyUse,
  keyCollection,
  keyModel,
  keyUses,
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
}

/** The keys as other modules see them. */
export interface Keys {
  /** Private keys of the JWKS: per use the current one first, then next and retired ones. */
  publishedJwks(): PublishedJwk[];
  /** The symmetric keys of a use, current first. */
  ring(use: KeyUse): KeyRing;
  /** The one current secret of a use, for digests. */
  secret(use: KeyUse): Buffer;
  /** A sealer that always uses the live keys of a use. */
  sealer(use: KeyUse): Sealer;
  /** Every key, without material. */
  list(): KeyInfo[];
  /** Makes the next key current, the current one retired, and prepares a new next one. Returns the new current id. */
  rotate(use: KeyUse): Promise<string>;
  /** Called after each change that this process has seen. */
  onChange(listener: () => void): void;
  /** Deletes signing keys that were retired before the given time; nothing they signed is valid any more. */
  purgeRetiredSigningKeys(before: Date): Promise<number>;
  close(): Promise<void>;
}

/** What the keys are made of. */
export interface KeysDeps {
  connection: Connection;
  /** Master keys, newest first; they come from outside the database. */
  master: KeyRing;
  clock: Clock;
  ids: Ids;
}

/** A key as this process holds it, opened. */
interface LiveKey extends Omit<KeyInfo, 'rotates'> {
  material: string;
  /** The material as bytes; the same object for as long as the key is held, because preparing one is dear. */
  named: NamedKey;
}

/**
 * Opens the keys, making what is missing, and follows their changes.
 * @param deps connection, master keys, clock, ids
 * @throws Error when a stored key was sealed by a master key that is not configured
 */
export async function openKeys(deps: KeysDeps): Promise<Keys> {
  const model = keyModel(deps.connection);
  const listeners: (() => void)[] = [];
  let live: LiveKey[] = [];
  let loading: Promise<void> = Promise.resolve();
  await load();
  await createMissing();

  /** Reads one after the other: what an earlier read found never replaces what a later one did. */
  function load(): Promise<void> {
    const read = async () => {
      const records = await model.find().lean<KeyRecord[]>();
      live = records.map((record) => open(record, deps.master)).sort(byUseAndState);
    };
    loading = loading.then(read, read);
    return loading;
  }

  /** All at once, because the first start waits for it. */
  async function createMissing(): Promise<void> {
    await Promise.all(
      keyUses.flatMap((use) => {
        const wanted: KeyState[] = fixedUses.includes(use) ? ['current'] : ['current', 'next'];
        const missing = wanted.filter((state) => !live.some((key) => key.use === use && key.state === state));
        const first = freeNumber(use);
        return missing.map((state, index) => create(use, state, first + index));
      }),
    );
  }

  function freeNumber(use: KeyUse): number {
    return 1 + Math.max(0, ...live.filter((key) => key.use === use).map((key) => numberOf(key.id)));
  }

  async function create(use: KeyUse, state: KeyState, number = freeNumber(use)): Promise<void> {
    const id = `${use}-${number}`;
    const material = await makeMaterial(use, deps.ids);
    const sealed = seal(deps.master.current, material, `keys.sealed.${id}`);
    const now = dateOf(deps.clock);
    try {
      const record: KeyRecord = { _id: id, use, state, sealed, createdAt: now, since: now };
      await model.create([record]);
      live = [...live.filter((key) => key.id !== id), open(record, deps.master)].sort(byUseAndState);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await load();
    }
  }

  async function refresh(): Promise<void> {
    await load();
    for (const listener of listeners) listener();
  }

  const watch: Watch = await watchCollection(deps.connection, keyCollection, {
    onChange: () => void refresh().catch(() => undefined),
    onGap: () => void refresh().catch(() => undefined),
  });

  const ring = (use: KeyUse): KeyRing => {
    const all = live.filter((key) => key.use === use).map(({ named }) => named);
    const current = all[0];
    if (!current) throw new Error(`no key for ${use}`);
    return { current, all };
  };

  return {
    publishedJwks: () =>
      live.filter((key) => isPublished(key.use)).map((key) => JSON.parse(key.material) as PublishedJwk),
    ring,
    secret: (use) => ring(use).current.key,
    sealer: (use) => ({
      seal: (plain, context) => seal(ring(use).current, plain, context),
      open: (sealed, context) => unseal(ring(use), sealed, context),
    }),
    list: () =>
      live.map(({ material: _kept, named: _alsoKept, ...shown }) => ({
        ...shown,
        rotates: !fixedUses.includes(shown.use),
      })),
    async rotate(use) {
      if (fixedUses.includes(use)) throw new Error(`${use} cannot rotate: stored digests depend on it`);
      if (!live.some((key) => key.use === use && key.state === 'next')) await create(use, 'next');
      const next = live.find((key) => key.use === use && key.state === 'next');
      const current = live.find((key) => key.use === use && key.state === 'current');
      if (!next) throw new Error(`no next key for ${use}`);
      const since = dateOf(deps.clock);
      // Promote first: with two current keys the newer one signs; with none nothing would.
      await model.updateOne({ _id: next.id, state: 'next' }, { $set: { state: 'current', since } });
      if (current)
        await model.updateOne({ _id: current.id, state: 'current' }, { $set: { state: 'retired', since } });
      await load();
      // The next one is known everywhere long before anything is signed, sealed or digested with it.
      await create(use, 'next');
      await refresh();
      return next.id;
    },
    onChange: (listener) => listeners.push(listener),
    async purgeRetiredSigningKeys(before) {
      const old = live.filter((key) => isPublished(key.use) && key.state === 'retired' && key.since < before);
      for (const key of old) await model.deleteOne({ _id: key.id, state: 'retired' });
      if (old.length > 0) await refresh();
      return old.length;
    },
    close: () => watch.close(),
  };
}

function open(record: KeyRecord, master: KeyRing): LiveKey {
  const material = unseal(master, record.sealed, `keys.sealed.${record._id}`).toString();
  const { _id: id, use, state, createdAt, since } = record;
  const named = { id, key: Buffer.from(material, 'base64url') };
  return { id, use, state, createdAt, since, material, named };
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

const stateOrder: Record<KeyState, number> = { current: 0, next: 1, retired: 2 };

/** Algorithms in declared order; current first; of two with one state the newer first. */
function byUseAndState(left: LiveKey, right: LiveKey): number {
  return (
    keyUses.indexOf(left.use) - keyUses.indexOf(right.use) ||
    stateOrder[left.state] - stateOrder[right.state] ||
    numberOf(right.id) - numberOf(left.id)
  );
}
