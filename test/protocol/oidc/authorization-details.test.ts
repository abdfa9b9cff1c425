/** Rich authorization requests (RFC 9396): one payment with points, asked each time and bound to one token. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import * as client from 'openid-client';
import type { Agent, Page } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { type Begun, RelyingParty } from '../../support/relying-party.ts';
import { newMember, post, refresh, type SignedIn } from '../world.ts';

const points = 'https://points.xenia.example/api';
const till = 'https://till.xenia.example/api';
const folder = copyOfProgram();
folder.edit('program.json', (program) => {
  const resources = program.resources as object[];
  resources.push(
    {
      indicator: till,
      scopes: ['till:pay'],
      tokens: 'opaque',
      authorizationDetails: ['points_redemption'],
    },
    { indicator: 'https://other.xenia.example/api', scopes: ['other:read'] },
  );
});
afterAll(() => folder.remove());

const payment = { type: 'points_redemption', amount: 1200, payee: 'Hotel Miramar', program: 'Xenia' };
const asked = (change: object = {}, resource = points) => ({
  resource,
  authorization_details: JSON.stringify([{ ...payment, ...change }]),
});

let issuer: TestIssuer;
let airline: RelyingParty;
let partner: RelyingParty;
let signed: RelyingParty;
let member: SignedIn;
const keys = await generateKeyPair('ES256');

beforeAll(async () => {
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  const types = { authorization_details_types: ['points_redemption'] };
  airline = await RelyingParty.register(issuer, { id: 'airline', metadata: types });
  partner = await RelyingParty.register(issuer, { id: 'partner', firstParty: false, metadata: types });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'partner-key', alg: 'ES256', use: 'sig' };
  signed = await RelyingParty.register(issuer, {
    id: 'signed',
    metadata: { ...types, jwks: { keys: [jwk] }, request_object_signing_alg: 'ES256' },
  });
  member = await newMember(issuer, airline, 'payer@example.com');
});

const answer = (agent: Agent, page: Page, decision: 'allow' | 'refuse') =>
  agent.submit(page, { decision }, '/consent');

/** Asks for a payment and says yes. */
async function pay(site: RelyingParty, agent: Agent, parameters: Record<string, string> = asked()) {
  const { page, begun } = await site.open(agent, parameters);
  return redeem(site, await answer(agent, page, 'allow'), begun);
}

/** Redeems a code for what the token endpoint gives without naming the resource again. */
function redeem(site: RelyingParty, back: Page, begun: Begun) {
  return client.authorizationCodeGrant(site.config, new URL(back.url), {
    pkceCodeVerifier: begun.verifier,
    expectedState: begun.state,
    expectedNonce: begun.nonce,
  });
}

const errorOf = (page: Page) => new URL(page.url).searchParams.get('error');

describe('a payment with points', () => {
  it('is asked of an app of our own, in words, with the number as the language writes it', async () => {
    const { page } = await airline.open(member.agent, asked());
    expect(page.status).toBe(200);
    expect(page.text).toContain('Pay 1,200 Xenia points to Hotel Miramar – once');
    expect(page.text).not.toContain('name="scope.');
    const { page: japanese } = await airline.open(member.agent, { ...asked(), ui_locales: 'ja' });
    expect(japanese.text).toContain('Hotel MiramarへXeniaポイントを1,200ポイント支払う（今回のみ）');
  });

  it('stands in the signed access token for the API, and in the token answer', async () => {
    const tokens = await pay(airline, member.agent, { ...asked(), scope: 'openid points:redeem' });
    expect(tokens.authorization_details).toEqual([payment]);
    const { payload } = await jwtVerify(
      tokens.access_token,
      createRemoteJWKSet(new URL(`${issuer.url}/jwks`)),
      {
        audience: points,
        issuer: issuer.url,
      },
    );
    expect(payload.authorization_details).toEqual([payment]);
    expect(payload.scope).toBe('points:redeem');
  });

  it('stands in what the API learns of an opaque token', async () => {
    await RelyingParty.register(issuer, {
      id: 'till',
      resourceServer: true,
      metadata: { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
    });
    const tokens = await pay(airline, member.agent, asked({ amount: 7 }, till));
    const { json } = await post(
      issuer,
      '/token/introspection',
      { token: tokens.access_token },
      { as: 'till' },
    );
    expect(json).toMatchObject({
      active: true,
      aud: till,
      authorization_details: [{ ...payment, amount: 7 }],
    });
    const ofRefresh = await post(
      issuer,
      '/token/introspection',
      { token: tokens.refresh_token ?? '' },
      { as: 'airline' },
    );
    expect(ofRefresh.json.active).toBe(true);
    expect(ofRefresh.json.authorization_details).toBeUndefined();
  });

  it('is not carried on by a refresh', async () => {
    const tokens = await pay(airline, member.agent, { ...asked({}, till), scope: 'openid till:pay' });
    const again = await refresh(airline, tokens.refresh_token ?? '');
    expect(again?.access_token).toBeTruthy();
    expect(again?.authorization_details).toBeUndefined();
    const forTheApi = await client.refreshTokenGrant(airline.config, again?.refresh_token ?? '', {
      resource: till,
    });
    expect(forTheApi.authorization_details).toBeUndefined();
    const { json } = await post(
      issuer,
      '/token/introspection',
      { token: forTheApi.access_token },
      { as: 'airline' },
    );
    expect(json).toMatchObject({ active: true, aud: till });
    expect(json.authorization_details).toBeUndefined();
  });

  it('is asked each time, and never without a page', async () => {
    await pay(airline, member.agent);
    const { page: again } = await airline.open(member.agent, asked());
    expect(again.text).toContain('Hotel Miramar');
    const { page: silent } = await airline.open(member.agent, { ...asked(), prompt: 'none' });
    expect(errorOf(silent)).toBe('consent_required');
    const plain = await airline.silently(member.agent, { resource: points, scope: 'openid points:read' });
    expect(plain.authorization_details).toBeUndefined();
  });

  it('cannot be passed by the page that says no more than "continue"', async () => {
    const { page } = await airline.open(member.agent, asked());
    const form = page.forms.find(({ action }) => action.endsWith('/consent'));
    const forced = await member.agent.open(form?.action.replace('/consent', '/continue') ?? '', {
      form: { ...form?.fields },
    });
    expect(forced.url).not.toContain('code=');
  });

  it('is answered by whoever is signed in, not by who was', async () => {
    const other = await newMember(issuer, airline, 'second@example.com');
    const agent = issuer.agent();
    const { page, begun } = await airline.open(agent, asked());
    const first = await signIn(agent, page, member);
    expect(first.text).toContain('Hotel Miramar');
    const signInAgain = await agent.submit(first, {}, '/switch');
    let next = await signIn(agent, signInAgain, other);
    while (next.forms.length === 1 && next.text.includes('Submitting Callback'))
      next = await agent.submit(next);
    expect(next.text).toContain('Hotel Miramar');
    expect(next.text).toContain(other.email);
    const tokens = await redeem(airline, await answer(agent, next, 'allow'), begun);
    expect(tokens.claims()?.sub).toBe(other.memberId);
  });

  it('ends with access_denied when it is refused', async () => {
    const { page, begun } = await airline.open(member.agent, asked());
    const back = new URL((await answer(member.agent, page, 'refuse')).url);
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe(begun.state);
  });

  it('is kept as a decision with its amount, and with nothing that names the payee', async () => {
    const { page } = await airline.open(member.agent, asked({ amount: 41, payee: 'Anna Example' }));
    await answer(member.agent, page, 'refuse');
    await pay(airline, member.agent, asked({ amount: 42, payee: 'Anna Example' }));
    const { people, core } = issuer.issuer;
    const rows = (await people.consents.history(member.memberId)).filter(
      ({ subject }) => subject === 'redemption',
    );
    expect(rows.slice(0, 2)).toMatchObject([
      { subjectId: 'airline', kind: 'given', amount: 42, lawfulBasis: 'b', language: 'en' },
      { subjectId: 'airline', kind: 'refused', amount: 41 },
    ]);
    const events = (await core.events.ofMember(member.memberId, 10)).filter(
      ({ type }) => type === 'redemption.decided',
    );
    expect(events[0]?.data).toMatchObject({ client: 'airline', decision: 'given', amount: 42 });
    expect(JSON.stringify([rows, events])).not.toContain('Anna');
  });
});

describe('a third party', () => {
  it('asks for payment and access on one page, and later for the payment alone', async () => {
    const { agent } = await newMember(issuer, airline, 'third@example.com');
    const { page, begun } = await partner.open(agent, { ...asked(), scope: 'openid email' });
    expect(page.text).toContain('Hotel Miramar');
    const back = await agent.submit(page, { 'scope.email': 'yes', decision: 'allow' }, '/consent');
    expect((await redeem(partner, back, begun)).authorization_details).toEqual([payment]);
    const { page: second } = await partner.open(agent, { ...asked(), scope: 'openid email' });
    expect(second.text).toContain('Hotel Miramar');
    expect(second.text).not.toContain('name="scope.');
    const { sub } = (await partner.silently(agent, { scope: 'openid email' })).claims() ?? {};
    expect(sub).toBeTruthy();
    const tokens = await pay(partner, agent, { ...asked(), scope: 'openid email' });
    expect(tokens.authorization_details).toEqual([payment]);
    expect((await issuer.issuer.people.consents.grantOf(member.memberId, 'partner'))?.scopes).toBeUndefined();
  });
});

describe('a request for a payment', () => {
  it('may be pushed', async () => {
    const begun = await airline.begin(asked());
    const url = await client.buildAuthorizationUrlWithPAR(airline.config, new URL(begun.url).searchParams);
    const page = await member.agent.open(url.href);
    const tokens = await redeem(airline, await answer(member.agent, page, 'allow'), begun);
    expect(tokens.authorization_details).toEqual([payment]);
  });

  it('may be a signed object, by value or pushed', async () => {
    const begun = await signed.begin(asked());
    const url = await client.buildAuthorizationUrlWithJAR(signed.config, new URL(begun.url).searchParams, {
      key: keys.privateKey,
      kid: 'partner-key',
    });
    const page = await member.agent.open(url.href);
    const tokens = await redeem(signed, await answer(member.agent, page, 'allow'), begun);
    expect(tokens.authorization_details).toEqual([payment]);
    const next = await signed.begin(asked());
    const object = await client.buildAuthorizationUrlWithJAR(signed.config, new URL(next.url).searchParams, {
      key: keys.privateKey,
      kid: 'partner-key',
    });
    const pushed = await client.buildAuthorizationUrlWithPAR(signed.config, object.searchParams);
    const shown = await member.agent.open(pushed.href);
    expect(
      (await redeem(signed, await answer(member.agent, shown, 'allow'), next)).authorization_details,
    ).toEqual([payment]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no JSON', { ...asked(), authorization_details: '[{' }, 'invalid_authorization_details'],
    ['no list', { ...asked(), authorization_details: '{}' }, 'invalid_authorization_details'],
    ['another type', asked({ type: 'payment_initiation' }), 'invalid_authorization_details'],
    ['no amount', asked({ amount: undefined }), 'invalid_authorization_details'],
    ['an amount of nothing', asked({ amount: 0 }), 'invalid_authorization_details'],
    ['less than nothing', asked({ amount: -5 }), 'invalid_authorization_details'],
    ['part of a point', asked({ amount: 1.5 }), 'invalid_authorization_details'],
    ['an amount in a text', asked({ amount: '1200' }), 'invalid_authorization_details'],
    ['more than anything costs', asked({ amount: 1_000_001 }), 'invalid_authorization_details'],
    ['no payee', asked({ payee: '' }), 'invalid_authorization_details'],
    ['a payee of blanks', asked({ payee: '   ' }), 'invalid_authorization_details'],
    [
      'a payee that turns the text around',
      asked({ payee: 'Hotel \u202e00' }),
      'invalid_authorization_details',
    ],
    ['a payee of two lines', asked({ payee: 'Hotel\nMiramar' }), 'invalid_authorization_details'],
    ['a payee without end', asked({ payee: 'x'.repeat(101) }), 'invalid_authorization_details'],
    ['another program', asked({ program: 'Kudos' }), 'invalid_authorization_details'],
    ['a field nobody knows', asked({ currency: 'EUR' }), 'invalid_authorization_details'],
    ['a location', asked({ locations: [points] }), 'invalid_authorization_details'],
    [
      'two payments',
      { ...asked(), authorization_details: JSON.stringify([payment, payment]) },
      'invalid_authorization_details',
    ],
    ['no API', { authorization_details: asked().authorization_details }, 'invalid_target'],
    ['an API that takes no points', asked({}, 'https://other.xenia.example/api'), 'invalid_target'],
    ['no code to bind it to', { ...asked(), response_type: 'none' }, 'invalid_request'],
  ])('is refused with %s', async (_what, parameters, error) => {
    const { page, begun } = await airline.open(member.agent, parameters);
    const back = new URL(page.url);
    expect(back.searchParams.get('error')).toBe(error);
    expect(back.searchParams.get('state')).toBe(begun.state);
    const pushed = await post(issuer, '/authorize/par', Object.fromEntries(new URL(begun.url).searchParams), {
      as: 'airline',
    });
    expect([pushed.status, pushed.json.error]).toEqual([400, error]);
    expect(String(pushed.json.error_description)).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/);
  });

  it('asks for nothing when the list is empty', async () => {
    const tokens = await airline.silently(member.agent, { resource: points, authorization_details: '[]' });
    expect(tokens.authorization_details).toBeUndefined();
  });

  it('is refused of a client that is not registered for it', async () => {
    const plain = await RelyingParty.register(issuer, { id: 'plain' });
    const { page } = await plain.open(member.agent, asked());
    expect(errorOf(page)).toBe('invalid_authorization_details');
  });

  it('shows hostile words as words', async () => {
    const { page } = await airline.open(
      member.agent,
      asked({ payee: '<img src=x onerror=alert(1)>{{program}}' }),
    );
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;{{program}}');
    expect(page.text).not.toContain('<img src=x');
  });

  it('has no place in the request of a device', async () => {
    await RelyingParty.register(issuer, {
      id: 'screen',
      metadata: {
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        redirect_uris: [],
        post_logout_redirect_uris: [],
        authorization_details_types: ['points_redemption'],
      },
    });
    const form = { client_id: 'screen', scope: 'openid', ...asked() };
    const refused = await post(issuer, '/device/authorize', form);
    expect([refused.status, refused.json.error]).toEqual([400, 'invalid_authorization_details']);
  });

  it('has no place in a token request', async () => {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: member.tokens.refresh_token ?? '',
      ...asked(),
    };
    const refused = await post(issuer, '/token', form, { as: 'airline' });
    expect([refused.status, refused.json.error]).toEqual([400, 'invalid_authorization_details']);
    expect(refused.json.error_description).toContain('authorization requests only');
  });
});
