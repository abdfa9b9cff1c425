/** What doctor makes of what it sees: rules without a machine around them, and a database in trouble. */
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/base/config/load.ts';
import { migrate } from '../../../src/base/db/migrations.ts';
import { memoryDisclosureFix, oldestExpired } from '../../../src/base/db/server-facts.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { openKeys } from '../../../src/base/keys/keys.ts';
import { allIndexes, migrations } from '../../../src/migrations.ts';
import { databaseFindings } from '../../../src/surfaces/cli/doctor-database.ts';
import { cookieFaults } from '../../../src/surfaces/cli/doctor-issuer.ts';
import type { World } from '../../../src/surfaces/cli/world.ts';
import { testDatabase } from '../../support/database.ts';
import { issuerEnvironment } from '../../support/issuer.ts';

const day = 86_400_000;

describe('doctor', () => {
  it.each([
    ['6.0.5', '6.0.27'],
    ['6.0.27', undefined],
    ['7.0.14', '7.0.28'],
    ['7.0.28', undefined],
    ['8.0.16', '8.0.17'],
    ['8.0.17', undefined],
    ['8.2.1', '8.2.3'],
    ['8.3.0', undefined],
    ['7.3.4', '8.0.17'],
  ])('knows which release mends the memory disclosure of MongoDB %s', (version, mended) => {
    expect(memoryDisclosureFix(version)).toBe(mended);
  });

  it.each([
    ['__Host-s=1; Path=/; HttpOnly; SameSite=Lax; Secure', true, []],
    ['s=1; Path=/; HttpOnly; SameSite=Lax', false, []],
    ['s=1; Path=/; HttpOnly; SameSite=Lax', true, ['the cookie s lacks Secure']],
    ['s=1; Path=/; SameSite=None; Secure', true, ['the cookie s lacks HttpOnly, SameSite']],
    [
      's=1; HttpOnly; SameSite=Lax; Secure; Domain=example.com',
      true,
      ['the cookie s lacks a host of its own (it has Domain)'],
    ],
  ])('judges the cookie %s', (line, secure, faults) => {
    expect(cookieFaults(line, secure)).toEqual(faults);
  });

  it('finds missing indexes, work given up, old keys, foreign master keys, a wrong clock and documents that stay', async () => {
    const db = await testDatabase();
    let offset = 0;
    const clock = { now: () => Date.now() + offset };
    const world = { clock, ids: createIds(), migrations, indexes: allIndexes } as World;
    const config = loadConfig(
      issuerEnvironment({
        port: 1,
        dataDir: '/nowhere',
        database: { uri: 'mongodb://x/x', keysUri: 'mongodb://x/y' },
      }),
    );
    const level = async (check: string, of = config) =>
      (await databaseFindings(world, db, of)).find((finding) => finding.check === check)?.level;

    await migrate(db, migrations, { clock, holder: 'test' });
    expect(await level('keys')).toBe('fault');
    const [current] = config.masterKeys;
    if (!current) throw new Error('no master key');
    const keys = await openKeys({
      connection: db.main,
      master: { current, all: [current] },
      clock,
      ids: createIds(),
    });
    await keys.close();
    const healthy = await databaseFindings(world, db, config);
    expect(healthy.filter((finding) => finding.level === 'fault')).toEqual([]);

    const stranger = [{ id: 'other', key: Buffer.alloc(32, 1) }];
    expect(await level('keys', { ...config, masterKeys: stranger })).toBe('fault');

    await db.main.collection('outbox').insertOne({ kind: 'mail', state: 'dead' });
    expect(await level('outbox')).toBe('fault');
    await db.main
      .collection('outbox')
      .updateOne({}, { $set: { state: 'due', notBefore: new Date(clock.now() - 600_000) } });
    expect(await level('outbox')).toBe('warning');

    offset = 400 * day;
    expect(await level('clock')).toBe('fault');
    expect(await level('keys')).toBe('warning');
    offset = 0;

    await db.main.collection('artefacts').insertOne({ kind: 'x', expiresAt: new Date(clock.now() + day) });
    expect(await oldestExpired(db, allIndexes, clock.now() + 3 * day)).toContainEqual({
      collection: 'artefacts',
      seconds: 2 * 86_400,
    });

    await db.main.collection('events').dropIndexes();
    expect(await level('indexes')).toBe('fault');
    await db.main.collection('migrations').deleteMany({});
    expect(await level('migrations')).toBe('fault');
    expect(
      (await databaseFindings(world, db, config)).filter((finding) => finding.level !== 'ok' && !finding.fix),
    ).toEqual([]);
  });
});
