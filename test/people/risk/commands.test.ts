import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectDatabase, type Database } from '../../../src/base/db/connection.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { createThrottles, type Throttles } from '../../../src/people/risk/throttles.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { movableClock } from '../../support/visit.ts';

describe('what the limits ask of the database', () => {
  const ids = createIds();
  let commands: string[];
  let db: Database;
  let throttles: Throttles;

  beforeAll(async () => {
    db = await connectDatabase(watchedDatabaseAddress());
    commands = await commandsOf(db, new Set());
    throttles = createThrottles({
      connection: db.main,
      clock: movableClock(),
      hmacKey: ids.bytes(32),
      metrics: { limited: () => {} },
      // the test settles by itself
      settleEveryMs: 3_600_000,
    });
  });
  beforeEach(async () => {
    await throttles.settle();
    commands.length = 0;
  });
  afterAll(async () => {
    await throttles.close();
    await db.main.dropDatabase();
    await db.close();
  });

  it('is one command for a sign-in that succeeds, and one more for all that succeeded in the same second', async () => {
    const members = Array.from({ length: 20 }, () => ({ member: ids.id('mbr'), ip: '203.0.113.7' }));
    for (const keys of members) {
      await throttles.attempt('sign-in', keys);
      await throttles.reward('sign-in', keys);
    }
    expect(commands).toEqual(Array(20).fill('findAndModify throttles'));
    await throttles.settle();
    expect(commands.slice(20)).toEqual(['delete throttles']);
  });

  it('is one command for a sign-in that fails, and three for all of the same second', async () => {
    const members = Array.from({ length: 20 }, () => ({ member: ids.id('mbr'), ip: '203.0.113.7' }));
    for (const keys of members) await throttles.attempt('sign-in', keys);
    await throttles.settle();
    expect(commands).toEqual([
      ...Array(20).fill('findAndModify throttles'),
      'update throttles',
      'find throttles',
    ]);
  });

  it('is none for a network that is stopped', async () => {
    const ip = '203.0.113.8';
    for (let i = 0; i < 100; i++) await throttles.attempt('sign-in', { member: ids.id('mbr'), ip });
    commands.length = 0;
    await expect(throttles.attempt('sign-in', { member: ids.id('mbr'), ip })).rejects.toThrow();
    expect(commands).toEqual([]);
  });

  it('is one command for an attempt within a window', async () => {
    await throttles.attempt('register', { identifier: 'someone@example.com', ip: '203.0.113.9' });
    expect(commands).toEqual(['findAndModify throttles']);
  });
});
