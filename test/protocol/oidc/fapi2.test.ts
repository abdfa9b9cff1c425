import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as client from 'openid-client';
import { startIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, post, type SignedIn } from '../world.ts';

const issuer = await startIssuer();
const site = await RelyingParty.register(issuer, { id: 'airline' });
const member = await newMember(issuer, site, 'member@example.com');
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const keys = { keys: [{ ...(await exportJWK(publicKey)), kty: 'EC' as const, kid: 'bank-1', use: 'sig' }] };
const redirectUri = 'https://bank.example/callback';
const description = {
  name: 'Bank',
  brand: 'aurora-air',
  firstParty: true,
  profile: 'fapi2' as const,
  metadata: {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt' as const,
    jwks: keys,
  },
};
await issuer.client({ ...description, id: 'bank' });
await issuer.client({
  ...description,
  id: 'signing-bank',
  metadata: {
    ...description.metadata,
    require_signed_request_object: true,
    request_object_signing_alg: 'ES256',
    response_modes: ['jwt'],
  },
});

async function bank(id: string) {
  return client.discovery(
    new URL(issuer.url),
    id,
    undefined,
    client.PrivateKeyJwt({ key: privateKey, kid: 'bank-1' }),
    { execute: [client.allowInsecureRequests] },
  );
}

async function request() {
  const verifier = client.randomPKCECodeVerifier();
  return {
    verifier,
    parameters: {
      redirect_uri: redirectUri,
      scope: 'openid email',
      response_type: 'code',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      nonce: client.randomNonce(),
      state: client.randomState(),
    },
  };
}

describe('a client of the FAPI 2.0 Security Profile', () => {
  let config: client.Configuration;
  let someone: SignedIn;
  beforeAll(async () => {
    config = await bank('bank');
    someone = member;
  });

  async function signOn() {
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const { verifier, parameters } = await request();
    const url = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const back = await someone.agent.open(url.href);
    const tokens = await client.authorizationCodeGrant(
      config,
      new URL(back.url),
      { pkceCodeVerifier: verifier, expectedState: parameters.state, expectedNonce: parameters.nonce },
      undefined,
      { DPoP },
    );
    return { DPoP, tokens, back };
  }

  it('pushes its request, proves a key, and gets tokens that are bound to it', async () => {
    const { DPoP, tokens, back } = await signOn();
    expect(new URL(back.url).searchParams.get('iss')).toBe(issuer.url);
    expect(tokens.token_type).toBe('dpop');
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('ES256');
    const info = await client.fetchUserInfo(config, tokens.access_token, member.memberId, { DPoP });
    expect(info.email).toBe(member.email);
    const stolen = await fetch(`${issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(stolen.status).toBe(401);
  });

  it('keeps its refresh token, which goes with its own assertion and gives only bound tokens', async () => {
    const { DPoP, tokens } = await signOn();
    const old = tokens.refresh_token ?? '';
    // FAPI 2.0 forbids rotation: the token is not a bearer's, it is good with the client's own key only.
    for (let times = 0; times < 2; times += 1) {
      const renewed = await client.refreshTokenGrant(config, old, undefined, { DPoP });
      expect(renewed.refresh_token ?? old).toBe(old);
      expect(renewed.token_type).toBe('dpop');
    }
    await expect(client.refreshTokenGrant(config, old)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(
      client.refreshTokenGrant(await bank('signing-bank'), old, undefined, { DPoP }),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await client.refreshTokenGrant(config, old, undefined, { DPoP })).access_token).toBeDefined();
  });

  it('is refused a request that was not pushed', async () => {
    const { parameters } = await request();
    const answer = await someone.agent.request(
      `/authorize?${new URLSearchParams({ ...parameters, client_id: 'bank' })}`,
    );
    const location = answer.headers.get('location') ?? '';
    expect(location || answer.text).toContain('invalid_request');
    expect(location).not.toContain('code=');
  });

  const assertion = (claims: Record<string, unknown>, alg = 'ES256') =>
    new SignJWT({ iss: 'bank', sub: 'bank', jti: client.randomState(), ...claims })
      .setProtectedHeader({ alg, kid: 'bank-1' })
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);

  async function push(claims: Record<string, unknown>, extra: Record<string, string> = {}) {
    const { parameters } = await request();
    return post(issuer, '/authorize/par', {
      ...parameters,
      client_id: 'bank',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(claims),
      ...extra,
    });
  }

  it.each<[string, Record<string, unknown>, Record<string, string>, number]>([
    ['its assertion names the issuer', { aud: issuer.url }, {}, 201],
    ['its assertion names the token endpoint', { aud: `${issuer.url}/token` }, {}, 401],
    ['its assertion names several audiences', { aud: [issuer.url, 'https://else.example'] }, {}, 401],
    ['its assertion names nobody', {}, {}, 401],
    ['it leaves PKCE out', { aud: issuer.url }, { code_challenge: '', code_challenge_method: '' }, 400],
    ['it wants a plain challenge', { aud: issuer.url }, { code_challenge_method: 'plain' }, 400],
    ['it leaves the address out', { aud: issuer.url }, { redirect_uri: '' }, 400],
    ['it names another address', { aud: issuer.url }, { redirect_uri: 'https://bank.example/other' }, 400],
    ['it wants an implicit answer', { aud: issuer.url }, { response_type: 'code id_token' }, 400],
  ])('when %s', async (_what, claims, extra, status) => {
    const answer = await push(claims, extra);
    expect(answer.status).toBe(status);
    if (status !== 201) expect(answer.json.request_uri).toBeUndefined();
  });

  it('may use an assertion once', async () => {
    const { parameters } = await request();
    const form = {
      ...parameters,
      client_id: 'bank',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion({ aud: issuer.url }),
    };
    expect((await post(issuer, '/authorize/par', form)).status).toBe(201);
    const replayed = await post(issuer, '/authorize/par', form);
    expect(replayed.status).toBe(401);
    expect(replayed.json.error).toBe('invalid_client');
  });
});

describe('a client of FAPI 2.0 Message Signing', () => {
  it('signs its request and gets a signed answer', async () => {
    const config = await bank('signing-bank');
    client.useJwtResponseMode(config);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const { verifier, parameters } = await request();
    const signed = await client.buildAuthorizationUrlWithJAR(
      config,
      { ...parameters, response_mode: 'jwt' },
      { key: privateKey, kid: 'bank-1' },
      {
        [client.modifyAssertion](_header, payload) {
          payload.nbf = payload.iat ?? Math.floor(Date.now() / 1000);
        },
      },
    );
    const url = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP });
    const back = new URL((await member.agent.open(url.href)).url);
    const response = back.searchParams.get('response') ?? '';
    expect(decodeProtectedHeader(response).alg).toBe('ES256');
    expect(decodeJwt(response)).toMatchObject({ iss: issuer.url, aud: 'signing-bank' });
    expect(back.searchParams.get('code')).toBeNull();
    const tokens = await client.authorizationCodeGrant(
      config,
      back,
      { pkceCodeVerifier: verifier, expectedState: parameters.state, expectedNonce: parameters.nonce },
      undefined,
      { DPoP },
    );
    expect(tokens.claims()?.sub).toBe(member.memberId);
  });

  it('is refused a request that is not signed', async () => {
    const config = await bank('signing-bank');
    const { parameters } = await request();
    await expect(
      client.buildAuthorizationUrlWithPAR(config, { ...parameters, response_mode: 'jwt' }),
    ).rejects.toMatchObject({ error: 'invalid_request' });
  });

  it('gets introspection answers as signed tokens, when it asks so', async () => {
    const api = await RelyingParty.register(issuer, {
      id: 'points-api',
      resourceServer: true,
      metadata: {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        post_logout_redirect_uris: [],
        introspection_signed_response_alg: 'ES256',
      },
    });
    const response = await fetch(`${issuer.url}/token/introspection`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('points-api:secret-of-points-api-0123456789abcdef0123456789').toString('base64')}`,
        accept: 'application/token-introspection+jwt',
      },
      body: new URLSearchParams({ token: member.tokens.access_token }),
    });
    expect(response.headers.get('content-type')).toMatch(/^application\/token-introspection\+jwt/);
    const answer = await response.text();
    expect(decodeProtectedHeader(answer)).toMatchObject({ alg: 'ES256', typ: 'token-introspection+jwt' });
    expect(decodeJwt(answer)).toMatchObject({
      iss: issuer.url,
      aud: 'points-api',
      token_introspection: { active: true, sub: member.memberId },
    });
    const parsed = await client.tokenIntrospection(api.config, member.tokens.access_token);
    expect(parsed.active).toBe(true);
  });
});
