/**
 * The relying parties in memory, for the paths that every request takes. A cached client is handed out only while the
 * change stream lives and has not reported a change; otherwise each look-up reads the database. Unknown ids are never
 * remembered, so a new client works at once.
 */
import type { Connection } from 'mongoose';
import type { Watch, WatchListener } from '../../base/db/watch.ts';
import { clientId } from './client-input.ts';
import { type ClientRecord, toClientRecord } from './client-record.ts';
import { clientCollection, clientModel, type StoredClient } from './model.ts';

/** What the cache is made of. */
export interface ClientCacheDeps {
  connection: Connection;
  /** Opens the change stream: `watchCollection` of the database layer. */
  watch: (connection: Connection, collection: string, listener: WatchListener) => Promise<Watch>;
  /** Most clients held at once (default 2,000). */
  maxEntries?: number;
}

/** Finds clients. */
export interface ClientCache {
  /** The client, the same frozen object until it changes; undefined when there is none. Disabled ones are found. */
  find(id: string): Promise<ClientRecord | undefined>;
  close(): Promise<void>;
}

interface Entry {
  client: ClientRecord;
  /** The stored document as text: the object is made anew only when this differs. */
  source: string;
  fresh: boolean;
}

/**
 * Opens the cache and its change stream.
 * @param deps connection, the way to watch, size
 */
export async function createClientCache(deps: ClientCacheDeps): Promise<ClientCache> {
  const model = clientModel(deps.connection);
  const maxEntries = deps.maxEntries ?? 2_000;
  const entries = new Map<string, Entry>();
  const reading = new Map<string, Promise<ClientRecord | undefined>>();
  /** Rises with each reported change: a read that began before must not be remembered as fresh. */
  let generation = 0;

  const watch = await deps.watch(deps.connection, clientCollection, {
    onChange(id) {
      generation += 1;
      reading.delete(id);
      const entry = entries.get(id);
      if (entry) entry.fresh = false;
    },
    onGap() {
      generation += 1;
      reading.clear();
      for (const entry of entries.values()) entry.fresh = false;
    },
  });

  async function read(id: string): Promise<ClientRecord | undefined> {
    const begun = generation;
    const stored = await model.findOne({ _id: id }).lean<StoredClient>();
    if (!stored) {
      entries.delete(id);
      return undefined;
    }
    const source = JSON.stringify(stored);
    const known = entries.get(id);
    const client = known?.source === source ? known.client : toClientRecord(stored);
    entries.delete(id);
    entries.set(id, { client, source, fresh: begun === generation && watch.trusted() });
    const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
    return client;
  }

  /** Many requests for one client share a read, unless a change came in between or the stream is down. */
  function readOnce(id: string): Promise<ClientRecord | undefined> {
    if (!watch.trusted()) return read(id);
    const under = reading.get(id);
    if (under) return under;
    const begun = read(id).finally(() => {
      if (reading.get(id) === begun) reading.delete(id);
    });
    reading.set(id, begun);
    return begun;
  }

  return {
    async find(id) {
      if (!clientId.safeParse(id).success) return undefined;
      const entry = entries.get(id);
      return entry?.fresh && watch.trusted() ? entry.client : readOnce(id);
    },
    async close() {
      await watch.close();
    },
  };
}
