import { createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createKms } from '../../../examples/kms/local-kms.ts';
import type { Database } from '../../../src/base/db/connection.ts';
import { createEnvelope } from '../../../src/base/keys/envelope.ts';
import { type Kms, loadKms } from '../../../src/base/keys/kms.ts';
import { scratchFolder } from '../../platform/files.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';
import { masterKeys, openTestKeys, statesOf } from './open.ts';

describe('an external key service', () => {
  const clock = movableClock();
  let db: Database;
  let kms: Kms;

  beforeEach(async () => {
    db = await testDatabase();
    kms = await createKms({ LOCAL_KMS_DIR: await scratchFolder() });
  });

  const sealers = async () => {
    const records = await db.main.collection('keys').find({}).toArray();
    return [...new Set(records.map(({ sealed }) => String(sealed).split('.')[0]))].sort();
  };

  it('seals in the place of the master keys, for records of before after a rewrap', async () => {
    const before = await openTestKeys(db, clock);
    const sealed = before.sealer('artefacts').seal('kept', 'test');
    const keys = await openTestKeys(db, clock, { kms });
    expect((await keys.rewrap()).remaining).toBe(0);
    expect(await sealers()).toEqual(['kms:local']);
    const later = await openTestKeys(db, clock, { kms });
    expect(later.sealer('artefacts').open(sealed, 'test').toString()).toBe('kept');
    await expect(openTestKeys(db, clock)).rejects.toThrow(/unknown key: kms:local/);
  });

  it('can be left again: it only opens, and the newest master key seals', async () => {
    await openTestKeys(db, clock, { kms });
    const { sealing } = kms;
    if (!sealing) throw new Error('the example seals');
    const leaving: Kms = { ...kms, sealing: { ...sealing, opensOnly: true } };
    await (await openTestKeys(db, clock, { kms: leaving })).rewrap();
    expect(await sealers()).toEqual(['master-1']);
    await openTestKeys(db, clock);
  });

  it('is asked once per key, not at every change', async () => {
    let opened = 0;
    const { sealing } = kms;
    if (!sealing) throw new Error('the example seals');
    const counting: Kms = {
      sealing: {
        id: sealing.id,
        seal: (plain, context) => sealing.seal(plain, context),
        open(text, context) {
          opened += 1;
          return sealing.open(text, context);
        },
      },
    };
    const keys = await openTestKeys(db, clock, { kms: counting });
    const atStart = opened;
    await keys.rotate('cookie');
    await keys.rotate('cookie');
    expect(opened).toBe(atStart + 2);
  });

  it('opens nothing that was moved to another record', async () => {
    const envelope = createEnvelope(masterKeys(1), kms);
    const sealed = await envelope.seal('material', 'cookie-1');
    expect(await envelope.open(sealed, 'cookie-1')).toBe('material');
    await expect(envelope.open(sealed, 'cookie-2')).rejects.toThrow();
  });

  it('makes and uses the signing keys of the algorithms it has; the others are made here', async () => {
    const { signing } = kms;
    if (!signing) throw new Error('the example signs');
    const keys = await openTestKeys(db, clock, { kms: { signing: { ...signing, algorithms: ['ES256'] } } });
    const of = (alg: string) => keys.publishedJwks().find((jwk) => jwk.alg === alg);
    const [outside, here] = [of('ES256'), of('RS256')];
    expect(outside).not.toHaveProperty('d');
    expect(here).toHaveProperty('d');
    expect(keys.remoteSigner(here?.kid ?? '')).toBeUndefined();
    const data = Buffer.from('header.payload');
    const signature = await keys.remoteSigner(outside?.kid ?? '')?.(data);
    const key = createPublicKey({ key: outside ?? {}, format: 'jwk' });
    expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature ?? Buffer.alloc(0))).toBe(
      true,
    );
  });

  it('takes over signing by and by: what was made here signs until it has rotated away', async () => {
    await openTestKeys(db, clock);
    const { signing } = kms;
    const keys = await openTestKeys(db, clock, { kms: signing ? { signing } : {} });
    const outside = () => keys.publishedJwks().find(({ alg }) => alg === 'ES256')?.d === undefined;
    expect(outside()).toBe(false);
    await keys.rotate('ES256');
    expect(outside()).toBe(false);
    await keys.rotate('ES256');
    expect(outside()).toBe(true);
  });

  it('is told of keys that nothing needs any more, and its failure then harms nobody', async () => {
    const destroyed: string[] = [];
    const { signing } = kms;
    if (!signing) throw new Error('the example signs');
    const telling: Kms = {
      signing: {
        ...signing,
        async destroyKey(key) {
          destroyed.push(key);
          throw new Error('not now');
        },
      },
    };
    const keys = await openTestKeys(db, clock, { kms: telling });
    await keys.revoke('ES256-1');
    await keys.rotate('RS256');
    clock.move(100 * 86_400_000);
    await keys.purgeRetired(new Date(clock.now()));
    expect(destroyed.map((key) => key.slice(0, 5))).toEqual(['es256', 'rs256']);
    expect(statesOf(keys, 'ES256')).toContain('ES256-1 revoked');
  });

  it.each([
    ['throw new Error("out of order")', 'cannot be loaded'],
    ['export const nothing = 1', 'exports no function createKms'],
    ['export const createKms = () => { throw new Error("no network") }', 'does not connect: no network'],
    ['export const createKms = () => ({})', 'returns neither sealing nor signing'],
    ['export const createKms = () => ({ sealing: { id: "a.b", seal() {}, open() {} } })', 'returns neither'],
    ['export const createKms = () => ({ signing: { createKey() {}, sign() {} } })', 'returns neither'],
  ])('that is wrong is told by its file: %s', async (text, message) => {
    const file = join(await scratchFolder(), 'kms.mjs');
    writeFileSync(file, text);
    await expect(loadKms(file, {})).rejects.toThrow(message);
    await expect(loadKms(file, {})).rejects.toThrow(file);
  });

  it('is not needed', async () => {
    expect(await loadKms(undefined, {})).toBeUndefined();
  });
});
