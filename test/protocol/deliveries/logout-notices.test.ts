import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';
import { payloadOf, type Receiver, startReceiver } from './receiver.ts';

const eventUri = 'http://schemas.openid.net/event/backchannel-logout';

describe('relying parties are told that a session ended', () => {
  let issuer: TestIssuer;
  let airline: RelyingParty;
  let grocery: RelyingParty;
  let receiver: Receiver;
  let someone: SignedIn;

  beforeAll(async () => {
    receiver = await startReceiver();
    const { base } = receiver;
    issuer = await startIssuer();
    airline = await RelyingParty.register(issuer, {
      id: 'airline',
      metadata: { backchannel_logout_uri: `${base}/airline`, backchannel_logout_session_required: true },
    });
    grocery = await RelyingParty.register(issuer, {
      id: 'grocery',
      metadata: { backchannel_logout_uri: `${base}/grocery`, id_token_signed_response_alg: 'RS256' },
    });
    someone = await newMember(issuer, airline, 'told@example.com');
    await signOut(someone.agent);
    await deliver();
  });
  afterAll(() => receiver.close());
  beforeEach(() => {
    receiver.received = [];
    receiver.answer = () => 200;
  });

  /** A member signed in at both sites. */
  async function everywhere() {
    const member = await signedIn(issuer, airline, someone);
    return { ...member, theirs: await grocery.silently(member.agent) };
  }

  async function signOut(agent: Agent) {
    return agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
  }

  /** Does what is due, as the job queue would. */
  async function deliver() {
    const { outbox } = issuer.issuer;
    await outbox.idle();
    await outbox.run();
    await outbox.run();
    await outbox.idle();
  }

  it('each by a token that is valid by the specification', async () => {
    const { agent, memberId, tokens } = await everywhere();
    const before = Math.floor(Date.now() / 1000);
    await signOut(agent);
    await deliver();
    expect(receiver.paths()).toEqual(['/airline', '/grocery']);
    const jwks = createRemoteJWKSet(new URL('/jwks', issuer.url));
    for (const { path, token, type } of receiver.received) {
      expect(type).toBe('application/x-www-form-urlencoded');
      const { payload, protectedHeader } = await jwtVerify(token, jwks, {
        issuer: issuer.url,
        audience: path.slice(1),
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'exp', 'jti'],
      });
      expect(payload.events).toEqual({ [eventUri]: {} });
      expect(payload.sub).toBe(memberId);
      expect(payload).not.toHaveProperty('nonce');
      expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(120);
      expect(Number(payload.iat)).toBeGreaterThanOrEqual(before);
      expect(protectedHeader.alg).toBe(path === '/airline' ? 'ES256' : 'RS256');
      if (path === '/airline') expect(payload.sid).toBe(tokens.claims()?.sid);
      else expect(payload).not.toHaveProperty('sid');
    }
  });

  it('never inside the member’s own request: a silent receiver holds nobody up', async () => {
    const { agent } = await everywhere();
    receiver.answer = () => 'nothing';
    const done = await signOut(agent);
    expect(done.status).toBe(200);
    const stored = await issuer.db.main
      .collection('outbox')
      .countDocuments({ kind: /sign-out-notices|logout-notice/ });
    expect(stored).toBeGreaterThan(0);
    await deliver();
    receiver.answer = () => 200;
    issuer.clock.advance(6_000);
    await deliver();
    expect(receiver.received.filter(({ path }) => path === '/airline')).toHaveLength(2);
  });

  it('again after a failure, with a fresh token each time, until it is taken', async () => {
    const { agent } = await everywhere();
    receiver.answer = (path) => (path === '/airline' ? 500 : 200);
    await signOut(agent);
    await deliver();
    const count = () => receiver.received.filter(({ path }) => path === '/airline').length;
    expect(count()).toBe(1);
    await deliver();
    expect(count()).toBe(1);
    issuer.clock.advance(6_000);
    await deliver();
    expect(count()).toBe(2);
    receiver.answer = () => 204;
    issuer.clock.advance(11_000);
    await deliver();
    issuer.clock.advance(3_600_000);
    await deliver();
    expect(count()).toBe(3);
    expect(receiver.received.filter(({ path }) => path === '/grocery')).toHaveLength(1);
    const tokens = receiver.received
      .filter(({ path }) => path === '/airline')
      .map(({ token }) => payloadOf(token));
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3);
    const [first, , last] = tokens;
    expect(Number(last?.iat)).toBeGreaterThanOrEqual(Number(first?.iat) + 17);
  });

  it('not again when it was refused for good', async () => {
    const { agent } = await everywhere();
    receiver.answer = () => 400;
    await signOut(agent);
    await deliver();
    const before = receiver.received.length;
    issuer.clock.advance(3_600_000);
    await deliver();
    expect(receiver.received.length).toBe(before);
  });

  it('of every session of the member after a security change', async () => {
    const { memberId } = await everywhere();
    const { core, people } = issuer.issuer;
    await inTransaction(issuer.db, async (tx) => {
      const epoch = await people.members.raiseEpoch(tx, memberId);
      await core.outbox.add({ kind: 'sign-out-everywhere', payload: { memberId, epoch } }, tx);
    });
    await deliver();
    expect(receiver.paths()).toEqual(['/airline', '/grocery']);
    for (const { token } of receiver.received) expect(payloadOf(token).sub).toBe(memberId);
  });

  it('with the subject that the third party knows the member by', async () => {
    const partner = await RelyingParty.register(issuer, {
      id: 'partner',
      firstParty: true,
      metadata: { subject_type: 'pairwise', backchannel_logout_uri: `${receiver.base}/partner` },
    });
    const { agent, memberId } = await everywhere();
    const known = (await partner.silently(agent)).claims()?.sub;
    expect(known).not.toBe(memberId);
    await signOut(agent);
    await deliver();
    const told = receiver.received.find(({ path }) => path === '/partner');
    expect(payloadOf(told?.token ?? '').sub).toBe(known);
  });
});
