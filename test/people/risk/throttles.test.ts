import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import type { Database } from '../../../src/base/db/connection.ts';
import type { Clock } from '../../../src/base/kernel/clock.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import {
  createThrottles,
  type LimiterName,
  type ThrottleKeys,
  type Throttles,
} from '../../../src/people/risk/throttles.ts';
import { testDatabase, testMongodUri } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

const ids = createIds();
const hmacKey = ids.bytes(32);
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

describe('the limits', () => {
  let db: Database;
  let clock: ReturnType<typeof movableClock>;
  let throttles: Throttles;
  let other: Throttles;
  let limited: string[];
  const opened: Throttles[] = [];

  beforeEach(async () => {
    db ??= await testDatabase();
    clock = movableClock();
    limited = [];
    [throttles, other] = [process(), process()];
  });
  afterAll(() => Promise.all(opened.map((one) => one.close())));

  /** The limits of one process of the fleet. */
  function process(its: Clock = clock): Throttles {
    const made = createThrottles({
      connection: db.main,
      clock: its,
      hmacKey,
      metrics: { limited: (limiter) => void limited.push(limiter) },
    });
    opened.push(made);
    return made;
  }

  const somebody = (): ThrottleKeys & { member: string } => ({ member: ids.id('mbr') });
  /** Seconds to wait; 0 when the attempt went on. */
  async function wait(name: LimiterName, keys: ThrottleKeys, at = throttles): Promise<number> {
    try {
      await at.attempt(name, keys);
      return 0;
    } catch (error) {
      expect(error).toMatchObject({ code: 'limit.reached', status: 429 });
      const { retryAfter, params } = error as { retryAfter: number; params: Record<string, number> };
      expect(params).toEqual({ seconds: retryAfter, minutes: Math.ceil(retryAfter / 60) });
      return retryAfter;
    }
  }
  async function waits(times: number, name: LimiterName, keys: ThrottleKeys): Promise<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < times; i++) seen.push(await wait(name, keys));
    return seen;
  }
  /** Fails until the account lets nobody try any more; returns how many attempts were let through. */
  async function failToTheEnd(keys: ThrottleKeys): Promise<number> {
    let tried = 0;
    for (let seconds = 0; seconds <= 900; clock.move(seconds * second)) {
      seconds = await wait('sign-in', keys);
      if (seconds === 0) tried += 1;
    }
    return tried;
  }

  describe('on signing in from an unknown browser', () => {
    it('let five tries follow each other and then make each wait longer, up to a quarter of an hour', async () => {
      const keys = somebody();
      expect(await waits(6, 'sign-in', keys)).toEqual([0, 0, 0, 0, 0, 1]);
      const growing: number[] = [];
      for (let i = 0; i < 12; i++) {
        const seconds = await wait('sign-in', keys);
        growing.push(seconds);
        clock.move(seconds * second);
        expect(await wait('sign-in', keys)).toBe(0);
      }
      expect(growing).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    });

    it('judge five of a hundred that come at once to two processes', async () => {
      const keys = somebody();
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, i) => wait('sign-in', keys, i % 2 ? throttles : other)),
      );
      expect(results.filter((seconds) => seconds === 0)).toHaveLength(5);
    });

    it('make nobody wait for a process whose clock is ahead', async () => {
      const keys = somebody();
      const ahead = process({ now: () => clock.now() + 5 * second });
      const seen = [];
      for (let i = 0; i < 5; i++) seen.push(await wait('sign-in', keys, i % 2 ? throttles : ahead));
      expect(seen).toEqual([0, 0, 0, 0, 0]);
      expect(await wait('sign-in', keys)).toBeGreaterThan(0);
    });

    it('do not make waiting longer for whoever comes too early', async () => {
      const keys = somebody();
      await waits(5, 'sign-in', keys);
      expect(await waits(20, 'sign-in', keys)).toEqual(Array(20).fill(1));
      clock.move(second);
      expect(await wait('sign-in', keys)).toBe(0);
    });

    it('end after a hundred failures in a row, for half a year', async () => {
      const keys = somebody();
      expect(await failToTheEnd(keys)).toBe(100);
      clock.move(179 * day);
      expect(await wait('sign-in', keys)).toBeGreaterThan(900);
      clock.move(2 * day);
      expect(await wait('sign-in', keys)).toBe(0);
    });

    it('survive a restart', async () => {
      const keys = somebody();
      await waits(5, 'sign-in', keys);
      expect(await wait('sign-in', keys, process())).toBe(1);
    });

    it('begin anew after a success, in this process and the next', async () => {
      const keys = somebody();
      await waits(5, 'sign-in', keys);
      await throttles.reward('sign-in', keys);
      expect(await waits(5, 'sign-in', keys)).toEqual([0, 0, 0, 0, 0]);
      await throttles.reward('sign-in', keys);
      await throttles.settle();
      expect(await wait('sign-in', keys, other)).toBe(0);
    });

    it('begin anew after a proven recovery', async () => {
      const keys = somebody();
      await failToTheEnd(keys);
      await throttles.forgive(keys);
      expect(await wait('sign-in', keys, other)).toBe(0);
    });

    it('behave alike for an identifier that nobody has', async () => {
      const known = somebody();
      const unknown = { identifier: `${ids.secret(8)}@example.com` };
      expect(await waits(8, 'sign-in', unknown)).toEqual(await waits(8, 'sign-in', known));
      expect(await failToTheEnd(unknown)).toBe(await failToTheEnd(known));
    });

    it('count what was typed without case, spaces and width', async () => {
      const name = ids.secret(8).toLowerCase();
      for (const identifier of [name, name.toUpperCase(), ` ${name}`, `${name}\t`, name]) {
        expect(await wait('sign-in', { identifier })).toBe(0);
      }
      expect(await wait('sign-in', { identifier: name })).toBe(1);
    });

    it('count all identifiers of one member together', async () => {
      const { member } = somebody();
      for (const identifier of ['a@example.com', 'b@example.com', 'nickname', 'a@example.com', 'nickname']) {
        expect(await wait('sign-in', { member, identifier })).toBe(0);
      }
      expect(await wait('sign-in', { member, identifier: 'new@example.com' })).toBe(1);
    });
  });

  describe('on signing in from a known browser', () => {
    it('are never used up by a stranger', async () => {
      const { member } = somebody();
      const ip = '198.51.100.9';
      await failToTheEnd({ member, ip });
      expect(await wait('sign-in', { member, ip })).toBeGreaterThan(0);
      expect(await wait('sign-in', { member, ip, device: 'my-own-browser' })).toBe(0);
    });

    it('are patient, and have an end too', async () => {
      const keys = { ...somebody(), device: 'my-own-browser' };
      expect(await waits(11, 'sign-in', keys)).toEqual([...Array(10).fill(0), 1]);
      expect(await failToTheEnd(keys)).toBe(90);
      await throttles.forgive(keys);
      expect(await wait('sign-in', keys)).toBe(0);
    });

    it('do not open the account to strangers when the owner signs in', async () => {
      const { member } = somebody();
      await waits(5, 'sign-in', { member });
      const owner = { member, device: 'my-own-browser' };
      await wait('sign-in', owner);
      await throttles.reward('sign-in', owner);
      await throttles.settle();
      expect(await wait('sign-in', { member })).toBe(1);
    });

    it('are only had by a member: a device alone makes nobody known', async () => {
      const keys = { identifier: `${ids.secret(8)}@example.com`, device: 'my-own-browser' };
      expect(await waits(6, 'sign-in', keys)).toEqual([0, 0, 0, 0, 0, 1]);
    });
  });

  describe('on a network', () => {
    it('stop many accounts tried from one address, IPv6 as a /64', async () => {
      const results: number[] = [];
      for (let i = 0; i < 110; i++) {
        const ip = i % 2 ? `2001:db8:7::${i.toString(16)}` : `2001:DB8:7:0:${i}:0:0:1`;
        results.push(await wait('sign-in', { identifier: `${ids.secret(8)}@example.com`, ip }));
      }
      expect(results.filter((seconds) => seconds === 0)).toHaveLength(100);
      expect(await wait('sign-in', { ...somebody(), ip: '2001:db8:8::1' })).toBe(0);
      clock.move(900 * second);
      expect(await wait('sign-in', { ...somebody(), ip: '2001:db8:7::1' })).toBe(0);
    });

    it('count only failures: a household that signs in rightly is never stopped', async () => {
      for (let i = 0; i < 150; i++) {
        const keys = { ...somebody(), ip: '198.51.100.20' };
        expect(await wait('sign-in', keys)).toBe(0);
        await throttles.reward('sign-in', keys);
      }
    });

    it('add up over the processes of the fleet', async () => {
      const ip = '198.51.100.30';
      let tried = 0;
      for (let i = 0; i < 300; i++) {
        const at = i % 2 ? throttles : other;
        if ((await wait('sign-in', { ...somebody(), ip }, at)) === 0) tried += 1;
        if (i % 10 === 0) await Promise.all([throttles.settle(), other.settle()]);
      }
      expect(tried).toBeGreaterThanOrEqual(100);
      expect(tried).toBeLessThanOrEqual(110);
    });

    it('are not counted where no address is known', async () => {
      for (let i = 0; i < 120; i++) expect(await wait('sign-in', { ...somebody(), ip: 'unknown' })).toBe(0);
    });
  });

  describe('in so much time', () => {
    it.each<[LimiterName, number]>([
      ['register', 5],
      ['mail-code', 5],
      ['recover', 5],
      ['code-try', 20],
    ])('of %s: %i an hour for one person', async (name, most) => {
      const keys = { identifier: `${ids.secret(8)}@example.com` };
      expect(await waits(most + 1, name, keys)).toEqual([...Array(most).fill(0), 3600]);
      clock.move(hour - second);
      expect(await wait(name, keys)).toBe(1);
      clock.move(second);
      expect(await wait(name, keys)).toBe(0);
      expect(limited).toEqual([name, name]);
    });

    it('hold when a hundred come at once to two processes', async () => {
      const keys = somebody();
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, i) => wait('code-try', keys, i % 2 ? throttles : other)),
      );
      expect(results.filter((seconds) => seconds === 0)).toHaveLength(20);
    });

    it('take back what succeeded, and never more than was counted', async () => {
      const keys = somebody();
      await waits(20, 'code-try', keys);
      await throttles.reward('code-try', keys);
      expect(await waits(2, 'code-try', keys)).toEqual([0, 3600]);
      clock.move(2 * hour);
      for (let i = 0; i < 5; i++) await throttles.reward('code-try', keys);
      expect(await waits(21, 'code-try', keys)).toEqual([...Array(20).fill(0), 3600]);
    });

    it('leave a member on a known browser a share of their own', async () => {
      const { member } = somebody();
      await waits(5, 'mail-code', { member });
      expect(await wait('mail-code', { member })).toBe(3600);
      expect(await wait('mail-code', { member, device: 'my-own-browser' })).toBe(0);
    });

    it('are apart from each other', async () => {
      const keys = somebody();
      await waits(5, 'mail-code', keys);
      expect(await wait('recover', keys)).toBe(0);
      expect(await wait('sign-in', keys)).toBe(0);
    });

    it('of a device: 5 by browser, 20 by network, 2,000 over everybody in 15 minutes; what leads to one is free', async () => {
      const browser = { identifier: ids.id('dev') };
      for (let tries = 0; tries < 5; tries += 1) expect(await wait('device-code', browser)).toBe(0);
      expect(await wait('device-code', browser)).toBe(900);
      const network = { ip: '203.0.113.9' };
      for (let tries = 0; tries < 20; tries += 1) expect(await wait('device-code', network)).toBe(0);
      expect(await wait('device-code', network)).toBeGreaterThan(0);
      // Refused attempts count for nobody else: 25 so far.
      const elsewhere = (at: number) => ({ ip: `198.51.${at >> 8}.${at & 255}` });
      for (let at = 25; at < 2000; at += 1) expect(await wait('device-code', elsewhere(at))).toBe(0);
      expect(await wait('device-code', elsewhere(2001))).toBeGreaterThan(0);
      await throttles.settle();
      await other.attempt('device-code', elsewhere(2002)).catch(() => undefined);
      await other.settle();
      expect(await wait('device-code', elsewhere(2003), other)).toBeGreaterThan(0);
      // One for the try that the other process let through before it had heard of the rest.
      for (const at of [1998, 1999]) await throttles.reward('device-code', elsewhere(at));
      expect(await wait('device-code', elsewhere(2004))).toBe(0);
    });

    it('of an upstream: by network alone', async () => {
      const results = await waits(121, 'upstream', { ip: '198.51.100.40' });
      expect(results.filter((seconds) => seconds === 0)).toHaveLength(120);
    });
  });

  it('name nobody in the database', async () => {
    const keys = { identifier: 'name.nobody@example.com', ip: '198.51.100.50' };
    await wait('sign-in', keys);
    await wait('register', keys);
    await wait('sign-in', { member: 'mbr_nameNobody', device: 'my-own-browser' });
    await throttles.settle();
    const dump = JSON.stringify(await db.main.collection('throttles').find().toArray());
    expect(dump).not.toMatch(/example|198\.51|nameNobody|browser/);
  });

  it('are refused, not waived, when the database does not answer', async () => {
    const gone = mongoose.createConnection(`${testMongodUri()}`, { bufferCommands: false });
    await gone.asPromise();
    const cut = createThrottles({ connection: gone, clock, hmacKey, metrics: { limited: () => {} } });
    await gone.close();
    await expect(cut.attempt('sign-in', somebody())).rejects.toThrow();
    await expect(cut.attempt('register', somebody())).rejects.toThrow();
  });
});
