import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Database } from '../../../src/base/db/connection.ts';
import { ensureIndexes } from '../../../src/base/db/migrations.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createIdempotencyKeys, idempotencyIndexes } from '../../../src/base/http/idempotency-keys.ts';
import { jsonRoute } from '../../../src/base/http/json-routes.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { seal, unseal } from '../../../src/base/kernel/sealing.ts';
import { atEnd, testDatabase } from '../../support/database.ts';
import { type Edge, startEdge } from './edge.ts';

let db: Database;
let edge: Edge;
let other: Edge;
let made: string[] = [];
/** What the handler does after its change, and before its answer leaves. */
let after: () => Promise<void> = async () => undefined;
let beforeChange: () => Promise<void> = async () => undefined;

const auth = { api: 'test', scopes: ['orders'] } as const;
const order = z.object({ id: z.string() });
const route = (name: string, idempotency: 'required' | 'optional', kept: boolean) =>
  jsonRoute({
    name,
    method: 'POST',
    path: `/${name}`,
    summary: 'Orders something.',
    tag: 'orders',
    auth,
    idempotency,
    versioned: true,
    input: { body: z.object({ what: z.string() }) },
    answers: { 201: order },
    async handle(_ctx, { body, keepAnswer }) {
      if (body.what === 'nothing') throw new DomainError('input.invalid');
      const id = `${body.what}-${crypto.randomUUID()}`;
      const answer = {
        status: 201,
        body: { id, secret: 'canary' } as { id: string },
        etag: '1',
        location: `/orders/${id}`,
      } as const;
      await beforeChange();
      await inTransaction(db, async (tx) => {
        await db.main.collection('orders').insertOne({ _id: id as never }, { session: tx });
        if (kept) await keepAnswer(tx, answer);
      });
      made.push(id);
      await after();
      return answer;
    },
  });

/** A process of its own as far as keys are concerned: they share the database and nothing else. */
function startProcess(): Promise<Edge> {
  const key = { id: 'k', key: Buffer.alloc(32, 5) };
  return startEdge({
    routes: [route('orders', 'required', false), route('kept', 'optional', true)],
    idempotencyKeys: createIdempotencyKeys({
      connection: db.main,
      // The edge's clock is not there yet when the keys are made.
      clock: { now: () => edge.clock.now() },
      ids: createIds(),
      hmacKey: Buffer.alloc(32, 4),
      sealer: {
        seal: (plain, context) => seal(key, plain, context),
        open: (sealed, context) => unseal({ all: [key] }, sealed, context),
      },
    }),
  });
}

beforeAll(async () => {
  db = await testDatabase();
  await db.main.createCollection('orders');
  await db.main.createCollection('idempotencyKeys');
  await ensureIndexes(db, idempotencyIndexes);
  edge = await startProcess();
  other = await startProcess();
  atEnd(async () => {
    await edge.stop();
    await other.stop();
  });
});

const send = async (
  key: string | undefined,
  what = 'book',
  more: Record<string, string> = {},
  path = '/orders',
  process = edge,
) => {
  const answer = await process.send(path, {
    method: 'POST',
    headers: {
      authorization: 'Bearer for-test',
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...more,
    },
    body: JSON.stringify({ what }),
  });
  return { ...answer, json: JSON.parse(answer.text) };
};
const fresh = () => `"${crypto.randomUUID()}"`;
const stored = () => db.main.collection('idempotencyKeys').find().toArray();

describe('a request with a key', () => {
  it('is carried out once and answered alike each time', async () => {
    made = [];
    const key = fresh();
    const first = await send(key);
    const second = await send(key);
    expect(made).toHaveLength(1);
    expect([first.status, first.json, first.headers.location]).toEqual([
      201,
      { id: made[0] },
      `/orders/${made[0]}`,
    ]);
    expect(second).toMatchObject({ status: 201, json: first.json });
    expect(second.headers).toMatchObject({
      location: first.headers.location,
      etag: '"1"',
      'idempotency-replayed': 'true',
    });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('may send it bare as well', async () => {
    made = [];
    const key = crypto.randomUUID();
    await send(key);
    await send(`"${key}"`);
    expect(made).toHaveLength(1);
  });

  it('is carried out by one of two that come at the same instant', async () => {
    made = [];
    const key = fresh();
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    beforeChange = () => {
      begun.resolve();
      return gate.promise;
    };
    const first = send(key);
    await begun.promise;
    const second = await send(key);
    expect([second.status, second.json.code, second.headers['retry-after']]).toEqual([
      409,
      'idempotency.in_flight',
      '1',
    ]);
    gate.resolve();
    beforeChange = async () => undefined;
    expect((await first).status).toBe(201);
    expect((await send(key)).json).toEqual((await first).json);
    const many = fresh();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => send(many, 'book', {}, '/orders', index % 2 ? edge : other)),
    );
    expect(made).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
  });

  it('is refused when it is another request', async () => {
    const key = fresh();
    await send(key);
    for (const other of [await send(key, 'pen'), await send(key, 'book', { 'if-match': '"1"' })]) {
      expect([other.status, other.json.code]).toEqual([422, 'idempotency.mismatch']);
    }
  });

  it('answers no token that opens less than the first one did', async () => {
    const key = fresh();
    const wide = await send(key, 'book', { also: 'prices' });
    expect((await send(key, 'book', { also: 'prices' })).json).toEqual(wide.json);
    const narrow = await send(key);
    expect([narrow.status, narrow.json.code]).toEqual([422, 'idempotency.mismatch']);
  });

  it('of another caller is another request', async () => {
    made = [];
    const key = fresh();
    await send(key);
    await send(key, 'pen', { caller: 'other' });
    expect(made).toHaveLength(2);
  });

  it('is judged anew after a refusal, which changed nothing', async () => {
    const key = fresh();
    expect((await send(key, 'nothing')).status).toBe(422);
    expect((await send(key, 'book')).status).toBe(201);
  });

  it('is forgotten after a day', async () => {
    made = [];
    const key = fresh();
    await send(key);
    edge.clock.time += 24 * 3_600_000 + 1;
    await send(key, 'pen');
    expect(made).toHaveLength(2);
  });

  it('leaves nothing readable behind', async () => {
    const key = fresh();
    await send(key);
    const all = JSON.stringify(await stored());
    expect(all).not.toContain(key.slice(1, -1));
    expect(all).not.toContain('orders');
    expect(all).not.toContain('tester');
  });

  it.each([['""'], ['"a'], ['a b'], ['"ü"'], [`"${'x'.repeat(201)}"`]])('must be a text: %s', async (key) => {
    expect((await send(Buffer.from(key).toString('latin1'))).json.code).toBe('input.malformed');
  });
});

describe('a request without a key', () => {
  it('is refused where one is asked for, and carried out where not', async () => {
    const refused = await send(undefined);
    expect([refused.status, refused.json.code]).toEqual([400, 'idempotency.required']);
    expect((await send(undefined, 'book', {}, '/kept')).status).toBe(201);
  });
});

describe('a process that dies between the change and its answer', () => {
  /** The handler has made its change and never comes back: a connection that is cut with the process. */
  async function die(key: string, path: string): Promise<void> {
    const changed = Promise.withResolvers<void>();
    after = () => {
      changed.resolve();
      return new Promise(() => undefined);
    };
    send(key, 'book', {}, path).catch(() => undefined);
    await changed.promise;
    after = async () => undefined;
  }

  it('holds the key for two minutes; then the request is carried out again', async () => {
    made = [];
    const key = fresh();
    await die(key, '/orders');
    expect((await send(key)).status).toBe(409);
    edge.clock.time += 120_001;
    expect((await send(key)).status).toBe(201);
    expect(made).toHaveLength(2);
  });

  it('has answered all the same where the answer was kept with the change', async () => {
    made = [];
    const key = fresh();
    await die(key, '/kept');
    const again = await send(key, 'book', {}, '/kept');
    expect([again.status, again.json.id]).toEqual([201, made[0]]);
    expect(made).toHaveLength(1);
  });

  it('changes nothing any more when somebody else has taken over', async () => {
    made = [];
    const key = fresh();
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    beforeChange = () => {
      begun.resolve();
      return gate.promise;
    };
    const slow = send(key, 'slow', {}, '/kept');
    await begun.promise;
    beforeChange = async () => undefined;
    edge.clock.time += 120_001;
    const other = await send(key, 'slow', {}, '/kept');
    gate.resolve();
    expect([other.status, (await slow).json.code]).toEqual([201, 'idempotency.in_flight']);
    expect(made).toEqual([other.json.id]);
  });
});
