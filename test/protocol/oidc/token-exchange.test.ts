/** Token exchange (RFC 8693) as it is meant: a service acts for a member, an agent acts as one, and both are named. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { tokenExchangeGrant } from '../../../src/business/clients/client-metadata.ts';
import {
  apis,
  discover,
  dpopKey,
  type ExchangeWorld,
  endSessions,
  exchange,
  exchangeWorld,
  introspected,
  tokenFor,
  types,
} from '../../support/exchange.ts';
import { newMember, type SignedIn } from '../world.ts';

let world: ExchangeWorld;
let member: SignedIn;
let subject: string;

beforeAll(async () => {
  world = await exchangeWorld();
  member = await newMember(world.issuer, world.app, 'mia@example.com');
  subject = await tokenFor(world.app, member, apis.points, 'points:read points:redeem');
});

/** The claims of a JWT access token, as the API verifies it (RFC 9068 section 4). */
async function claimsOf(token: string, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${world.issuer.url}/jwks`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: world.issuer.url,
    audience,
    typ: 'at+jwt',
    currentDate: new Date(world.issuer.clock.now()),
  });
  return payload;
}

const delegated = (form: Record<string, string> = {}) =>
  exchange(world.issuer, 'service', { subject_token: subject, resource: apis.bookings, ...form });

describe('a service that acts for a member', () => {
  it('gets a token for the next API that names the member and the service', async () => {
    const answer = await client.genericGrantRequest(world.service, tokenExchangeGrant, {
      subject_token: subject,
      subject_token_type: types.access,
      requested_token_type: types.access,
      resource: apis.bookings,
    });
    expect(answer).toMatchObject({
      issued_token_type: types.access,
      token_type: 'bearer',
      scope: 'points:read',
    });
    expect(answer.refresh_token ?? answer.id_token).toBeUndefined();
    const claims = await claimsOf(answer.access_token, apis.bookings);
    expect(claims).toMatchObject({
      sub: member.memberId,
      client_id: 'service',
      scope: 'points:read',
      act: { sub: 'service' },
    });
    expect(claims.act).toEqual({ sub: 'service' });
  });

  it('can name the API by audience, or by both parameters', async () => {
    const { resource, ...form } = { subject_token: subject, resource: apis.bookings };
    expect((await exchange(world.issuer, 'service', { ...form, audience: resource })).status).toBe(200);
    expect((await exchange(world.issuer, 'service', { ...form, resource, audience: resource })).status).toBe(
      200,
    );
  });

  it('gets a token that lives no longer than the one it presents', async () => {
    const young = await delegated();
    expect(young.json.expires_in).toBeGreaterThan(580);
    const fresh = await tokenFor(world.app, member, apis.points, 'points:read');
    world.issuer.clock.advance(500_000);
    const answer = await delegated({ subject_token: fresh });
    expect(answer.json.expires_in).toBeLessThanOrEqual(101);
    const { exp } = await claimsOf(String(answer.json.access_token), apis.bookings);
    expect(exp).toBeLessThanOrEqual((await claimsOf(fresh, apis.points)).exp ?? 0);
    subject = await tokenFor(world.app, member, apis.points, 'points:read points:redeem');
  });

  it('gets one that is bound to the key it proves', async () => {
    const key = await dpopKey(world.issuer);
    const form = { subject_token: subject, resource: apis.bookings };
    const answer = await exchange(world.issuer, 'service', form, { dpop: await key.proof() });
    expect(answer.json.token_type).toBe('DPoP');
    const claims = await claimsOf(String(answer.json.access_token), apis.bookings);
    expect(claims.cnf).toEqual({ jkt: expect.any(String) });
  });

  it('gets an opaque one for an API that asks, which learns who acts', async () => {
    const answer = await delegated({ resource: apis.vault });
    expect(answer.json).toMatchObject({ issued_token_type: types.access, scope: 'points:read' });
    expect(await introspected(world.issuer, String(answer.json.access_token))).toMatchObject({
      active: true,
      sub: member.memberId,
      client_id: 'service',
      act: { sub: 'service' },
      scope: 'points:read',
      aud: apis.vault,
    });
  });

  it.each(['bookings', 'vault'] as const)('hands on to a second one, from a token for %s', async (first) => {
    const once = await delegated({ resource: apis[first] });
    const form = { subject_token: String(once.json.access_token), resource: apis.bookings };
    const twice = await exchange(world.issuer, 'second-service', form);
    const claims = await claimsOf(String(twice.json.access_token), apis.bookings);
    expect(claims).toMatchObject({
      sub: member.memberId,
      act: { sub: 'second-service', act: { sub: 'service' } },
    });
  });

  it('has an opaque token that dies with the sign-in behind it', async () => {
    const other = await newMember(world.issuer, world.app, 'leaving@example.com');
    const theirs = await tokenFor(world.app, other, apis.points, 'points:read');
    const answer = await delegated({ subject_token: theirs, resource: apis.vault });
    const token = String(answer.json.access_token);
    expect(await introspected(world.issuer, token)).toMatchObject({ active: true });
    await endSessions(world.issuer, other.memberId);
    expect(await introspected(world.issuer, token)).toEqual({ active: false });
  });
});

describe('a support agent who acts as a member', () => {
  let agent: SignedIn;

  beforeAll(async () => {
    agent = await newMember(world.issuer, world.support, 'agent@example.com');
  });

  const asMember = (form: Record<string, string> = {}) =>
    exchange(world.issuer, 'support', {
      subject_token: member.memberId,
      subject_token_type: types.member,
      actor_token: agent.tokens.id_token ?? '',
      actor_token_type: types.id,
      resource: apis.points,
      reason: 'member_request',
      ...form,
    });

  it('gets a short token that names both, with an ID token', async () => {
    const answer = await asMember();
    expect(answer.json).toMatchObject({ issued_token_type: types.access, token_type: 'Bearer' });
    expect(answer.json.expires_in).toBeLessThanOrEqual(600);
    const claims = await claimsOf(String(answer.json.access_token), apis.points);
    expect(claims).toMatchObject({ sub: member.memberId, client_id: 'support', scope: 'points:read' });
    expect(claims.act).toEqual({ sub: agent.memberId, client_id: 'support' });
  });

  it('gets one with an access token, by an independent library', async () => {
    const config = await discover(world.issuer, 'support');
    const answer = await client.genericGrantRequest(config, tokenExchangeGrant, {
      subject_token: member.memberId,
      subject_token_type: types.member,
      actor_token: agent.tokens.access_token,
      actor_token_type: types.access,
      audience: apis.vault,
      reason: 'security',
    });
    expect(await introspected(world.issuer, answer.access_token)).toMatchObject({
      active: true,
      sub: member.memberId,
      act: { sub: agent.memberId, client_id: 'support' },
    });
  });

  it('is recorded, told by mail once, and shown to the member in their language', async () => {
    const helped = await newMember(world.issuer, world.app, 'helped@example.com');
    await asMember({ subject_token: helped.memberId });
    await asMember({ subject_token: helped.memberId, reason: 'complaint' });
    const events = await world.issuer.issuer.core.events.ofMember(helped.memberId, 20);
    const told = events.filter(({ type }) => type === 'member.impersonated');
    expect(told.map(({ data }) => data)).toEqual([
      { agent: agent.memberId, client: 'support', resource: apis.points, reason: 'complaint' },
      { agent: agent.memberId, client: 'support', resource: apis.points, reason: 'member_request' },
    ]);
    expect(told[0]?.actor).toMatchObject({ kind: 'member', id: agent.memberId });
    const isIt = (text: string) => text.includes('used your account on your behalf');
    const mail = await world.issuer.mailbox.waitFor(
      ({ to, text }) => to.includes('helped@example.com') && isIt(text),
    );
    expect(mail.text).toContain('You asked us for help.');
    const page = await helped.agent.open(`${world.issuer.url}/account`);
    expect(page.text).toContain('Customer support used your account on your behalf:');
    expect(page.text).toContain('We looked into a complaint.');
  });

  it('has a token that opens no userinfo and no account page', async () => {
    const token = String((await asMember({ resource: apis.vault })).json.access_token);
    for (const path of ['/userinfo', '/account']) {
      const response = await fetch(`${world.issuer.url}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'manual',
      });
      await response.text();
      expect(response.status).not.toBe(200);
    }
  });

  it('has an opaque token that dies when the agent signs out', async () => {
    const passing = await newMember(world.issuer, world.support, 'passing-agent@example.com');
    const form = { actor_token: passing.tokens.id_token ?? '', resource: apis.vault };
    const token = String((await asMember(form)).json.access_token);
    expect(await introspected(world.issuer, token)).toMatchObject({ active: true });
    await endSessions(world.issuer, passing.memberId);
    expect(await introspected(world.issuer, token)).toEqual({ active: false });
  });
});
