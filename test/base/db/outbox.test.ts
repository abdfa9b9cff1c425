/** Durable work: done at least once whatever dies in between, tried again with patience, given up visibly. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createOutbox, type Outbox, type OutboxHandler } from '../../../src/base/db/outbox.ts';
import { outboxState, retryDead, retryTask } from '../../../src/base/db/outbox-state.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { seal, unseal } from '../../../src/base/kernel/sealing.ts';
import { testDatabase } from '../../support/database.ts';

const named = { id: 'k1', key: Buffer.alloc(32, 3) };
const sealer = {
  seal: (plain: string | Buffer, context: string) => seal(named, plain, context),
  open: (sealed: string, context: string) => unseal({ all: [named] }, sealed, context),
};
const minute = 60_000;

describe('the outbox', () => {
  let db: Database;
  let now: number;
  let failures: { kind: string; dead: boolean }[];
  const clock = { now: () => now };

  /** An outbox as another process would have it. */
  function outbox(handlers: Record<string, OutboxHandler> = {}): Outbox {
    const made = createOutbox({
      connection: db.main,
      clock,
      ids: createIds(),
      sealer,
      onFailure: (kind, _error, dead) => failures.push({ kind, dead }),
    });
    for (const [kind, handler] of Object.entries(handlers)) made.handle(kind, handler);
    return made;
  }

  beforeEach(async () => {
    db = await testDatabase();
    now = Date.UTC(2026, 0, 1);
    failures = [];
    await db.main.createCollection('outbox');
  });

  it('does by the next run what a process left undone between commit and work', async () => {
    // The first process knows no handler: as if it had died right after the commit.
    await inTransaction(db, (tx) => outbox().add({ kind: 'mail', payload: { to: 'canary' } }, tx));
    const done: unknown[] = [];
    const next = outbox({ mail: async (payload) => void done.push(payload) });
    await next.run();
    await next.run();
    expect(done).toEqual([{ to: 'canary' }]);
  });

  it('writes nothing when the transaction is rolled back', async () => {
    const done: unknown[] = [];
    const here = outbox({ mail: async (payload) => void done.push(payload) });
    const refused = inTransaction(db, async (tx) => {
      await here.add({ kind: 'mail', payload: {} }, tx);
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    await here.run();
    expect(done).toEqual([]);
    expect(await db.main.collection('outbox').countDocuments()).toBe(0);
  });

  it('does again what a process began and did not finish, once its lease is over', async () => {
    const dying = outbox({ mail: () => new Promise(() => undefined) });
    await dying.add({ kind: 'mail', payload: {} });
    const attempts: number[] = [];
    const ids = new Set<string>();
    const living = outbox({
      mail: async (_payload, { id, attempt }) => {
        attempts.push(attempt);
        ids.add(id);
      },
    });
    await leased(db);
    await living.run();
    expect(attempts).toEqual([]);
    now += minute;
    await living.run();
    expect(attempts).toEqual([2]);
    expect(ids.size).toBe(1);
  });

  it('waits longer after each failure, gives up after the last try, and tries again when told', async () => {
    let healthy = false;
    const done: number[] = [];
    const here = outbox({
      notice: async (_payload, { attempt }) => {
        if (!healthy) throw new Error('the other side is down');
        done.push(attempt);
      },
    });
    await here.add({ kind: 'notice', payload: { to: 'shop' } });
    await here.idle();
    expect(failures).toEqual([{ kind: 'notice', dead: false }]);
    await here.run();
    expect(failures).toHaveLength(1);
    for (let tries = 1; tries < 12; tries += 1) {
      now += 60 * minute;
      await here.run();
    }
    expect(failures).toHaveLength(12);
    expect(failures.at(-1)).toEqual({ kind: 'notice', dead: true });
    now += 24 * 60 * minute;
    await here.run();
    expect(failures).toHaveLength(12);
    expect(await outboxState(db.main, clock)).toEqual({
      waiting: 0,
      oldestDueSeconds: 0,
      dead: { notice: 1 },
    });

    healthy = true;
    expect(await retryDead(db.main, clock)).toBe(1);
    await here.run();
    expect(done).toEqual([1]);
  });

  it('shares the work between processes without doing any twice', async () => {
    const done: string[] = [];
    const handler: OutboxHandler = async (payload) => void done.push(String(payload.number));
    const producer = outbox();
    for (let number = 0; number < 30; number += 1) await producer.add({ kind: 'work', payload: { number } });
    await Promise.all([outbox({ work: handler }).run(), outbox({ work: handler }).run()]);
    expect(done).toHaveLength(30);
    expect(new Set(done).size).toBe(30);
  });

  it('adds a task of a given id once, and tells the handler which try is the last', async () => {
    const lasts: boolean[] = [];
    const here = outbox({
      notice: async (_payload, { last }) => {
        lasts.push(last);
        throw new Error('down');
      },
    });
    await here.add({ id: 'out_1.0', kind: 'notice', payload: {} });
    await here.add({ id: 'out_1.0', kind: 'notice', payload: {} });
    await here.idle();
    const again = inTransaction(db, (tx) => here.add({ id: 'out_1.0', kind: 'notice', payload: {} }, tx));
    await expect(again).rejects.toMatchObject({ code: 11_000 });
    for (let tries = 1; tries < 12; tries += 1) {
      now += 60 * minute;
      await here.run();
    }
    expect(lasts).toEqual([...Array(11).fill(false), true]);
    expect(await retryTask(db.main, clock, 'out_1.0')).toBe(true);
    expect(await retryTask(db.main, clock, 'out_2.0')).toBe(false);
  });

  it('gives one lane two of its workers at most, and leaves a lane alone that took long to fail', async () => {
    const { promise: silence, reject: breakOff } = Promise.withResolvers<never>();
    let asked = 0;
    const done: string[] = [];
    const here = outbox({
      notice: () => {
        asked += 1;
        return silence;
      },
      mail: async () => void done.push('mail'),
    });
    for (let count = 0; count < 4; count += 1)
      await here.add({ kind: 'notice', lane: 'silent', payload: {} });
    for (let count = 0; count < 3; count += 1) await here.add({ kind: 'mail', payload: {} });
    while (done.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(2);
    now += 5_000;
    breakOff(new Error('timeout'));
    await here.idle();
    expect(asked).toBe(2);
    now += 29_000;
    await here.run();
    expect(asked).toBe(2);
    now += 2_000;
    await here.run();
    expect(asked).toBe(6);
  });

  it('keeps payloads unreadable at rest', async () => {
    await outbox().add({ kind: 'mail', payload: { to: 'canary@example.com' } });
    expect(JSON.stringify(await db.main.collection('outbox').find().toArray())).not.toContain('canary');
  });
});

/** Waits until a task is leased. */
async function leased(db: Database): Promise<void> {
  while ((await db.main.collection('outbox').countDocuments({ attempts: 1 })) === 0) {
    // the process that is to die has not begun yet
  }
}
