import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { digest } from '../../../src/base/kernel/sealing.ts';
import type { Consents } from '../../../src/people/consents/consents.ts';
import { type ConsentWorld, consentWorld } from '../../support/consents.ts';
import { visitOf } from '../../support/visit.ts';

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});

const visit = visitOf({ clientId: 'trips', market: 'de' });

const allow = (memberId: string, clientId: string, scopes: string[]) =>
  inTransaction(world.db, (tx) =>
    world.consents.recordGrant(tx, { memberId, home: 'us', clientId, scopes, visit }),
  );

describe('access that a member allows a third party', () => {
  it('is kept like any consent: with the words shown, jurisdiction, language and time', async () => {
    const memberId = world.member();
    await inTransaction(world.db, (tx) =>
      world.consents.recordGrant(tx, {
        memberId,
        home: 'us',
        clientId: 'trips',
        scopes: ['openid', 'email', 'openid'],
        resources: [{ resource: 'https://api.points.example', scopes: ['points:read'] }],
        visit,
      }),
    );
    expect(await world.consents.history(memberId)).toMatchObject([
      {
        subject: 'grant',
        subjectId: 'trips',
        kind: 'given',
        lawfulBasis: 'a',
        jurisdiction: 'EU',
        textHash: digest('en: email, openid'),
        language: 'en',
        scopes: ['email', 'openid'],
        resources: [{ resource: 'https://api.points.example', scopes: ['points:read'] }],
        clientId: 'trips',
        channel: 'web',
      },
    ]);
    expect(await world.eventsOf(memberId)).toEqual(['grant.allowed trips email openid']);
  });

  it('is found by client, and only there', async () => {
    const memberId = world.member();
    await allow(memberId, 'trips', ['openid']);
    expect(await world.consents.grantOf(memberId, 'trips')).toMatchObject({ scopes: ['openid'] });
    expect(await world.consents.grantOf(memberId, 'other')).toBeUndefined();
    expect(await world.consents.grantOf(world.member(), 'trips')).toBeUndefined();
  });

  it('becomes what was allowed last: fewer scopes are fewer, and the beginning stays', async () => {
    const memberId = world.member();
    await allow(memberId, 'trips', ['openid', 'email', 'phone']);
    const since = new Date(world.clock.now());
    world.clock.move(60_000);
    await allow(memberId, 'trips', ['openid', 'email']);
    expect(await world.consents.grants(memberId)).toEqual([
      {
        clientId: 'trips',
        scopes: ['email', 'openid'],
        resources: [],
        since,
        at: new Date(world.clock.now()),
        decisionId: expect.any(String),
      },
    ]);
    expect(await world.consents.history(memberId)).toHaveLength(2);
  });

  it('does not touch purposes, nor purposes it', async () => {
    const memberId = world.member();
    const [purpose] = world.texts().purposes;
    if (!purpose) throw new Error('a purpose was expected');
    await allow(memberId, 'trips', ['openid']);
    await world.consents.decide({
      memberId,
      home: 'us',
      decisions: [{ text: purpose, kind: 'given' }],
      visit,
      channel: 'web',
    });
    expect(await world.consents.current(memberId)).toMatchObject({
      version: 2,
      purposes: [{ purposeId: purpose.id }],
      grants: [{ clientId: 'trips' }],
    });
    expect(await world.consents.withdraw(memberId, 'trips', visit)).toBe(false);
  });
});

describe('taking access back', () => {
  it('is recorded, ends the access at once and tells the protocol in the same transaction', async () => {
    const memberId = world.member();
    await allow(memberId, 'trips', ['openid', 'email']);
    await allow(memberId, 'other', ['openid']);
    expect(await world.consents.revokeGrant(memberId, 'trips', visitOf())).toBe(true);
    expect(await world.consents.grantOf(memberId, 'trips')).toBeUndefined();
    expect(await world.consents.grants(memberId)).toMatchObject([{ clientId: 'other' }]);
    expect((await world.consents.history(memberId))[0]).toMatchObject({
      subject: 'grant',
      subjectId: 'trips',
      kind: 'withdrawn',
      scopes: ['email', 'openid'],
    });
    expect(await world.eventsOf(memberId)).toContain('grant.revoked trips');
    expect(world.revoked).toContain('trips');
  });

  it('of a client without access changes nothing', async () => {
    const memberId = world.member();
    expect(await world.consents.revokeGrant(memberId, 'trips', visit)).toBe(false);
    await allow(memberId, 'trips', ['openid']);
    await world.consents.revokeGrant(memberId, 'trips', visit);
    expect(await world.consents.revokeGrant(memberId, 'trips', visit)).toBe(false);
    expect(await world.consents.history(memberId)).toHaveLength(2);
  });

  it('begins anew when it is allowed again', async () => {
    const memberId = world.member();
    await allow(memberId, 'trips', ['openid']);
    await world.consents.revokeGrant(memberId, 'trips', visit);
    world.clock.move(60_000);
    await allow(memberId, 'trips', ['openid']);
    expect((await world.consents.grantOf(memberId, 'trips'))?.since).toEqual(new Date(world.clock.now()));
  });

  it('is not done when the protocol could not be told', async () => {
    const memberId = world.member();
    await allow(memberId, 'trips', ['openid']);
    const failing: Consents = world.consentsWith({
      onGrantRevoked: () => Promise.reject(new Error('injected')),
    });
    await expect(failing.revokeGrant(memberId, 'trips', visit)).rejects.toThrow('injected');
    expect(await world.consents.grantOf(memberId, 'trips')).toMatchObject({ scopes: ['openid'] });
    expect(await world.consents.history(memberId)).toHaveLength(1);
    expect(await world.eventsOf(memberId)).toEqual(['grant.allowed trips openid']);
  });
});
