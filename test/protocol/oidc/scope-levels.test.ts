/** Scopes that need a level: asked for, they lead to a new sign-in; a token whose sign-in does not reach them goes without. */
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import type { Page } from '../../support/agent.ts';
import { exchange, registerService } from '../../support/exchange.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type Begun, RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';

const resource = 'https://points.xenia.example/api';
const both = { scope: 'openid points:read points:redeem', resource };
const reading = { scope: 'openid points:read', resource };
const oneFactor = 'urn:symbolon:acr:one-factor';
const federated = 'urn:symbolon:acr:federated';
const minute = 60_000;
const metadata = { grant_types: ['authorization_code', 'refresh_token'] };

let issuer: TestIssuer;
let airline: RelyingParty;
let grocery: RelyingParty;
let member: SignedIn;

const ask = (acr: Record<string, { acr: string; maxAgeSeconds?: number }>) =>
  publishLayers(issuer, { 'brands/aurora-air/brand': { acr } });

beforeAll(async () => {
  issuer = await startIssuer();
  airline = await RelyingParty.register(issuer, { id: 'airline', metadata });
  grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
  await registerService(issuer, 'service', {
    delegation: { from: [resource], resources: [resource], scopes: ['points:read', 'points:redeem'] },
  });
  member = await newMember(issuer, airline, 'level@example.com');
});
beforeEach(() => ask({ 'points:redeem': { acr: oneFactor, maxAgeSeconds: 300 } }));

const outcome = async (site: RelyingParty, agent: SignedIn['agent'], parameters: Record<string, string>) => {
  const { page } = await site.open(agent, parameters);
  const { searchParams: answer } = new URL(page.url);
  if (page.url.includes('/interaction/')) return 'sign-in page';
  return answer.get('error') ?? (answer.has('code') ? 'code' : page.title);
};
/** The code for a token of the API. */
const finish = (page: Page, begun: Begun) =>
  client.authorizationCodeGrant(
    airline.config,
    new URL(page.url),
    {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    },
    { resource },
  );
const refresh = (token: string, parameters: Record<string, string> = {}) =>
  client.refreshTokenGrant(airline.config, token, { resource, ...parameters });
const scopeOf = (tokens: { access_token: string }) => decodeJwt(tokens.access_token).scope;

describe('a scope that needs a recent sign-in', () => {
  it('is given without a page while the sign-in is recent', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    const { page, begun } = await airline.open(agent, { ...both, prompt: 'none' });
    const tokens = await finish(page, begun);
    expect(scopeOf(tokens)).toBe('points:read points:redeem');
  });

  it('asks for the proof again when it is not, and only then', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(6 * minute);
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe('login_required');
    expect(await outcome(airline, agent, { ...reading, prompt: 'none' })).toBe('code');
    expect(await outcome(airline, agent, { scope: 'openid points:redeem', prompt: 'none' })).toBe('code');
    expect(await outcome(grocery, agent, { ...both, prompt: 'none' })).toBe('code');
    const { page, begun } = await airline.open(agent, both);
    expect(page.url).toContain('/interaction/');
    const tokens = await finish(await signIn(agent, page, { email: member.email }), begun);
    expect(scopeOf(tokens)).toBe('points:read points:redeem');
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe('code');
  });

  it('is asked for from the moment the rule is live, and no longer than that', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(6 * minute);
    await ask({});
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe('code');
    await ask({ 'points:redeem': { acr: oneFactor, maxAgeSeconds: 300 } });
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe('login_required');
  });
});

describe('a scope that needs another level', () => {
  it('ends with an error, not with a loop, when the new sign-in does not reach it', async () => {
    await ask({ 'points:redeem': { acr: federated } });
    const { agent } = await signedIn(issuer, airline, member);
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe('login_required');
    const { page } = await airline.open(agent, both);
    expect(page.url).toContain('/interaction/');
    const back = await signIn(agent, page, { email: member.email });
    expect(new URL(back.url).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  it('ends at once when two scopes need what no sign-in can be', async () => {
    await ask({ 'points:redeem': { acr: federated }, 'points:read': { acr: oneFactor } });
    const { agent } = await signedIn(issuer, airline, member);
    expect(await outcome(airline, agent, both)).toBe('unmet_authentication_requirements');
    expect(await outcome(airline, agent, { ...both, prompt: 'none' })).toBe(
      'unmet_authentication_requirements',
    );
  });
});

describe('a refresh token', () => {
  const tokensNow = async () => {
    const { page, begun, agent } = await signedIn(issuer, airline, member).then(async ({ agent: one }) => ({
      ...(await airline.open(one, both)),
      agent: one,
    }));
    const tokens = await finish(page, begun);
    return { agent, tokens, token: tokens.refresh_token ?? '' };
  };

  it('gives the scope as long as the sign-in behind it is enough, then the others only, and says so', async () => {
    const { token } = await tokensNow();
    const soon = await refresh(token);
    expect(scopeOf(soon)).toBe('points:read points:redeem');
    issuer.clock.advance(6 * minute);
    const later = await refresh(soon.refresh_token ?? token);
    expect(scopeOf(later)).toBe('points:read');
    expect(later.scope).toBe('points:read');
  });

  it('is refused, and not spent, when it is asked for just that scope', async () => {
    const { token } = await tokensNow();
    issuer.clock.advance(6 * minute);
    await expect(refresh(token, { scope: 'points:redeem' })).rejects.toMatchObject({
      error: 'invalid_scope',
    });
    expect(scopeOf(await refresh(token))).toBe('points:read');
  });

  it('gives it again once the rule is gone: nothing of what the member allowed was taken away', async () => {
    const { token } = await tokensNow();
    issuer.clock.advance(6 * minute);
    const less = await refresh(token);
    await ask({});
    const again = await refresh(less.refresh_token ?? token);
    expect(scopeOf(again)).toBe('points:read points:redeem');
  });
});

describe('a service that exchanges a token', () => {
  it('gets the scope while the sign-in behind the token is enough, and the others afterwards', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    const { page, begun } = await airline.open(agent, { ...both, prompt: 'none' });
    const { access_token: subject } = await finish(page, begun);
    const given = async () =>
      (await exchange(issuer, 'service', { subject_token: subject, resource })).json.scope;
    expect(await given()).toBe('points:read points:redeem');
    issuer.clock.advance(6 * minute);
    expect(await given()).toBe('points:read');
  });
});

describe('a rule for a scope', () => {
  it('is refused when nobody can ask for the scope, or nobody can reach the level', async () => {
    await expect(ask({ 'points:redem': { acr: oneFactor } })).rejects.toThrow(
      'brands/aurora-air/brand: acr.points:redem: expected a known key (did you mean points:redeem?)',
    );
    await expect(ask({ 'points:redeem': { acr: 'gold' } })).rejects.toThrow(
      `acr.points:redeem.acr: expected a level that the ways to sign in reach (${oneFactor}, ${federated})`,
    );
  });
});
