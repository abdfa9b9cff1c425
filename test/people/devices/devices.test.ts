import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { createDevices, type Devices } from '../../../src/people/devices/devices.ts';
import { devicesPersonalData } from '../../../src/people/devices/personal-data.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock, visitOf } from '../../support/visit.ts';

const ids = createIds();
const dayMs = 86_400_000;

let db: Database;
let clock: ReturnType<typeof movableClock>;
let devices: Devices;

beforeAll(async () => {
  db = await testDatabase();
  clock = movableClock();
  devices = createDevices({ connection: db.main, clock, deviceKey: Buffer.alloc(32, 3) });
});

const member = () => ids.id('mbr');
const signIn = (memberId: string, deviceId?: string) =>
  inTransaction(db, (tx) => devices.remember(tx, memberId, 'us', visitOf({ deviceId })));

describe('a device', () => {
  it('is new at the first sign-in and known at the next', async () => {
    const memberId = member();
    expect(await devices.recognise(memberId, 'laptop')).toBe(false);
    expect(await signIn(memberId, 'laptop')).toBe(true);
    expect(await devices.recognise(memberId, 'laptop')).toBe(true);
    expect(await signIn(memberId, 'laptop')).toBe(false);
  });

  it('is known to one member only, and stored so that it links no two', async () => {
    const [one, other] = [member(), member()];
    await signIn(one, 'shared');
    expect(await devices.recognise(other, 'shared')).toBe(false);
    await signIn(other, 'shared');
    const stored = await db.main.collection('devices').find().toArray();
    expect(JSON.stringify(stored)).not.toContain('shared');
    const hashes = stored.filter(({ memberId }) => [one, other].includes(memberId)).map(({ _id }) => _id);
    expect(new Set(hashes.map(String)).size).toBe(2);
  });

  it('without a cookie is always new, and nothing is noted', async () => {
    const memberId = member();
    expect(await signIn(memberId)).toBe(true);
    expect(await devices.recognise(memberId, undefined)).toBe(false);
    expect(await devices.list(memberId)).toEqual([]);
  });

  it('shows the day it was last seen, not the hour', async () => {
    const memberId = member();
    const begun = clock.now();
    await signIn(memberId, 'laptop');
    clock.move(3 * dayMs);
    await signIn(memberId, 'laptop');
    expect(await devices.list(memberId)).toMatchObject([
      {
        name: { browser: 'Chrome', system: 'Windows', kind: 'desktop' },
        firstSeen: new Date(begun),
        lastSeen: new Date(Math.floor(clock.now() / dayMs) * dayMs),
      },
    ]);
  });

  it('not seen for long is new again, before the database has tidied up', async () => {
    const memberId = member();
    await signIn(memberId, 'old');
    clock.move(401 * dayMs);
    expect(await devices.recognise(memberId, 'old')).toBe(false);
    expect(await devices.list(memberId)).toEqual([]);
    expect(await signIn(memberId, 'old')).toBe(true);
    expect((await devices.list(memberId))[0]?.firstSeen).toEqual(new Date(clock.now()));
  });

  it('is noted with the sign-in or not at all', async () => {
    const memberId = member();
    const aborted = inTransaction(db, async (tx) => {
      await devices.remember(tx, memberId, 'us', visitOf({ deviceId: 'laptop' }));
      throw new Error('injected');
    });
    await expect(aborted).rejects.toThrow('injected');
    expect(await devices.recognise(memberId, 'laptop')).toBe(false);
  });

  it('that signs in twice at once is noted once', async () => {
    const memberId = member();
    const news = await Promise.all([signIn(memberId, 'laptop'), signIn(memberId, 'laptop')]);
    expect(news.sort()).toEqual([false, true]);
    expect(await devices.list(memberId)).toHaveLength(1);
  });

  it('can be forgotten with all others', async () => {
    const memberId = member();
    await signIn(memberId, 'one');
    await signIn(memberId, 'two');
    await inTransaction(db, (tx) => devices.forgetAll(tx, memberId));
    expect(await devices.list(memberId)).toEqual([]);
    expect(await devices.recognise(memberId, 'one')).toBe(false);
  });
});

describe('the rights of a person over their devices', () => {
  it('export them in words, erase them, and move none in a merge', async () => {
    const [memberId, other] = [member(), member()];
    await signIn(memberId, 'laptop');
    await signIn(other, 'laptop');
    const port = devicesPersonalData(db.main);
    expect(await port.export(memberId)).toMatchObject({
      devices: [{ browser: 'Chrome', system: 'Windows' }],
    });
    expect(await port.reassign(memberId, other)).toEqual({ room: 'devices', moved: [] });
    await port.erase(memberId, new Set());
    await port.erase(memberId, new Set());
    expect(await devices.list(memberId)).toEqual([]);
    expect(await devices.list(other)).toHaveLength(1);
  });
});
