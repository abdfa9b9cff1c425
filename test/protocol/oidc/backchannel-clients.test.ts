import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as client from 'openid-client';
import { answer, cibaGrant, settled, waitingPage } from '../../support/backchannel.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn } from '../world.ts';

let issuer: TestIssuer;
let someone: SignedIn;
let privateKey: CryptoKey;
let jwks: { keys: Record<string, unknown>[] };
let jwksUri: string;

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
});

beforeAll(async () => {
  issuer = await startIssuer();
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }] };
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  jwksUri = `http://localhost:${(server.address() as AddressInfo).port}/jwks`;
  someone = await newMember(
    issuer,
    await RelyingParty.register(issuer, { id: 'airline' }),
    'una@example.com',
  );
});
afterAll(() => new Promise((done) => server.close(done)));

const configOf = (id: string) =>
  client.discovery(new URL(issuer.url), id, undefined, client.PrivateKeyJwt({ key: privateKey, kid: 'k1' }), {
    execute: [client.allowInsecureRequests],
  });

describe('a third party that asks by backchannel', () => {
  let partner: client.Configuration;
  beforeAll(async () => {
    await issuer.client({
      id: 'partner',
      name: 'Trip Planner',
      brand: 'aurora-air',
      firstParty: false,
      metadata: {
        grant_types: [cibaGrant, 'refresh_token'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: jwksUri,
        client_uri: 'https://trips.example',
      },
    });
    partner = await configOf('partner');
  });

  const ask = (parameters: Record<string, string>) =>
    client.initiateBackchannelAuthentication(partner, { scope: 'openid profile email', ...parameters });
  const redeem = (asked: client.BackchannelAuthenticationResponse) =>
    client.pollBackchannelAuthenticationGrant(partner, { ...asked, interval: 0 });

  it('gets a subject of its own and what the member ticked, which is kept as consent', async () => {
    const asked = await ask({ login_hint: someone.email });
    const page = await waitingPage(someone.agent);
    for (const text of ['Trip Planner', 'trips.example', 'See your e-mail address'])
      expect(page.text).toContain(text);
    await answer(issuer, someone.agent, 'allow', ['scope.profile']);
    const tokens = await redeem(asked);
    const sub = tokens.claims()?.sub ?? '';
    expect(sub).not.toBe(someone.memberId);
    expect(tokens.scope?.split(' ').sort()).toEqual(['openid', 'profile']);
    expect((await client.fetchUserInfo(partner, tokens.access_token, sub)).email).toBeUndefined();
    const { consents } = issuer.issuer.people;
    expect([...((await consents.grantOf(someone.memberId, 'partner'))?.scopes ?? [])].sort()).toEqual([
      'openid',
      'profile',
    ]);
  });

  it('may name the member by its own pairwise ID token', async () => {
    const first = await ask({ login_hint: someone.email });
    await answer(issuer, someone.agent, 'allow');
    const before = await redeem(first);
    const asked = await ask({ id_token_hint: before.id_token ?? '' });
    await answer(issuer, someone.agent, 'allow', ['scope.profile']);
    expect((await redeem(asked)).claims()?.sub).toBe(before.claims()?.sub);
  });

  it('loses its tokens when the member disconnects it', async () => {
    const asked = await ask({ login_hint: someone.email, scope: 'openid offline_access' });
    await answer(issuer, someone.agent, 'allow');
    const tokens = await redeem(asked);
    const page = await someone.agent.open('/account/applications');
    await someone.agent.submit(page, {}, '/revoke');
    await settled(issuer);
    await expect(client.refreshTokenGrant(partner, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('a FAPI client that asks by backchannel', () => {
  let bank: client.Configuration;
  beforeAll(async () => {
    await issuer.client({
      id: 'bank',
      name: 'Bank',
      brand: 'aurora-air',
      firstParty: true,
      profile: 'fapi2',
      metadata: {
        grant_types: [cibaGrant, 'refresh_token'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: jwks as { keys: [{ kty: 'EC' }] },
        backchannel_authentication_request_signing_alg: 'ES256',
      },
    });
    bank = await configOf('bank');
  });

  const signed = (claims: Record<string, unknown>, key = privateKey) =>
    new SignJWT({ scope: 'openid', login_hint: someone.email, binding_message: 'A7-K2', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer('bank')
      .setAudience(issuer.url)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('2m')
      .setJti(client.randomState())
      .sign(key);
  const initiate = (parameters: Record<string, string>) =>
    client.initiateBackchannelAuthentication(bank, parameters);

  it('signs its request and gets tokens bound to its key', async () => {
    const DPoP = client.getDPoPHandle(bank, await client.randomDPoPKeyPair('ES256'));
    const asked = await initiate({ request: await signed({}) });
    expect((await waitingPage(someone.agent)).text).toContain('A7-K2');
    await answer(issuer, someone.agent, 'allow');
    const tokens = await client.pollBackchannelAuthenticationGrant(
      bank,
      { ...asked, interval: 0 },
      undefined,
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
    expect(tokens.claims()?.sub).toBe(someone.memberId);
  });

  it.each<[string, () => Promise<Record<string, string>>, string]>([
    [
      'is not signed',
      async () => ({ scope: 'openid', login_hint: someone.email, binding_message: 'A7' }),
      'invalid_request',
    ],
    [
      'has no words to compare',
      async () => ({ request: await signed({ binding_message: undefined }) }),
      'invalid_binding_message',
    ],
    [
      'is signed by another key',
      async () => ({ request: await signed({}, (await generateKeyPair('ES256')).privateKey) }),
      'invalid_request',
    ],
    [
      'has parameters beside the signed ones only',
      async () => ({
        request: await signed({ login_hint: undefined }),
        login_hint: someone.email,
      }),
      'invalid_request',
    ],
  ])('is refused when its request %s', async (_what, parameters, error) => {
    await expect(initiate(await parameters())).rejects.toMatchObject({ error });
  });
});
