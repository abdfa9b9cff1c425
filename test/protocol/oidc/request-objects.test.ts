import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  CompactEncrypt,
  compactDecrypt,
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import * as client from 'openid-client';
import { startIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, post } from '../world.ts';

const issuer = await startIssuer();
const site = await RelyingParty.register(issuer, { id: 'airline' });
const member = await newMember(issuer, site, 'member@example.com');
const jwks = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
const signing = await generateKeyPair('ES256', { extractable: true });
const stranger = await generateKeyPair('ES256');
const sealing = await generateKeyPair('RSA-OAEP-256', { extractable: true });
const shop = await RelyingParty.register(issuer, {
  id: 'shop',
  metadata: {
    jwks: {
      keys: [
        { ...(await exportJWK(signing.publicKey)), kid: 'sign', use: 'sig' },
        { ...(await exportJWK(sealing.publicKey)), kid: 'seal', use: 'enc' },
      ],
    },
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A256GCM',
    userinfo_signed_response_alg: 'EdDSA',
    userinfo_encrypted_response_alg: 'RSA-OAEP-256',
    userinfo_encrypted_response_enc: 'A256GCM',
    authorization_signed_response_alg: 'PS256',
    authorization_encrypted_response_alg: 'RSA-OAEP-256',
  },
});
const plain = await RelyingParty.register(issuer, { id: 'plain' });

const now = () => Math.floor(Date.now() / 1000);

async function claims(over: Record<string, unknown> = {}) {
  const verifier = client.randomPKCECodeVerifier();
  return {
    verifier,
    claims: {
      iss: 'shop',
      aud: issuer.url,
      client_id: 'shop',
      response_type: 'code',
      redirect_uri: shop.redirectUri,
      scope: 'openid email',
      prompt: 'none',
      nonce: client.randomNonce(),
      state: client.randomState(),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      iat: now(),
      exp: now() + 60,
      ...over,
    },
  };
}

const sign = (
  payload: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key = signing.privateKey,
) => new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'sign', ...header }).sign(key);

const send = (request: string, beside: Record<string, string> = {}) =>
  member.agent.request(
    `/authorize?${new URLSearchParams({ client_id: 'shop', scope: 'openid', response_type: 'code', request, ...beside })}`,
  );

function outcome(page: { headers: Headers; text: string }): string {
  const location = page.headers.get('location');
  if (!location) return /invalid_\w+|unsupported_\w+/.exec(page.text)?.[0] ?? 'page';
  const to = new URL(location, issuer.url);
  if (to.origin !== new URL(shop.redirectUri).origin) return to.pathname;
  return to.searchParams.get('error') ?? (to.searchParams.has('code') ? 'code' : 'nothing');
}

describe('a signed request', () => {
  it('is the request, whatever stands beside it', async () => {
    const { claims: signed } = await claims();
    const page = await send(await sign(signed), { redirect_uri: 'https://evil.example/', state: 'other' });
    expect(outcome(page)).toBe('code');
    const to = new URL(page.headers.get('location') ?? '');
    expect(to.searchParams.get('state')).toBe(signed.state);
    expect(to.origin).toBe('https://shop.example');
  });

  it.each(['ECDH-ES+A256KW', 'RSA-OAEP-256'])(
    'may be sealed to the key of the issuer with %s',
    async (alg) => {
      const set = (await (await fetch(`${issuer.url}/jwks`)).json()) as { keys: JWK[] };
      const jwk = set.keys.find(
        ({ use, kty }) => use === 'enc' && kty === (alg.startsWith('RSA') ? 'RSA' : 'EC'),
      );
      if (!jwk) throw new Error('no key to seal to');
      const sealed = await new CompactEncrypt(new TextEncoder().encode(await sign((await claims()).claims)))
        .setProtectedHeader({ alg, enc: 'A256GCM', kid: jwk.kid ?? '', cty: 'JWT' })
        .encrypt(await importJWK(jwk, alg));
      expect(outcome(await send(sealed))).toBe('code');
    },
  );

  it('may be pushed', async () => {
    const { claims: signed } = await claims();
    const pushed = await post(
      issuer,
      '/authorize/par',
      { client_id: 'shop', request: await sign(signed) },
      { as: 'shop' },
    );
    expect(pushed.status).toBe(201);
    const page = await member.agent.request(
      `/authorize?${new URLSearchParams({ client_id: 'shop', request_uri: String(pushed.json.request_uri) })}`,
    );
    expect(outcome(page)).toBe('code');
  });

  it.each<[string, () => Promise<string>]>([
    ['is not signed', async () => new UnsecuredJWT((await claims()).claims).encode()],
    ['is signed by somebody else', async () => sign((await claims()).claims, {}, stranger.privateKey)],
    [
      'names a key of somebody else',
      async () => sign((await claims()).claims, { kid: 'other' }, stranger.privateKey),
    ],
    [
      'brings its own key along',
      async () =>
        sign((await claims()).claims, { jwk: await exportJWK(stranger.publicKey) }, stranger.privateKey),
    ],
    [
      'says where its key is',
      async () => sign((await claims()).claims, { jku: 'https://evil.example/jwks' }, stranger.privateKey),
    ],
    [
      'is signed with the public key as a secret',
      async () =>
        new SignJWT((await claims()).claims)
          .setProtectedHeader({ alg: 'HS256', kid: 'sign' })
          .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(signing.publicKey)))),
    ],
    ['has expired', async () => sign((await claims({ iat: now() - 600, exp: now() - 300 })).claims)],
    ['is not valid yet', async () => sign((await claims({ nbf: now() + 600, exp: now() + 900 })).claims)],
    ['is for another issuer', async () => sign((await claims({ aud: 'https://else.example' })).claims)],
    ['is of another client', async () => sign((await claims({ iss: 'plain' })).claims)],
    ['names another client inside', async () => sign((await claims({ client_id: 'plain' })).claims)],
    ['holds another request', async () => sign((await claims({ request: 'x.y.z' })).claims)],
    [
      'holds an address to fetch',
      async () => sign((await claims({ request_uri: 'https://evil.example/' })).claims),
    ],
    ['is half a token', async () => (await sign((await claims()).claims)).slice(0, -20)],
    ['is a word', async () => 'request'],
    ['knows an extension nobody knows', async () => sign((await claims()).claims, { crit: ['x'], x: 1 })],
  ])('that %s is refused, and no code is given', async (_what, make) => {
    const request = await make().catch(() => 'e30.e30.e30');
    const found = outcome(await send(request));
    expect(found).toMatch(/^(invalid_request_object|invalid_request|invalid_client)$/);
  });

  it('of a client that registered no key is refused', async () => {
    const request = await sign((await claims({ iss: 'plain', client_id: 'plain' })).claims);
    const page = await member.agent.request(
      `/authorize?${new URLSearchParams({ client_id: 'plain', scope: 'openid', response_type: 'code', request, redirect_uri: plain.redirectUri })}`,
    );
    expect(page.headers.get('location') ?? page.text).toMatch(/invalid_request_object|invalid_client/);
  });

  it('cannot be fetched from an address', async () => {
    const page = await member.agent.request(
      `/authorize?${new URLSearchParams({ client_id: 'shop', scope: 'openid', response_type: 'code', request_uri: 'https://shop.example/request' })}`,
    );
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
  });
});

describe('answers to a client that wants them sealed', () => {
  let begun: Awaited<ReturnType<typeof claims>>;
  let response: string;
  beforeAll(async () => {
    begun = await claims({ response_mode: 'jwt' });
    const page = await send(await sign(begun.claims));
    response = new URL(page.headers.get('location') ?? '').searchParams.get('response') ?? '';
  });

  const open = async (sealed: string) =>
    new TextDecoder().decode((await compactDecrypt(sealed, sealing.privateKey)).plaintext);

  it('are signed and sealed on the way through the browser', async () => {
    expect(decodeProtectedHeader(response)).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A128CBC-HS256' });
    const { payload, protectedHeader } = await jwtVerify(await open(response), jwks, {
      issuer: issuer.url,
      audience: 'shop',
    });
    expect(protectedHeader.alg).toBe('PS256');
    expect(payload).toMatchObject({ state: begun.claims.state, code: expect.any(String) });
  });

  it('and so are the ID token and userinfo', async () => {
    const { payload } = await jwtVerify(await open(response), jwks);
    const tokens = await post(
      issuer,
      '/token',
      {
        grant_type: 'authorization_code',
        code: String(payload.code),
        redirect_uri: shop.redirectUri,
        code_verifier: begun.verifier,
      },
      { as: 'shop' },
    );
    const idToken = await jwtVerify(await open(String(tokens.json.id_token)), jwks, { audience: 'shop' });
    expect(idToken.payload.sub).toBe(member.memberId);
    const userinfo = await fetch(`${issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.json.access_token}` },
    });
    expect(userinfo.headers.get('content-type')).toMatch(/^application\/jwt/);
    const told = await jwtVerify(await open(await userinfo.text()), jwks, { audience: 'shop' });
    expect(told.protectedHeader.alg).toBe('EdDSA');
    expect(told.payload.email).toBe(member.email);
  });
});
