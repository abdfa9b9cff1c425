import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter } from 'oidc-provider';
import type { Database } from '../../../src/base/db/connection.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { digest, type NamedKey, seal, unseal } from '../../../src/base/kernel/sealing.ts';
import { createAdapterFactory } from '../../../src/protocol/oidc/artefacts/adapter.ts';
import { issuedUserCode } from '../../../src/protocol/oidc/artefacts/device-code-adapter.ts';
import { artefactId, artefacts } from '../../../src/protocol/oidc/artefacts/model.ts';
import { type ArtefactStore, createArtefactStore } from '../../../src/protocol/oidc/artefacts/store.ts';
import { currentUnit, inUnit, LostRace } from '../../../src/protocol/oidc/artefacts/unit.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

const key: NamedKey = { id: 'artefacts-1', key: Buffer.alloc(32, 3) };
const hour = 3_600;

describe('the adapter keeps what the library gives it', () => {
  let db: Database;
  let store: ArtefactStore;
  let adapterOf: (kind: string) => Adapter;
  const clock = movableClock();
  const nowSeconds = () => Math.floor(clock.now() / 1000);

  beforeAll(async () => {
    db = await testDatabase();
    store = createArtefactStore(db.main, 'members');
    const factory = createAdapterFactory({
      registration: {
        clients: { upsert: async () => {}, destroy: async () => {} },
        findInvitation: async () => undefined,
      },
      store,
      ids: createIds(),
      userCodeKey: Buffer.alloc(32, 5),
      clock,
      sealer: {
        seal: (plain, context) => seal(key, plain, context),
        open: (sealed, context) => unseal({ all: [key] }, sealed, context),
      },
      findClient: async () => undefined,
      liveEpoch: async () => 1,
      refreshLeeway: async () => 0,
      describeVisit: () => undefined,
    });
    adapterOf = (kind) => factory(kind) as Adapter;
  });

  const unit = <T>(work: () => Promise<T>) => inUnit(store, work);
  const token = (grantId: string) => ({
    iat: nowSeconds(),
    exp: nowSeconds() + hour,
    kind: 'AccessToken',
    grantId,
    accountId: 'mbr_someone',
    clientId: 'airline',
    scope: 'openid',
  });

  it('gives a payload back as it was handed in, under a digest of its id', async () => {
    const adapter = adapterOf('AccessToken');
    await unit(() => adapter.upsert('token-value-one', { jti: 'token-value-one', ...token('g1') }, hour));
    const found = await unit(() => adapter.find('token-value-one'));
    expect(found).toEqual({ jti: 'token-value-one', ...token('g1') });
    const stored = await artefacts(db.main).findOne({ _id: `AccessToken:${digest('token-value-one')}` });
    expect(JSON.stringify(stored)).not.toContain('token-value-one');
    expect(stored?.sealed).not.toContain('openid');
  });

  it('binds a sealed payload to its own document, so that none can be put into the place of another', async () => {
    const adapter = adapterOf('AccessToken');
    await unit(() => adapter.upsert('rich', { jti: 'rich', ...token('g2') }, hour));
    await unit(() => adapter.upsert('poor', { jti: 'poor', ...token('g3') }, hour));
    const rich = await artefacts(db.main).findOne({ _id: artefactId('AccessToken', 'rich') });
    await artefacts(db.main).updateOne(
      { _id: artefactId('AccessToken', 'poor') },
      { $set: { sealed: rich?.sealed ?? '' } },
    );
    await expect(unit(() => adapter.find('poor'))).rejects.toThrow();
  });

  it('revokes by grant what was issued under it and nothing else, and without a grant nothing at all', async () => {
    const adapter = adapterOf('AccessToken');
    for (const [jti, grant] of [
      ['a', 'grant-a'],
      ['b', 'grant-b'],
    ] as const) {
      await unit(() => adapter.upsert(jti, { jti, ...token(grant) }, hour));
    }
    for (const nothing of [undefined, null, '', {}]) {
      await unit(() => adapter.revokeByGrantId(nothing as never));
    }
    expect(await unit(() => adapter.find('a'))).toBeDefined();
    await unit(() => adapter.revokeByGrantId('grant-a'));
    expect(await unit(() => adapter.find('a'))).toBeUndefined();
    expect(await unit(() => adapter.find('b'))).toBeDefined();
  });

  it('finds nothing for an absent id', async () => {
    for (const kind of ['AccessToken', 'Session', 'Interaction', 'Grant']) {
      expect(await unit(() => adapterOf(kind).find(undefined as never))).toBeUndefined();
      expect(await unit(() => adapterOf(kind).find(''))).toBeUndefined();
    }
  });

  it('spends once when two requests have read the artefact unspent, and the loser writes nothing beside it', async () => {
    const code = adapterOf('AuthorizationCode');
    const grant = adapterOf('Grant');
    await unit(() => code.upsert('code', { jti: 'code', ...token('g4'), kind: 'AuthorizationCode' }, 60));
    const attempt = (name: string) =>
      unit(async () => {
        await code.find('code');
        await new Promise((resolve) => setImmediate(resolve));
        await code.consume('code');
        await grant.upsert(name, { jti: name, kind: 'Grant', exp: nowSeconds() + hour }, hour);
      });
    const outcomes = await Promise.allSettled(['left', 'right'].map(attempt));
    const lost = outcomes.filter((each) => each.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toBeInstanceOf(LostRace);
    const written = await Promise.all(['left', 'right'].map((name) => unit(() => grant.find(name))));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect((await unit(() => code.find('code')))?.consumed).toBe(nowSeconds());
  });

  it('brings nothing back that was ended while a request held it', async () => {
    const grant = adapterOf('Grant');
    const payload = { kind: 'Grant', exp: nowSeconds() + hour };
    await unit(() => grant.upsert('ended', { jti: 'ended', ...payload }, hour));
    const late = unit(async () => {
      await grant.find('ended');
      await unit(() => grant.destroy('ended'));
      await grant.upsert('ended', { jti: 'ended', ...payload }, hour);
    });
    await expect(late).rejects.toBeInstanceOf(LostRace);
    expect(await unit(() => grant.find('ended'))).toBeUndefined();
  });

  it('remembers a proof by inserting, accepts it again only once its memory is over, whatever housekeeping did', async () => {
    const replay = adapterOf('ReplayDetection');
    const claims = await Promise.all(Array.from({ length: 8 }, () => unit(() => replay.find('proof'))));
    expect(claims.filter((seen) => seen === undefined)).toHaveLength(1);
    await unit(() => replay.upsert('proof', { jti: 'proof' }, 60));
    expect(await unit(() => replay.find('proof'))).toBeDefined();
    clock.move(2 * 3_600_000);
    expect(await unit(() => replay.find('proof'))).toBeUndefined();
    expect(await unit(() => replay.find('proof'))).toBeDefined();
  });

  it('gives no user code to two devices that wait, and to another once the first has ended', async () => {
    const device = adapterOf('DeviceCode');
    const begin = (jti: string) =>
      unit(async () => {
        const payload = {
          jti,
          kind: 'DeviceCode',
          userCode: 'BCDFGHJK',
          clientId: 'tv',
          exp: nowSeconds() + 600,
        };
        await device.upsert(jti, payload, 600);
        return issuedUserCode(currentUnit());
      });
    expect(await begin('first')).toBe('BCDFGHJK');
    const second = await begin('second');
    expect(second).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    expect(second).not.toBe('BCDFGHJK');
    const led = async (code = '') => (await unit(() => device.findByUserCode(code)))?.jti;
    expect([await led('BCDFGHJK'), await led(second)]).toEqual(['first', 'second']);
    await unit(async () => {
      const first = await device.find('first');
      if (first) await device.upsert('first', { ...first, error: 'access_denied' }, 600);
    });
    expect(await led('BCDFGHJK')).toBeUndefined();
    expect(await begin('third')).toBe('BCDFGHJK');
    clock.move(601_000);
    expect(await begin('fourth')).toBe('BCDFGHJK');
    expect(await led('BCDFGHJK')).toBe('fourth');
  });

  it('takes one decision about a device, and none once it is spent', async () => {
    const device = adapterOf('DeviceCode');
    const payload = {
      jti: 'tv',
      kind: 'DeviceCode',
      userCode: 'CDFGHJKL',
      clientId: 'tv',
      exp: nowSeconds() + 600,
    };
    await unit(() => device.upsert('tv', payload, 600));
    const decide = (accountId: string) =>
      unit(async () => {
        await device.find('tv');
        await Promise.resolve();
        await device.upsert('tv', { ...payload, accountId }, 600);
      });
    const answers = await Promise.allSettled([decide('mbr_left'), decide('mbr_right')]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(decide('mbr_late')).rejects.toBeInstanceOf(LostRace);
  });

  it('writes nothing of a request that failed', async () => {
    const grant = adapterOf('Grant');
    const failing = unit(async () => {
      await grant.upsert('unborn', { jti: 'unborn', kind: 'Grant', exp: nowSeconds() + hour }, hour);
      throw new Error('something else broke');
    });
    await expect(failing).rejects.toThrow('something else broke');
    expect(await unit(() => grant.find('unborn'))).toBeUndefined();
  });
});
