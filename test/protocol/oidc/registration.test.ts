import { beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { collectionsHolding } from '../../support/everything.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { invite, management, registerClient, send } from '../registering.ts';
import { newMember, post, type SignedIn } from '../world.ts';

const insecure = { [oauth.allowInsecureRequests]: true };

describe('a client registers itself', () => {
  let issuer: TestIssuer;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer();
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'rhea@example.com');
  });

  it('by openid-client, and signs members in at once', async () => {
    const { token } = await invite(issuer, { firstParty: true });
    const redirectUri = 'https://self.example/callback';
    const config = await openid.dynamicClientRegistration(
      new URL(issuer.url),
      { redirect_uris: [redirectUri], client_name: 'Self' },
      undefined,
      { initialAccessToken: token, execute: [openid.allowInsecureRequests] },
    );
    const verifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid email',
      prompt: 'none',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const back = await member.agent.open(url.href);
    const tokens = await openid.authorizationCodeGrant(config, new URL(back.url), {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    expect(tokens.claims()?.sub).toBe(member.memberId);
  });

  it('by oauth4webapi, and gets tokens of its own', async () => {
    const { token } = await invite(issuer, { grants: ['client_credentials'] });
    const server = await oauth.processDiscoveryResponse(
      new URL(issuer.url),
      await oauth.discoveryRequest(new URL(issuer.url), insecure),
    );
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      { client_name: 'Machine', grant_types: ['client_credentials'] },
      { ...insecure, initialAccessToken: token },
    );
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    expect(client.client_id).toMatch(/^cli_[\w-]{22}$/);
    const granted = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(String(client.client_secret)),
      {},
      insecure,
    );
    const tokens = await oauth.processClientCredentialsResponse(server, client, granted);
    expect(tokens.token_type).toBe('bearer');
  });

  it('as a client like all others: the same record, an event, and no readable secret anywhere', async () => {
    const { token, id: invitation } = await invite(issuer, { brand: 'greenleaf' });
    const registered = await registerClient(issuer, token);
    expect(registered.status).toBe(201);
    expect(registered.headers.get('cache-control')).toBe('no-store');
    const { client_id: id, client_secret: secret } = registered.json;
    expect(registered.json).toEqual({
      client_id: expect.stringMatching(/^cli_/),
      client_id_issued_at: expect.any(Number),
      client_name: 'Partner',
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      registration_client_uri: `${issuer.url}/register/${id}`,
      registration_access_token: expect.any(String),
      application_type: 'web',
      redirect_uris: ['https://partner.example/callback'],
      post_logout_redirect_uris: [],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid profile email offline_access',
      token_endpoint_auth_method: 'client_secret_basic',
      subject_type: 'pairwise',
      id_token_signed_response_alg: 'RS256',
    });
    const record = await issuer.issuer.core.clients.get(String(id));
    expect(record).toMatchObject({
      brand: 'greenleaf',
      firstParty: false,
      resourceServer: false,
      pkceExempt: false,
      invitation,
    });
    expect(await collectionsHolding(issuer.db, String(secret))).toEqual([]);
    expect(await collectionsHolding(issuer.db, token)).toEqual([]);
    expect(await collectionsHolding(issuer.db, management(registered).token)).toEqual([]);
    const events = await issuer.db.main.collection('events').find({ 'data.client': id }).toArray();
    expect(events).toMatchObject([{ type: 'client.added', clientId: id, data: { client: id, invitation } }]);
    expect(issuer.logLines.join('')).not.toContain(String(secret));
    expect(issuer.logLines.join('')).not.toContain(token);
  });

  it.each([
    ['without a token', undefined],
    ['with a token nobody issued', 'x'.repeat(43)],
  ])('not %s', async (_how, token) => {
    const answer = await send(new URL('/register', issuer.url), {
      ...(token && { token }),
      body: { redirect_uris: ['https://partner.example/callback'] },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('and reads itself without ever seeing a hash', async () => {
    const { token } = await invite(issuer);
    const registered = await registerClient(issuer, token);
    const { url, token: rat } = management(registered);
    const read = await send(url, { token: rat });
    expect(read.status).toBe(200);
    const { client_secret: _secret, client_secret_expires_at: _expires, ...rest } = registered.json;
    expect(read.json).toEqual(rest);
  });

  it('and ends itself for good', async () => {
    const { token } = await invite(issuer, { grants: ['client_credentials'] });
    const registered = await registerClient(issuer, token, {
      redirect_uris: undefined,
      grant_types: ['client_credentials'],
    });
    const { url, token: rat } = management(registered);
    const removed = await send(url, { token: rat, method: 'DELETE' });
    expect(removed.status).toBe(204);
    expect((await send(url, { token: rat })).status).toBe(401);
    const answer = await post(issuer, '/token', {
      grant_type: 'client_credentials',
      client_id: String(registered.json.client_id),
      client_secret: String(registered.json.client_secret),
    });
    expect(answer.status).toBe(401);
  });
});
