import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { ifKeyLives } from '../../../src/base/kernel/sealing.ts';
import { createEnvelope } from '../../../src/base/keys/envelope.ts';
import { inspectKeys, missingUses } from '../../../src/base/keys/inspect.ts';
import type { Keys } from '../../../src/base/keys/keys.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';
import { masterKeys, openTestKeys, statesOf, until } from './open.ts';

describe('a key that is revoked', () => {
  const clock = movableClock();
  let db: Database;
  let keys: Keys;

  beforeEach(async () => {
    db = await testDatabase();
    keys = await openTestKeys(db, clock);
  });

  const kids = (of: Keys, alg: string) =>
    of.publishedJwks().flatMap((jwk) => (jwk.alg === alg ? [jwk.kid] : []));

  it('leaves the JWKS at once, and the prepared one signs', async () => {
    const [gone, next] = kids(keys, 'ES256');
    expect(await keys.revoke('ES256-1')).toBe('ES256-2');
    expect(kids(keys, 'ES256')[0]).toBe(next);
    expect(kids(keys, 'ES256')).not.toContain(gone);
    expect(kids(keys, 'ES256')).toHaveLength(2);
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next', 'ES256-1 revoked']);
  });

  it('leaves every other process as well', async () => {
    const other = await openTestKeys(db, clock);
    const [gone = ''] = kids(other, 'ES256');
    await keys.revoke('ES256-1');
    await until(other, () => !kids(other, 'ES256').includes(gone));
    expect(statesOf(other, 'ES256')).toEqual(statesOf(keys, 'ES256'));
  });

  it('stays as a record without material, also for a process that starts later', async () => {
    await keys.revoke('RS256-1');
    expect(await db.main.collection('keys').findOne({ use: 'RS256', state: 'revoked' })).toEqual({
      _id: 'RS256-1',
      use: 'RS256',
      state: 'revoked',
      createdAt: expect.any(Date),
      since: expect.any(Date),
    });
    const later = await openTestKeys(db, clock);
    expect(statesOf(later, 'RS256')).toContain('RS256-1 revoked');
    const found = await inspectKeys(db.main, createEnvelope(masterKeys(1)));
    expect(found.filter((key) => !key.opens || key.older)).toEqual([]);
    expect(missingUses(found)).toEqual([]);
  });

  it('may be the next one, which is then made anew, or a retired one', async () => {
    await keys.rotate('ES256');
    await keys.revoke('ES256-3');
    expect(statesOf(keys, 'ES256')).toEqual([
      'ES256-2 current',
      'ES256-4 next',
      'ES256-1 retired',
      'ES256-3 revoked',
    ]);
    await keys.revoke('ES256-1');
    expect(statesOf(keys, 'ES256')).toEqual([
      'ES256-2 current',
      'ES256-4 next',
      'ES256-3 revoked',
      'ES256-1 revoked',
    ]);
  });

  it('never gives its id to another key', async () => {
    await keys.revoke('cookie-2');
    await keys.revoke('cookie-3');
    await keys.rotate('cookie');
    expect(statesOf(keys, 'cookie')).toEqual([
      'cookie-4 current',
      'cookie-5 next',
      'cookie-1 retired',
      'cookie-3 revoked',
      'cookie-2 revoked',
    ]);
  });

  it('opens nothing any more: what it sealed is not there', async () => {
    const sealer = keys.sealer('artefacts');
    const sealed = sealer.seal('a session', 'test');
    await keys.revoke('artefacts-1');
    expect(() => sealer.open(sealed, 'test')).toThrow(/revoked key: artefacts-1/);
    expect(ifKeyLives(() => sealer.open(sealed, 'test'))).toBeUndefined();
    const unknown = sealed.replace('artefacts-1', 'artefacts-9');
    expect(() => ifKeyLives(() => sealer.open(unknown, 'test'))).toThrow(/unknown key/);
    const changed = `${sealer.seal('a session', 'test').slice(0, -4)}AAAA`;
    expect(() => ifKeyLives(() => sealer.open(changed, 'test'))).toThrow();
  });

  it.each([
    'pepper',
    'member-keys',
    'outbox',
    'client-secrets',
    'pairwise',
    'codes',
    'devices',
    'throttles',
  ] as const)('is never one of %s, without which data would be lost', async (use) => {
    await expect(keys.revoke(`${use}-1`)).rejects.toThrow(/cannot be revoked/);
    expect(keys.secret(use)).toHaveLength(32);
  });

  it('is revoked once: two processes that revoke it at the same moment prepare one new key', async () => {
    const other = await openTestKeys(db, clock);
    const noted: string[] = [];
    const note = async (_tx: unknown, key: string) => void noted.push(key);
    const results = await Promise.allSettled([keys.revoke('ES256-1', note), other.revoke('ES256-1', note)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await until(other, () => statesOf(other, 'ES256').length === 3);
    expect(statesOf(other, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next', 'ES256-1 revoked']);
    await expect(keys.revoke('ES256-1')).rejects.toThrow(/no live key/);
    await expect(keys.revoke('ES256-99')).rejects.toThrow(/no live key/);
  });

  it('is not revoked when its record of the fact cannot be written', async () => {
    await expect(
      keys.revoke('ES256-1', async () => {
        throw new Error('no event');
      }),
    ).rejects.toThrow('no event');
    expect(statesOf(keys, 'ES256')).toEqual(['ES256-1 current', 'ES256-2 next']);
    expect(await db.main.collection('keys').countDocuments({ use: 'ES256' })).toBe(2);
  });
});
