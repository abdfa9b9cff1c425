import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { proofKey } from '../../support/dpop.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, opensUserinfo, post, refresh, type SignedIn, signedIn } from '../world.ts';

const points = 'https://points.xenia.example/api';

describe('the flows of the standards', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let app: RelyingParty;
  let member: SignedIn;
  let jwks: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    app = await RelyingParty.register(issuer, {
      id: 'app',
      metadata: {
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['com.example.app:/callback'],
        post_logout_redirect_uris: [],
      },
    });
    member = await newMember(issuer, site, 'una@example.com');
    jwks = createRemoteJWKSet(new URL('/jwks', issuer.url));
  });

  const machine = (id: string, more: Record<string, unknown> = {}, resourceServer = false) =>
    RelyingParty.register(issuer, {
      id,
      resourceServer,
      metadata: {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        post_logout_redirect_uris: [],
        scope: 'points:read points:redeem',
        ...more,
      },
    });

  it('gives a public client tokens for a code and its verifier alone', async () => {
    const { page, begun } = await app.open(member.agent);
    // Anybody can claim an app's address, so a person confirms it each time (RFC 8252 section 8.6).
    const back = await member.agent.submit(page, {}, '/continue');
    expect(back.url).toContain('com.example.app:');
    const got = await app.finish(back, begun);
    expect(got.claims()?.sub).toBe(member.memberId);
    const renewed = await client.refreshTokenGrant(app.config, got.refresh_token ?? '');
    expect(renewed.refresh_token).not.toBe(got.refresh_token);
  });

  it('signs the ID token as the client asks: ES256 for our own, RS256 for who names nothing', async () => {
    const own = member.tokens.id_token ?? '';
    expect(decodeProtectedHeader(own).alg).toBe('ES256');
    await jwtVerify(own, jwks, { issuer: issuer.url, audience: 'airline' });
    const plain = await RelyingParty.register(issuer, {
      id: 'plain',
      metadata: { id_token_signed_response_alg: 'RS256' },
    });
    const theirs = (await plain.silently(member.agent)).id_token ?? '';
    expect(decodeProtectedHeader(theirs).alg).toBe('RS256');
    await jwtVerify(theirs, jwks, { issuer: issuer.url, audience: 'plain' });
  });

  it('answers userinfo by scope, as the ID token keeps what userinfo tells', async () => {
    const { agent, email, memberId } = member;
    const narrow = await site.silently(agent, { scope: 'openid' });
    expect(await client.fetchUserInfo(site.config, narrow.access_token, memberId)).toEqual({ sub: memberId });
    const wide = await site.silently(agent, { scope: 'openid email profile' });
    expect(wide.claims()).not.toHaveProperty('email');
    const info = await client.fetchUserInfo(site.config, wide.access_token, memberId);
    expect(info).toMatchObject({ sub: memberId, email, email_verified: true, locale: 'en' });
  });

  it('gives a client an opaque token for its own credentials', async () => {
    const shop = await machine('shop');
    const tokens = await client.clientCredentialsGrant(shop.config);
    expect(tokens.access_token).not.toContain('.');
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
    const { json } = await post(
      issuer,
      '/token/introspection',
      { token: tokens.access_token },
      { as: 'shop' },
    );
    expect(json).toMatchObject({ active: true, client_id: 'shop', token_type: 'Bearer', iss: issuer.url });
  });

  it('gives a client an ES256 token for a protected API with its audience and the scopes that were asked', async () => {
    const till = await machine('till');
    const tokens = await client.clientCredentialsGrant(till.config, {
      resource: points,
      scope: 'points:read',
    });
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, jwks, {
      issuer: issuer.url,
      audience: points,
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({ client_id: 'till', scope: 'points:read', sub: 'till' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
    await expect(
      client.clientCredentialsGrant(till.config, { resource: 'https://elsewhere.example/api' }),
    ).rejects.toMatchObject({ error: 'invalid_target' });
  });

  it('gives a client that names its scopes no others, of OpenID or of an API', async () => {
    const reader = await machine('reader', { scope: 'points:read' });
    const all = { resource: points, scope: 'points:read points:redeem' };
    await expect(client.clientCredentialsGrant(reader.config, all)).rejects.toMatchObject({
      error: 'invalid_scope',
    });
    const tokens = await client.clientCredentialsGrant(reader.config, { ...all, scope: 'points:read' });
    expect(tokens.scope ?? 'points:read').toBe('points:read');
    const narrow = await RelyingParty.register(issuer, { id: 'narrow', metadata: { scope: 'openid email' } });
    const { page } = await narrow.open(member.agent, { scope: 'openid profile' });
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_scope');
  });

  it('gives a member’s token for a protected API beside the one for userinfo', async () => {
    const teller = await RelyingParty.register(issuer, { id: 'teller' });
    const { page, begun } = await teller.open(member.agent, {
      resource: points,
      scope: 'openid points:read points:redeem',
    });
    const tokens = await client.authorizationCodeGrant(
      teller.config,
      new URL(page.url),
      { pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce },
      { resource: points },
    );
    const { payload } = await jwtVerify(tokens.access_token, jwks, { issuer: issuer.url, audience: points });
    expect(payload).toMatchObject({ sub: member.memberId, scope: 'points:read points:redeem' });
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
  });

  describe('introspection', () => {
    const introspect = async (as: string, token: string) =>
      (await post(issuer, '/token/introspection', { token }, { as })).json;

    it('tells a client of its own tokens, and of another’s only where it is a protected API', async () => {
      await RelyingParty.register(issuer, { id: 'stranger' });
      await machine('api', {}, true);
      const { access_token: token, refresh_token: renewal = '' } = await site.silently(member.agent);
      expect(await introspect('airline', token)).toMatchObject({ active: true, sub: member.memberId });
      expect(await introspect('airline', renewal)).toMatchObject({ active: true });
      expect(await introspect('stranger', token)).toEqual({ active: false });
      expect(await introspect('stranger', renewal)).toEqual({ active: false });
      expect(await introspect('api', token)).toMatchObject({ active: true, client_id: 'airline' });
    });

    it('says of an unknown token that it is not active', async () => {
      for (const token of ['unknown', 'a'.repeat(43), '..', 'null']) {
        expect(await introspect('airline', token)).toEqual({ active: false });
      }
    });

    it('tells an API of its JWT tokens too, for as long as the sign-in behind them lives', async () => {
      await machine('jwt-api', {}, true);
      await machine('onlooker');
      const { agent } = await signedIn(issuer, site, member);
      const { page, begun } = await site.open(agent, {
        prompt: 'none',
        resource: points,
        scope: 'openid points:read',
      });
      const tokens = await client.authorizationCodeGrant(
        site.config,
        new URL(page.url),
        { pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce },
        { resource: points },
      );
      const told = await introspect('jwt-api', tokens.access_token);
      expect(told).toMatchObject({ active: true, aud: points, scope: 'points:read', client_id: 'airline' });
      expect(told).not.toHaveProperty('grant_ref');
      expect(await introspect('onlooker', tokens.access_token)).toEqual({ active: false });
      await client.tokenRevocation(site.config, tokens.refresh_token ?? '');
      expect(await introspect('jwt-api', tokens.access_token)).toEqual({ active: false });
    });

    it('is refused to a public client', async () => {
      const { json } = await post(issuer, '/token/introspection', {
        token: member.tokens.access_token,
        client_id: 'app',
      });
      expect(json).not.toMatchObject({ active: true });
    });
  });

  describe('revocation', () => {
    it('ends a client’s own tokens and answers 200 for those it does not know', async () => {
      const tokens = await site.silently(member.agent);
      await client.tokenRevocation(site.config, tokens.refresh_token ?? '');
      expect(await refresh(site, tokens.refresh_token ?? '')).toBeUndefined();
      const unknown = await post(issuer, '/token/revocation', { token: 'unknown' }, { as: 'airline' });
      expect(unknown.status).toBe(200);
    });

    it('does not let one client end what another was given', async () => {
      const tokens = await site.silently(member.agent);
      await RelyingParty.register(issuer, { id: 'vandal' });
      await post(issuer, '/token/revocation', { token: tokens.refresh_token ?? '' }, { as: 'vandal' });
      await post(issuer, '/token/revocation', { token: tokens.access_token }, { as: 'vandal' });
      expect(await opensUserinfo(issuer, tokens.access_token)).toBe(true);
      const stolen = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
      expect((await post(issuer, '/token', stolen, { as: 'vandal' })).json.error).toBe('invalid_grant');
      expect(await refresh(site, tokens.refresh_token ?? '')).toBeDefined();
    });
  });

  describe('pushed authorization requests', () => {
    async function pushed(as: string, uri: string) {
      const begun = await site.begin({ client_id: as, redirect_uri: uri, prompt: 'none' });
      const form = Object.fromEntries(new URL(begun.url).searchParams);
      const { json, status } = await post(issuer, '/authorize/par', form, { as });
      return { begun, status, requestUri: String(json.request_uri), json };
    }
    const go = (clientId: string, requestUri: string) =>
      member.agent.open(
        `${issuer.url}/authorize?client_id=${clientId}&request_uri=${encodeURIComponent(requestUri)}`,
      );

    it('serve once', async () => {
      const { begun, requestUri, status } = await pushed('airline', site.redirectUri);
      expect(status).toBe(201);
      const page = await go('airline', requestUri);
      expect((await site.finish(page, begun)).access_token).toBeTruthy();
      const again = await go('airline', requestUri);
      expect(again.url).not.toContain('code=');
    });

    it('serve once when opened eight times at the same instant', async () => {
      const { requestUri } = await pushed('airline', site.redirectUri);
      const pages = await Promise.all(Array.from({ length: 8 }, () => go('airline', requestUri)));
      expect(pages.filter(({ url }) => url.includes('code='))).toHaveLength(1);
      for (const { status } of pages) expect(status).toBeLessThan(500);
    });

    it('serve only the client that pushed them', async () => {
      await RelyingParty.register(issuer, { id: 'other' });
      const { requestUri } = await pushed('airline', site.redirectUri);
      const page = await go('other', requestUri);
      expect(page.url).not.toContain('code=');
      expect(page.status).toBe(400);
    });

    it('do not let the front channel say anything beside them', async () => {
      const { requestUri, begun } = await pushed('airline', site.redirectUri);
      const page = await member.agent.open(
        `${issuer.url}/authorize?client_id=airline&request_uri=${encodeURIComponent(requestUri)}&scope=openid%20offline_access&state=other`,
      );
      const tokens = await site.finish(page, begun);
      expect(tokens.scope?.split(' ').sort()).toEqual(['email', 'openid', 'profile']);
    });
  });

  describe('DPoP', () => {
    it('binds the tokens to the key, and a bound token is no bearer token', async () => {
      const keys = await client.randomDPoPKeyPair('ES256', { extractable: true });
      const handle = client.getDPoPHandle(site.config, keys);
      const { page, begun } = await site.open(member.agent, { prompt: 'none' });
      const checks = {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
      };
      const tokens = await client.authorizationCodeGrant(site.config, new URL(page.url), checks, undefined, {
        DPoP: handle,
      });
      expect(tokens.token_type).toBe('dpop');
      const info = await client.fetchUserInfo(site.config, tokens.access_token, member.memberId, {
        DPoP: handle,
      });
      expect(info.sub).toBe(member.memberId);
      expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
    });
  });

  it('gives a client that authenticates by assertion its token, each assertion once, eight at the same instant', async () => {
    const keys = await generateKeyPair('ES256', { extractable: true });
    await machine('signer', {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] },
    });
    const now = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({ jti: oauth.generateRandomState() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer('signer')
      .setSubject('signer')
      .setAudience(issuer.url)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(keys.privateKey);
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(issuer, '/token', form)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, json } of answers.filter((each) => each.status !== 200)) {
      expect(status).toBe(401);
      expect(json.error).toBe('invalid_client');
    }
  });

  it('takes each DPoP proof once, eight at the same instant', async () => {
    await machine('proofs');
    const proof = await (await proofKey(issuer.clock.now)).proof('POST', `${issuer.url}/token`);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        post(
          issuer,
          '/token',
          { grant_type: 'client_credentials' },
          { as: 'proofs', headers: { dpop: proof } },
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { json } of answers.filter((each) => each.status !== 200)) {
      expect(json.error).toBe('invalid_dpop_proof');
    }
  });

  it('can be followed with oauth4webapi as the specifications are written', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const url = new URL(issuer.url);
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
    const rp: oauth.Client = { client_id: 'airline' };
    const auth = oauth.ClientSecretBasic('secret-of-airline-0123456789abcdef0123456789');
    const { page, begun } = await site.open(member.agent, { prompt: 'none' });
    const parameters = oauth.validateAuthResponse(server, rp, new URL(page.url), begun.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      rp,
      auth,
      parameters,
      site.redirectUri,
      begun.verifier,
      insecure,
    );
    const result = await oauth.processAuthorizationCodeResponse(server, rp, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    const info = await oauth.processUserInfoResponse(
      server,
      rp,
      member.memberId,
      await oauth.userInfoRequest(server, rp, result.access_token, insecure),
    );
    expect(info.sub).toBe(member.memberId);
  });

  it('gives third parties of one sector one subject, of another sector another, and none the public one', async () => {
    const third = (id: string, host: string) =>
      RelyingParty.register(issuer, {
        id,
        firstParty: false,
        metadata: { redirect_uris: [`https://${host}/${id}`], post_logout_redirect_uris: [] },
      });
    const [hotel, bar, museum] = [
      await third('hotel', 'resort.example'),
      await third('bar', 'resort.example'),
      await third('museum', 'museum.example'),
    ];
    const subjects: string[] = [];
    for (const each of [hotel, bar, museum, hotel]) {
      const { page, begun } = await each.open(member.agent);
      const back = page.url.includes('code=')
        ? page
        : await member.agent.submit(page, consentForm(page.text), '/consent');
      subjects.push((await each.finish(back, begun)).claims()?.sub ?? '');
    }
    const [first, neighbour, stranger, again] = subjects;
    expect(first).toBe(neighbour);
    expect(first).toBe(again);
    expect(stranger).not.toBe(first);
    expect(subjects).not.toContain(member.memberId);
  });

  it('lets a browser app of a registered origin read its answers, and no other', async () => {
    await RelyingParty.register(issuer, {
      id: 'spa',
      metadata: {
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://spa.example/callback'],
        post_logout_redirect_uris: [],
      },
    });
    const answered = async (origin: string) =>
      (
        await post(
          issuer,
          '/token',
          { grant_type: 'authorization_code', client_id: 'spa', code: 'none', code_verifier: 'a'.repeat(43) },
          { headers: { origin } },
        )
      ).headers.get('access-control-allow-origin');
    expect(await answered('https://spa.example')).toBe('https://spa.example');
    expect(await answered('https://evil.example')).not.toBe('https://evil.example');
    expect(await answered('null')).not.toBe('null');
  });

  it('keeps a refreshed token within what was granted', async () => {
    const { refresh_token: token = '' } = await site.silently(member.agent, { scope: 'openid email' });
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const wider = await post(issuer, '/token', { ...form, scope: 'openid email profile' }, { as: 'airline' });
    expect(wider.status).toBe(400);
    expect(wider.json.error).toBe('invalid_scope');
    const narrower = await post(issuer, '/token', { ...form, scope: 'openid' }, { as: 'airline' });
    expect(narrower.json.scope).toBe('openid');
  });

  it('issues no refresh token where the client may not refresh', async () => {
    const brief = await RelyingParty.register(issuer, {
      id: 'brief',
      metadata: { grant_types: ['authorization_code'] },
    });
    const tokens = await post(issuer, '/token', await freshCode(brief, member.agent), { as: 'brief' });
    expect(tokens.status).toBe(200);
    expect(tokens.json.refresh_token).toBeUndefined();
  });
});

/** Allows everything a consent page offers. */
function consentForm(html: string): Record<string, string> {
  const boxes = [...html.matchAll(/<input[^>]*type="checkbox"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
  return {
    ...Object.fromEntries(boxes.map(([, name = '', value = '']) => [name, value])),
    decision: 'allow',
  };
}
