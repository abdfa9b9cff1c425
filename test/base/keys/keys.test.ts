import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import type { KeyRing } from '../../../src/base/kernel/sealing.ts';
import { type Keys, openKeys } from '../../../src/base/keys/keys.ts';
import { atEnd, testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

const ringOf = (fill: number): KeyRing => {
  const current = { id: `master-${fill}`, key: Buffer.alloc(32, fill) };
  return { current, all: [current] };
};

describe('the keys of the program', () => {
  const clock = movableClock();
  let db: Database;
  let keys: Keys;

  const open = async (master = ringOf(7)) => {
    const opened = await openKeys({ connection: db.main, master, clock, ids: createIds() });
    atEnd(() => opened.close());
    return opened;
  };
  const states = (of: Keys, use: string) =>
    of.list().flatMap((key) => (key.use === use ? [`${key.id} ${key.state}`] : []));
  /** Waits until a change has come through the change stream. */
  const seen = (by: Keys) => new Promise<void>((resolve) => by.onChange(resolve));

  beforeEach(async () => {
    db = await testDatabase();
    keys = await open();
  });

  it('are made at the first start and found at every later one', async () => {
    const again = await open();
    expect(again.publishedJwks()).toEqual(keys.publishedJwks());
    expect(again.secret('pairwise').equals(keys.secret('pairwise'))).toBe(true);
    expect(states(keys, 'ES256')).toEqual(['ES256-1 current', 'ES256-2 next']);
    expect(states(keys, 'RS256')).toEqual(['RS256-1 current', 'RS256-2 next']);
  });

  it.each([
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['RS256', { kty: 'RSA', e: 'AQAB' }],
    ['PS256', { kty: 'RSA', e: 'AQAB' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ])('sign %s with one key now and one to come, each with an id of its own', async (alg, kind) => {
    const ofAlg = keys.publishedJwks().filter((jwk) => jwk.alg === alg);
    expect(ofAlg).toHaveLength(2);
    for (const jwk of ofAlg) expect(jwk).toMatchObject({ ...kind, alg, use: 'sig' });
    expect(new Set(keys.publishedJwks().map(({ kid }) => kid)).size).toBe(12);
    // 2048 bits in base64url.
    for (const { n } of ofAlg) if (n) expect(Buffer.from(n, 'base64url')).toHaveLength(256);
  });

  it('are made for a use that an older database does not know yet', async () => {
    await db.main.collection('keys').deleteMany({ use: { $in: ['PS256', 'EdDSA'] } });
    const later = await open();
    expect(states(later, 'PS256')).toEqual(['PS256-1 current', 'PS256-2 next']);
    expect(states(later, 'EdDSA')).toEqual(['EdDSA-1 current', 'EdDSA-2 next']);
    expect(later.publishedJwks().filter(({ alg }) => alg === 'ES256')).toEqual(
      keys.publishedJwks().filter(({ alg }) => alg === 'ES256'),
    );
  });

  it('are the same for two processes that start on an empty database at the same moment', async () => {
    db = await testDatabase();
    const [left, right] = await Promise.all([open(), open()]);
    expect(left.publishedJwks().map(({ kid }) => kid)).toEqual(right.publishedJwks().map(({ kid }) => kid));
    for (const use of ['cookie', 'artefacts', 'pepper'] as const) {
      expect(left.secret(use).equals(right.secret(use))).toBe(true);
    }
  });

  it('have one current key per use, however many processes start on an empty database', async () => {
    db = await testDatabase();
    const opened = await Promise.all([open(), open(), open(), open()]);
    const stored = await db.main.collection('keys').find({ state: 'current' }).toArray();
    expect(new Set(stored.map(({ use }) => use)).size).toBe(stored.length);
    for (const other of opened) expect(other.list().length).toBe(opened[0].list().length);
  });

  it('lie sealed in the database, and open with their master key only', async () => {
    const stored = JSON.stringify(await db.main.collection('keys').find({}).toArray());
    for (const jwk of keys.publishedJwks()) expect(stored).not.toContain(String(jwk.d));
    expect(stored).not.toContain(keys.secret('cookie').toString('base64url'));
    expect(stored).not.toContain('"kty"');
    await expect(open(ringOf(8))).rejects.toThrow();
    expect(JSON.stringify(keys.list())).not.toContain(keys.secret('cookie').toString('base64url'));
  });

  it('open under a new master key as long as the old one is named, too', async () => {
    const both = { current: ringOf(9).current, all: [ringOf(9).current, ringOf(7).current] };
    expect((await open(both)).secret('cookie').equals(keys.secret('cookie'))).toBe(true);
  });

  it('rotate: the next one signs, the one before still verifies, another is prepared', async () => {
    const before = keys.publishedJwks().filter(({ alg }) => alg === 'ES256');
    await keys.rotate('ES256');
    expect(states(keys, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next', 'ES256-1 retired']);
    const after = keys.publishedJwks().filter(({ alg }) => alg === 'ES256');
    expect(after[0]?.kid).toBe(before[1]?.kid);
    expect(after.map(({ kid }) => kid)).toContain(before[0]?.kid);
  });

  it('rotate on other processes as well, without a restart', async () => {
    const other = await open();
    const changed = seen(other);
    await keys.rotate('cookie');
    await changed;
    const ids = (of: Keys) => of.ring('cookie').all.map(({ id }) => id);
    while (ids(other).join() !== ids(keys).join()) await seen(other);
    expect(ids(other)).toEqual(['cookie-2', 'cookie-3', 'cookie-1']);
  });

  it('rotate once when two processes rotate at the same moment', async () => {
    const other = await open();
    const [left, right] = await Promise.all([keys.rotate('ES256'), other.rotate('ES256')]);
    expect(left).toBe(right);
    const current = (await db.main.collection('keys').find({ use: 'ES256', state: 'current' }).toArray())
      .length;
    expect(current).toBe(1);
  });

  it('never show a state that is older than one shown before, however many changes come at once', async () => {
    const other = await open();
    for (let count = 0; count < 5; count += 1) await keys.rotate('cookie');
    while (other.ring('cookie').current.id !== keys.ring('cookie').current.id) await seen(other);
    await new Promise((resolve) => setImmediate(resolve));
    expect(other.ring('cookie').current.id).toBe(keys.ring('cookie').current.id);
    expect(keys.ring('cookie').current.id).toMatch(/^cookie-[67]$/);
  });

  it('can be read by a process before anything is sealed with them', async () => {
    const other = await open();
    const next = other.list().find(({ use, state }) => use === 'artefacts' && state === 'next');
    expect(await keys.rotate('artefacts')).toBe(next?.id);
    const sealed = keys.sealer('artefacts').seal('told early', 'test');
    expect(other.sealer('artefacts').open(sealed, 'test').toString()).toBe('told early');
  });

  it('open what was sealed before a rotation, and seal with the new one from then on', async () => {
    const sealer = keys.sealer('artefacts');
    const before = sealer.seal('kept', 'test');
    await keys.rotate('artefacts');
    expect(sealer.open(before, 'test').toString()).toBe('kept');
    expect(sealer.seal('kept', 'test').split('.')[0]).not.toBe(before.split('.')[0]);
  });

  it.each(['client-secrets', 'pairwise', 'devices'] as const)(
    'refuse to rotate %s, on which stored digests depend',
    async (use) => {
      const before = keys.secret(use);
      await expect(keys.rotate(use)).rejects.toThrow(/cannot rotate/);
      expect(keys.secret(use).equals(before)).toBe(true);
    },
  );

  it('forget a signing key only long after it was retired, and never one that is in use', async () => {
    await keys.rotate('ES256');
    const month = 30 * 86_400_000;
    expect(await keys.purgeRetired(new Date(clock.now() - month))).toBe(0);
    clock.move(2 * month);
    expect(await keys.purgeRetired(new Date(clock.now() - month))).toBe(1);
    expect(states(keys, 'ES256')).toEqual(['ES256-2 current', 'ES256-3 next']);
    expect(states(keys, 'RS256')).toHaveLength(2);
  });
});
