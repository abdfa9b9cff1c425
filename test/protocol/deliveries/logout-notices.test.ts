import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';

const eventUri = 'http://schemas.openid.net/event/backchannel-logout';

describe('relying parties are told that a session ended', () => {
  let issuer: TestIssuer;
  let airline: RelyingParty;
  let grocery: RelyingParty;
  let receiver: Server;
  let base: string;
  let received: { path: string; token: string; type: string | undefined }[];
  let answer: (path: string) => number | 'nothing';
  let someone: SignedIn;

  beforeAll(async () => {
    received = [];
    answer = () => 200;
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
        received.push({ path, token, type: request.headers['content-type'] });
        const status = answer(path);
        if (status === 'nothing') response.destroy();
        else response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
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
  afterAll(() => new Promise((resolve) => receiver.close(resolve)));
  beforeEach(() => {
    received = [];
    answer = () => 200;
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
    expect(received.map(({ path }) => path).sort()).toEqual(['/airline', '/grocery']);
    const jwks = createRemoteJWKSet(new URL('/jwks', issuer.url));
    for (const { path, token, type } of received) {
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
    answer = () => 'nothing';
    const done = await signOut(agent);
    expect(done.status).toBe(200);
    const stored = await issuer.db.main
      .collection('outbox')
      .countDocuments({ kind: /sign-out-notices|logout-notice/ });
    expect(stored).toBeGreaterThan(0);
    await deliver();
    answer = () => 200;
    issuer.clock.advance(6_000);
    await deliver();
    expect(received.filter(({ path }) => path === '/airline')).toHaveLength(2);
  });

  it('again after a failure, with a fresh token each time, until it is taken', async () => {
    const { agent } = await everywhere();
    answer = (path) => (path === '/airline' ? 500 : 200);
    await signOut(agent);
    await deliver();
    const count = () => received.filter(({ path }) => path === '/airline').length;
    expect(count()).toBe(1);
    await deliver();
    expect(count()).toBe(1);
    issuer.clock.advance(6_000);
    await deliver();
    expect(count()).toBe(2);
    answer = () => 204;
    issuer.clock.advance(11_000);
    await deliver();
    issuer.clock.advance(3_600_000);
    await deliver();
    expect(count()).toBe(3);
    expect(received.filter(({ path }) => path === '/grocery')).toHaveLength(1);
    const tokens = received.filter(({ path }) => path === '/airline').map(({ token }) => payloadOf(token));
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3);
    const [first, , last] = tokens;
    expect(Number(last?.iat)).toBeGreaterThanOrEqual(Number(first?.iat) + 17);
  });

  it('not again when it was refused for good', async () => {
    const { agent } = await everywhere();
    answer = () => 400;
    await signOut(agent);
    await deliver();
    const before = received.length;
    issuer.clock.advance(3_600_000);
    await deliver();
    expect(received.length).toBe(before);
  });

  it('of every session of the member after a security change', async () => {
    const { memberId } = await everywhere();
    const { core, people } = issuer.issuer;
    await inTransaction(issuer.db, async (tx) => {
      const epoch = await people.members.raiseEpoch(tx, memberId);
      await core.outbox.add({ kind: 'sign-out-everywhere', payload: { memberId, epoch } }, tx);
    });
    await deliver();
    expect(received.map(({ path }) => path).sort()).toEqual(['/airline', '/grocery']);
    for (const { token } of received) expect(payloadOf(token).sub).toBe(memberId);
  });

  it('with the subject that the third party knows the member by', async () => {
    const partner = await RelyingParty.register(issuer, {
      id: 'partner',
      firstParty: true,
      metadata: { subject_type: 'pairwise', backchannel_logout_uri: `${base}/partner` },
    });
    const { agent, memberId } = await everywhere();
    const known = (await partner.silently(agent)).claims()?.sub;
    expect(known).not.toBe(memberId);
    await signOut(agent);
    await deliver();
    const told = received.find(({ path }) => path === '/partner');
    expect(payloadOf(told?.token ?? '').sub).toBe(known);
  });
});

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
