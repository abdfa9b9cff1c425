import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { Database } from '../../../src/base/db/connection.ts';
import { type WatchListener, watchCollection } from '../../../src/base/db/watch.ts';
import { createEvents } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { type ClientCache, createClientCache } from '../../../src/business/clients/client-cache.ts';
import { type Clients, createClients } from '../../../src/business/clients/clients.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock, visitOf } from '../../support/visit.ts';

const clock = movableClock();
const ids = createIds();
const visit = visitOf();

let db: Database;
let clients: Clients;
let caches: ClientCache[] = [];

beforeAll(async () => {
  db = await testDatabase();
  const events = createEvents({ connection: db.main, clock, ids });
  clients = createClients({ db, clock, ids, secretKey: Buffer.alloc(32, 1), events });
});
beforeEach(() => {
  caches = [];
});
afterEach(async () => {
  await Promise.all(caches.map((cache) => cache.close()));
});

async function opened(cache: Promise<ClientCache>): Promise<ClientCache> {
  caches.push(await cache);
  return cache;
}

async function added(): Promise<string> {
  const id = `client-${ids.code(12)}`;
  const metadata = { redirect_uris: ['https://air.example/cb'] };
  await clients.add({ id, brand: 'volt', name: 'First', metadata }, visit);
  return id;
}

/** A stream under the test's control, so that nothing depends on time. */
function streamInHand() {
  let listener: WatchListener | undefined;
  let up = true;
  return {
    watch: async (_connection: Connection, _collection: string, told: WatchListener) => {
      listener = told;
      return { trusted: () => up, close: async () => undefined };
    },
    change: (id: string) => listener?.onChange(id),
    break: () => {
      up = false;
      listener?.onGap();
    },
    mend: () => {
      listener?.onGap();
      up = true;
    },
  };
}

const rename = (id: string, name: string) => clients.update(id, { name }, visit);

describe('the client cache on a living stream', () => {
  it('sees a change made by any process without being asked to', async () => {
    const seen: (() => void)[] = [];
    const cache = await opened(
      createClientCache({
        connection: db.main,
        watch: (connection, collection, listener) =>
          watchCollection(connection, collection, {
            onGap: listener.onGap,
            onChange: (id) => {
              listener.onChange(id);
              for (const tell of seen) tell();
            },
          }),
      }),
    );
    const id = await added();
    expect((await cache.find(id))?.name).toBe('First');
    const reported = new Promise<void>((resolve) => seen.push(resolve));
    await rename(id, 'Second');
    await reported;
    // The report of adding may come late and be the one awaited: then the next report follows.
    while ((await cache.find(id))?.name !== 'Second') {
      await new Promise<void>((resolve) => seen.push(resolve));
    }
    expect((await cache.find(id))?.name).toBe('Second');
  });

  it('hands out the same frozen object until the client changes', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    const first = await cache.find(id);
    expect(await cache.find(id)).toBe(first);
    expect(Object.isFrozen(first?.metadata.redirect_uris)).toBe(true);
    stream.change(id);
    expect(await cache.find(id)).toBe(first);
    await rename(id, 'Second');
    stream.change(id);
    const second = await cache.find(id);
    expect(second).not.toBe(first);
    expect(second?.name).toBe('Second');
  });

  it('answers without the database', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    await cache.find(id);
    await rename(id, 'Unreported');
    expect((await cache.find(id))?.name).toBe('First');
  });

  it('never remembers that a client does not exist', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = `late-${ids.code(12)}`;
    expect(await cache.find(id)).toBeUndefined();
    const metadata = { redirect_uris: ['https://air.example/cb'] };
    await clients.add({ id, brand: 'volt', name: 'Late', metadata }, visit);
    expect((await cache.find(id))?.name).toBe('Late');
  });

  it('does not remember what it read while a change was reported', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    const reading = cache.find(id);
    stream.change(id);
    await reading;
    await rename(id, 'Second');
    expect((await cache.find(id))?.name).toBe('Second');
  });

  it('holds no more than its bound', async () => {
    const stream = streamInHand();
    const cache = await opened(
      createClientCache({ connection: db.main, watch: stream.watch, maxEntries: 1 }),
    );
    const [one, other] = [await added(), await added()];
    await cache.find(one);
    await cache.find(other);
    await rename(one, 'Second');
    expect((await cache.find(one))?.name).toBe('Second');
  });

  it.each(['', 'a.b', '$where', '../x', 'a'.repeat(500), '{"$gt":""}'])(
    'finds nothing for %j',
    async (id) => {
      const stream = streamInHand();
      const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
      expect(await cache.find(id)).toBeUndefined();
    },
  );
});

describe('the client cache while the stream is down', () => {
  it('reads through each time', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    await cache.find(id);
    stream.break();
    await rename(id, 'Second');
    expect((await cache.find(id))?.name).toBe('Second');
    await rename(id, 'Third');
    expect((await cache.find(id))?.name).toBe('Third');
  });

  it('trusts nothing from before once the stream is back', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    await cache.find(id);
    stream.break();
    await rename(id, 'Unseen');
    stream.mend();
    const found = await cache.find(id);
    expect(found?.name).toBe('Unseen');
    expect(await cache.find(id)).toBe(found);
  });

  it('still hands out the same object for an unchanged client', async () => {
    const stream = streamInHand();
    const cache = await opened(createClientCache({ connection: db.main, watch: stream.watch }));
    const id = await added();
    const found = await cache.find(id);
    stream.break();
    expect(await cache.find(id)).toBe(found);
  });
});
