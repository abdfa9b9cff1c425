import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createEnvelope } from '../../../src/base/keys/envelope.ts';
import { inspectKeys } from '../../../src/base/keys/inspect.ts';
import type { Keys } from '../../../src/base/keys/keys.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';
import { masterKeys, openTestKeys, statesOf, until } from './open.ts';

describe('the master key', () => {
  const clock = movableClock();
  let db: Database;

  beforeEach(async () => {
    db = await testDatabase();
  });

  const older = async (...numbers: [number, ...number[]]) =>
    (await inspectKeys(db.main, createEnvelope(masterKeys(...numbers)))).filter((key) => key.older).length;
  const works = (keys: Keys, sealed: string) =>
    expect(keys.sealer('artefacts').open(sealed, 'test').toString()).toBe('kept');

  it('is replaced while two processes run: the new one first, restart, rewrap, the old one out', async () => {
    const first = await openTestKeys(db, clock, { master: masterKeys(1) });
    let second = await openTestKeys(db, clock, { master: masterKeys(1) });
    const sealed = first.sealer('artefacts').seal('kept', 'test');
    const all = first.list().length;
    expect(await older(1)).toBe(0);

    // One process has been restarted with the new key, the other not yet: both go on, also through a rotation.
    await second.close();
    second = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    expect(await older(2, 1)).toBe(all);
    await second.rotate('cookie');
    await until(first, () => first.ring('cookie').current.id === 'cookie-2');
    works(first, sealed);

    await first.close();
    const restarted = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    const changed = second.list().length;
    // The one that was made after the change is sealed with the new key already.
    expect(await second.rewrap()).toEqual({ done: changed - 1, remaining: 0 });
    expect(await older(2, 1)).toBe(0);
    expect(await second.rewrap()).toEqual({ done: 0, remaining: 0 });
    works(restarted, sealed);
    works(second, sealed);

    const last = await openTestKeys(db, clock, { master: masterKeys(2) });
    works(last, sealed);
    expect(last.publishedJwks()).toEqual(restarted.publishedJwks());
    await last.rotate('ES256');
    await until(restarted, () => statesOf(restarted, 'ES256').includes('ES256-2 current'));
  });

  it('may be missing in a process that still runs when the others rewrap: it keeps what it holds', async () => {
    const troubles: (string | undefined)[] = [];
    const late = await openTestKeys(db, clock, { onTrouble: ({ key }) => troubles.push(key) });
    const sealed = late.sealer('artefacts').seal('kept', 'test');
    const renewed = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    await renewed.rewrap();
    await renewed.rotate('ES256');
    await until(late, () => statesOf(late, 'ES256').includes('ES256-2 current'));
    works(late, sealed);
    expect(statesOf(late, 'ES256')).toEqual(['ES256-2 current', 'ES256-1 retired']);
    expect(new Set(troubles)).toEqual(new Set(['ES256-3']));
    await expect(openTestKeys(db, clock)).rejects.toThrow(/unknown key: master-2/);
  });

  it('is replaced in steps that may be broken off and repeated, and by two at once', async () => {
    await openTestKeys(db, clock);
    const left = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    const right = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    const results = await Promise.all([left.rewrap(), right.rewrap()]);
    expect(results.map(({ remaining }) => remaining)).toEqual([0, 0]);
    expect(results[0].done + results[1].done).toBe(left.list().length);
    const one = await db.main.collection('keys').findOne({ use: 'pepper', state: 'current' });
    expect(one?.sealed).toMatch(/^master-2\./);
  });

  it('never brings back what another process changed while it was being replaced', async () => {
    const keys = await openTestKeys(db, clock);
    const renewed = await openTestKeys(db, clock, { master: masterKeys(2, 1) });
    await Promise.all([renewed.rewrap(), keys.revoke('csrf-1')]);
    const record = await db.main.collection('keys').findOne({ use: 'csrf', state: 'revoked' });
    expect(record).not.toHaveProperty('sealed');
  });
});
