/**
 * Holds the keys in this process: reads and opens them at the start, makes what is missing, and follows every change
 * of the collection until it is closed. Decides nothing about a key's life.
 */
import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../db/transaction.ts';
import { watchCollection } from '../db/watch.ts';
import { type Clock, dateOf } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Envelope } from './envelope.ts';
import { type LiveKey, nextNumber, openRecords } from './live.ts';
import type { Materials } from './material.ts';
import {
  fixedUses,
  type KeyRecord,
  type KeyState,
  type KeyUse,
  keyCollection,
  keyModel,
  keyUses,
} from './model.ts';

/** What holding is made of. */
export interface HoldDeps {
  connection: Connection;
  clock: Clock;
  ids: Ids;
  envelope: Envelope;
  materials: Materials;
  /** Told of a key that another process sealed with a master key this one does not have yet, and of failed reads. */
  onTrouble?: (trouble: { key?: string; error: unknown }) => void;
}

/** A key that was taken away. */
export type RevokedRecord = Pick<LiveKey, 'id' | 'use' | 'state' | 'createdAt' | 'since'>;

/** The keys in memory. */
export interface Held {
  /** In order: by use, the current one first. */
  live(): readonly LiveKey[];
  revoked(): readonly RevokedRecord[];
  /** Reads anew and tells the listeners. */
  refresh(): Promise<void>;
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** When a read that failed is tried again: a revoked key must go from every process. */
const retryMs = 1_000;
/** When a key that could not be opened is tried again: its service may have been out of reach. */
const unreadableRetryMs = 30_000;

/**
 * Opens the keys and follows them.
 * @param deps connection, clock, envelope, materials
 * @throws Error when a stored key cannot be opened
 */
export async function holdKeys(deps: HoldDeps): Promise<Held> {
  const memory = createMemory(deps);
  await memory.load((_id, error) => {
    throw error;
  });
  await createMissing(deps, memory);
  const listeners: (() => void)[] = [];
  const refresh = async () => {
    await memory.load();
    for (const listener of listeners) listener();
  };
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const again = (afterMs: number) => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(follow, afterMs);
  };
  /** Follows a change; a read that fails is repeated until it succeeds. */
  function follow(): void {
    clearTimeout(timer);
    refresh().then(
      () => memory.incomplete() && again(unreadableRetryMs),
      (error: unknown) => {
        if (!closed) deps.onTrouble?.({ error });
        again(retryMs);
      },
    );
  }
  const watch = await watchCollection(deps.connection, keyCollection, { onChange: follow, onGap: follow });
  return {
    live: memory.live,
    revoked: memory.revoked,
    refresh,
    onChange: (listener) => listeners.push(listener),
    async close() {
      closed = true;
      clearTimeout(timer);
      await watch.close();
    },
  };
}

type Memory = ReturnType<typeof createMemory>;

function createMemory(deps: HoldDeps) {
  const model = keyModel(deps.connection);
  let live: LiveKey[] = [];
  let revoked: RevokedRecord[] = [];
  let loading: Promise<void> = Promise.resolve();
  let incomplete = false;
  const tell = (key: string, error: unknown) => {
    incomplete = true;
    deps.onTrouble?.({ key, error });
  };
  return {
    live: () => live,
    revoked: () => revoked,
    /** Whether the last reading left out a key that could not be opened. */
    incomplete: () => incomplete,
    /** Reads one after the other: what an earlier read found never replaces what a later one did. */
    load(onUnreadable = tell): Promise<void> {
      const read = async () => {
        incomplete = false;
        const records = await model.find().lean<KeyRecord[]>();
        live = await openRecords(records, live, deps.envelope, onUnreadable);
        revoked = records
          .filter(({ state }) => state === 'revoked')
          .map((record) => ({ ...record, id: record._id }));
      };
      loading = loading.then(read, read);
      return loading;
    },
  };
}

/**
 * Material is made for all uses at once, because the first start waits for it, and stored one after the other: many
 * commands at once would each wait for a connection of its own. The current key of a use goes before its next one:
 * another process that looks in between must not take a lone next one for a use without a current one.
 */
async function createMissing(deps: HoldDeps, memory: Memory): Promise<void> {
  const made = await Promise.all(keyUses.map((use) => makeMissing(deps, memory, use)));
  for (const key of made.flat()) await store(deps, key);
  await memory.load();
}

type NewKey = Pick<LiveKey, 'id' | 'use' | 'state' | 'material'>;

async function makeMissing(deps: HoldDeps, memory: Memory, use: KeyUse): Promise<NewKey[]> {
  const live = memory.live().filter((key) => key.use === use);
  const gone = memory.revoked().filter((key) => key.use === use);
  const wanted: KeyState[] = fixedUses.includes(use) ? ['current'] : ['current', 'next'];
  const missing = wanted.filter((state) => !live.some((key) => key.state === state));
  const first = nextNumber([...live, ...gone].map(({ id }) => id));
  return Promise.all(
    missing.map(async (state, index) => ({
      id: `${use}-${first + index}`,
      use,
      state,
      material: await deps.materials.make(use),
    })),
  );
}

/** Another process may have made the same key at this moment: then that one is taken. */
async function store(deps: HoldDeps, { id, use, state, material }: NewKey): Promise<void> {
  const sealed = await deps.envelope.seal(material, id);
  const now = dateOf(deps.clock);
  try {
    await keyModel(deps.connection).create([{ _id: id, use, state, sealed, createdAt: now, since: now }]);
  } catch (error) {
    await deps.materials.discard(use, material);
    if (!isDuplicateKey(error)) throw error;
  }
}
