import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createEvents } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Keys } from '../../../src/base/keys/keys.ts';
import type { KeyUse } from '../../../src/base/keys/model.ts';
import { graceMs, rotateDue } from '../../../src/base/keys/schedule.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';
import { openTestKeys, statesOf, until } from './open.ts';

const day = 86_400_000;
const scheduled = ['ES256', 'RS256', 'PS256', 'EdDSA', 'ECDH-ES', 'RSA-OAEP', 'cookie', 'csrf', 'dpop'];

describe('keys that rotate by themselves', () => {
  let clock: ReturnType<typeof movableClock>;
  let db: Database;
  let keys: Keys;

  beforeEach(async () => {
    clock = movableClock();
    db = await testDatabase();
    keys = await openTestKeys(db, clock);
  });

  /** What the job of one process does. */
  const round = (by: Keys, days = 90) => {
    const events = createEvents({ connection: db.main, clock, ids: createIds() });
    return rotateDue(by, {
      now: clock.now(),
      days,
      note: (use: KeyUse) => (tx, key) =>
        events.record(tx, { type: 'key.rotated', visit: systemVisit('job'), data: { use, key } }),
    });
  };
  const recorded = async () =>
    (await db.main.collection('events').find({ type: 'key.rotated' }).toArray()).map(({ data }) => data);

  it('stay until they are of the configured age', async () => {
    expect(await round(keys)).toEqual([]);
    clock.move(90 * day - 1);
    expect(await round(keys)).toEqual([]);
    clock.move(1);
    expect(await round(keys)).toEqual(scheduled);
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next', 'ES256-1 retired']);
    expect(await round(keys)).toEqual([]);
  });

  it('stay for ever when the schedule is off', async () => {
    clock.move(1000 * day);
    expect(await round(keys, 0)).toEqual([]);
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-1 current', 'ES256-2 next']);
  });

  it('wait until the next one has been published for a day', async () => {
    clock.move(90 * day);
    await keys.revoke('ES256-2');
    expect(await round(keys)).not.toContain('ES256');
    clock.move(day - 1);
    expect(await round(keys)).toEqual([]);
    clock.move(1);
    expect(await round(keys)).toEqual(['ES256']);
    expect(statesOf(keys, 'ES256')[0]).toBe('ES256-3 current');
  });

  it('are not those on which stored data depends', async () => {
    clock.move(1000 * day);
    await round(keys);
    for (const use of ['artefacts', 'outbox', 'pepper', 'member-keys', 'pairwise', 'devices'] as const) {
      expect(statesOf(keys, use)[0]).toBe(`${use}-1 current`);
    }
  });

  it('rotate once, with one event each, when two processes come to it at the same moment', async () => {
    const other = await openTestKeys(db, clock);
    clock.move(91 * day);
    await Promise.all([round(keys), round(other)]);
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next', 'ES256-1 retired']);
    await until(other, () => scheduled.every((use) => other.ring(use as KeyUse).current.id === `${use}-2`));
    const told = await recorded();
    expect(told.map(({ use }) => use).sort()).toEqual([...scheduled].sort());
    expect(told).toContainEqual({ use: 'cookie', key: 'cookie-2' });
  });

  it('do not rotate a second time for a process that has not heard of the first', async () => {
    const stale = keys.list();
    await keys.rotate('ES256');
    clock.move(91 * day);
    const deaf = { list: () => stale, rotate: keys.rotate };
    await rotateDue(deaf, { now: clock.now(), days: 90, note: () => async () => undefined });
    expect(statesOf(keys, 'ES256')[0]).toBe('ES256-2 current');
  });

  it('are not rotated when the event cannot be written', async () => {
    clock.move(91 * day);
    const schedule = {
      now: clock.now(),
      days: 90,
      note: () => async () => {
        throw new Error('no event');
      },
    };
    await expect(rotateDue(keys, schedule)).rejects.toThrow('no event');
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-1 current', 'ES256-2 next']);
  });

  it('are forgotten only after everything they made has expired, and never those that data depends on', async () => {
    for (const use of ['ES256', 'cookie', 'artefacts'] as const) await keys.rotate(use);
    const session = 30 * day;
    clock.move(graceMs(session / 1000));
    expect(graceMs(session / 1000)).toBeGreaterThan(session);
    expect(await keys.purgeRetired(new Date(clock.now() - graceMs(session / 1000)))).toBe(0);
    clock.move(1);
    expect(await keys.purgeRetired(new Date(clock.now() - graceMs(session / 1000)))).toBe(2);
    expect(statesOf(keys, 'cookie')).toEqual(['cookie-2 current', 'cookie-3 next']);
    expect(statesOf(keys, 'artefacts')).toContain('artefacts-1 retired');
  });
});
