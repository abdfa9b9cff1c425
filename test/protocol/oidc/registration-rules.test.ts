import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { startSecondProcess } from '../../support/second-process.ts';
import { invite, management, registerClient, send } from '../registering.ts';
import { newMember, postTo } from '../world.ts';

const jwk = await exportJWK((await generateKeyPair('ES256')).publicKey);

describe('what a client may say about itself', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  /** Answers of a server on this machine, by path. */
  const documents = new Map<string, unknown>();
  const server = createServer((request, response) => {
    const found = documents.get(request.url ?? '');
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found));
  });
  let base = '';

  beforeAll(async () => {
    issuer = await startIssuer({ database });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function refused(body: Record<string, unknown>, draft: Parameters<typeof invite>[1] = {}) {
    const { token } = await invite(issuer, draft);
    const answer = await registerClient(issuer, token, body);
    expect(answer.status).toBe(400);
    expect(String(answer.json.error_description)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    // What was refused has used nothing up.
    expect((await registerClient(issuer, token)).status).toBe(201);
    return answer.json;
  }

  it('is shown to members by where they are sent, whatever site it names', async () => {
    const { token } = await invite(issuer, { publicSubject: true });
    const registered = await registerClient(issuer, token, {
      redirect_uris: ['https://bank.example/cb', 'https://evil.example/cb'],
      client_uri: 'https://bank.example/',
      subject_type: 'public',
      token_endpoint_auth_method: 'none',
    });
    expect(registered.status).toBe(201);
    const site = await RelyingParty.register(issuer, { id: 'hotel' });
    const { agent } = await newMember(issuer, site, 'guest@example.com');
    const partner = await RelyingParty.known(issuer, {
      id: String(registered.json.client_id),
      redirectUri: 'https://evil.example/cb',
    });
    const { page } = await partner.open(agent);
    expect(page.text).toContain('evil.example');
    expect(page.text).not.toContain('bank.example');
  });

  it('is exempt from PKCE only by its invitation, and only when it has a secret', async () => {
    const exempt = async (body: Record<string, unknown>, draft: Parameters<typeof invite>[1]) => {
      const { token } = await invite(issuer, draft);
      const { json } = await registerClient(issuer, token, body);
      const client = await issuer.issuer.core.clients.get(String(json.client_id));
      return client?.pkceExempt;
    };
    expect(await exempt({}, { pkceExempt: true })).toBe(true);
    expect(await exempt({ token_endpoint_auth_method: 'none' }, { pkceExempt: true })).toBe(false);
    expect(await exempt({ pkceExempt: true, symbolon_pkce_exempt: true }, {})).toBe(false);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    '\tjavascript:alert(1)',
    'file:///etc/passwd',
    'https://user:secret@partner.example/cb',
    'https://*.partner.example/cb',
    'https://partner.example/cb#part',
    'https://partner.example/a/../cb',
    'http://partner.example/cb',
    'partner.example/cb',
    `https://partner.example/${'x'.repeat(2048)}`,
  ])('is no redirect address like %j', async (uri) => {
    for (const application_type of ['web', 'native']) {
      const { token } = await invite(issuer);
      const answer = await registerClient(issuer, token, { redirect_uris: [uri], application_type });
      expect(answer.json.error).toBe('invalid_redirect_uri');
      expect(answer.json.error_description).toMatch(/^redirect_uris: /);
    }
  });

  it.each([
    'jwks_uri',
    'sector_identifier_uri',
    'logo_uri',
    'client_uri',
    'policy_uri',
    'tos_uri',
    'initiate_login_uri',
    'backchannel_logout_uri',
  ])('is no %s that is script, carries credentials or leads into private networks', async (field) => {
    const lies = [
      'javascript:alert(1)',
      'data:image/svg+xml,<svg onload=alert(1)>',
      'https://user@partner.example/',
      'https://*.partner.example/',
      'http://partner.example/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://[::ffff:10.0.0.1]/',
      'https://[fd00::1]/',
      'https://167772161/',
      'https://0x0a.1/',
    ];
    const { token } = await invite(issuer);
    for (const uri of lies) {
      const answer = await registerClient(issuer, token, { [field]: uri });
      expect([uri, answer.status, answer.json.error]).toEqual([uri, 400, 'invalid_client_metadata']);
      expect(answer.json.error_description).toContain(`${field}: `);
    }
  });

  it.each([
    ['a secret that signs', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['a signature by a shared key', { id_token_signed_response_alg: 'HS256' }],
    ['no signature', { id_token_signed_response_alg: 'none' }],
    ['encryption by a shared key', { id_token_encrypted_response_alg: 'dir' }],
    ['the implicit flow', { response_types: ['id_token'], grant_types: ['implicit'] }],
    ['passwords', { grant_types: ['password'] }],
    [
      'keys of two kinds',
      { jwks: { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] }, jwks_uri: 'https://partner.example/jwks' },
    ],
    ['a private key', { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } }],
    ['a shared key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
    ['a name that is too long', { client_name: 'x'.repeat(81) }],
    ['a name that turns the writing around', { client_name: 'Partner\u202egro.knab' }],
    ['a name that is no text', { client_name: { en: 'Partner' } }],
    [
      'too many addresses',
      { redirect_uris: Array.from({ length: 51 }, (_, n) => `https://partner.example/${n}`) },
    ],
    ['addresses that are no list', { redirect_uris: 'https://partner.example/cb' }],
    ['no address', { redirect_uris: [] }],
    ['contacts that are no mail addresses', { contacts: ['<script>'] }],
  ])('is not %s', async (_what, body) => {
    const json = await refused(body);
    expect(['invalid_client_metadata', 'invalid_redirect_uri']).toContain(json.error);
  });

  it('is nothing that only an operator decides: it is ignored like everything unknown', async () => {
    const { token } = await invite(issuer);
    const answer = await registerClient(issuer, token, {
      brand: 'volt',
      firstParty: true,
      first_party: true,
      resourceServer: true,
      pkceExempt: true,
      profile: 'baseline',
      refreshLeewaySeconds: 60,
      symbolon_profile: 'baseline',
      symbolon_pkce_exempt: true,
      client_id: 'account',
      client_secret: 'chosen-by-the-client-0123456789abcdef',
      disabledAt: null,
      secrets: [{ hash: 'x' }],
      software_statement: 'x.y.z',
      'client_name#ja': '提携先',
      unheard_of: true,
      __proto__: { firstParty: true },
    });
    expect(answer.status).toBe(201);
    const id = String(answer.json.client_id);
    expect(id).not.toBe('account');
    expect(answer.json.client_secret).not.toBe('chosen-by-the-client-0123456789abcdef');
    expect(await issuer.issuer.core.clients.get(id)).toMatchObject({
      brand: 'aurora-air',
      firstParty: false,
      resourceServer: false,
      pkceExempt: false,
      refreshLeewaySeconds: 0,
    });
    for (const name of ['symbolon_profile', 'symbolon_pkce_exempt', 'unheard_of', 'brand'])
      expect(answer.json).not.toHaveProperty(name);
  });

  it('stays what the operator made of it when it changes itself', async () => {
    const { token } = await invite(issuer);
    const registered = await registerClient(issuer, token);
    const { url, token: rat } = management(registered);
    const id = String(registered.json.client_id);
    const operator = { pkceExempt: true, refreshLeewaySeconds: 30, resourceServer: true, brand: 'volt' };
    await issuer.issuer.core.clients.update(id, operator, systemVisit('test'));
    const body = {
      client_id: id,
      redirect_uris: ['https://partner.example/new'],
      pkceExempt: false,
      symbolon_pkce_exempt: false,
    };
    expect((await send(url, { token: rat, method: 'PUT', body })).status).toBe(200);
    expect(await issuer.issuer.core.clients.get(id)).toMatchObject(operator);
  });

  it.each([
    [
      'a grant',
      { grants: ['authorization_code' as const] },
      { grant_types: ['authorization_code', 'refresh_token'] },
    ],
    ['a scope', { scopes: ['openid', 'email'] }, { scope: 'openid profile' }],
    ['a host', { redirectHosts: ['partner.example'] }, { redirect_uris: ['https://evil.example/cb'] }],
    [
      'a port',
      { redirectHosts: ['partner.example'] },
      { redirect_uris: ['https://partner.example:8443/cb'] },
    ],
    [
      'a host after signing out',
      { redirectHosts: ['partner.example'] },
      { post_logout_redirect_uris: ['https://evil.example/bye'] },
    ],
    [
      'a scheme',
      { redirectHosts: ['com.example.app:'] },
      { application_type: 'native', redirect_uris: ['com.evil.app:/cb'] },
    ],
    ['a site of somebody else', {}, { client_uri: 'https://bank.example/' }],
    ['the subject of the program', {}, { subject_type: 'public' }],
    ['payments', {}, { authorization_details_types: ['redemption'] }],
    [
      'the weaker ways of a FAPI client',
      { profile: 'fapi2' as const },
      { token_endpoint_auth_method: 'client_secret_basic' },
    ],
  ])('is not %s beyond its invitation, neither at first nor later', async (_what, draft, beyond) => {
    const { token } = await invite(issuer, draft);
    const first = await registerClient(issuer, token, beyond);
    expect(first.status).toBe(400);
    expect(['invalid_client_metadata', 'invalid_redirect_uri']).toContain(first.json.error);
    const native = {
      application_type: 'native',
      redirect_uris: ['com.example.app:/cb'],
    };
    const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const within = {
      ...('redirectHosts' in draft && draft.redirectHosts?.[0] === 'com.example.app:' && native),
      ...('profile' in draft && keyed),
    };
    const registered = await registerClient(issuer, token, within);
    expect(registered.status).toBe(201);
    const { url, token: rat } = management(registered);
    const body = {
      client_name: 'x',
      redirect_uris: registered.json.redirect_uris,
      ...within,
      ...beyond,
      client_id: registered.json.client_id,
    };
    const later = await send(url, { token: rat, method: 'PUT', body });
    expect([later.status, later.json.error]).toEqual([400, first.json.error]);
  });

  it('asks for no more than its invitation when it says nothing', async () => {
    const { token } = await invite(issuer, { scopes: ['openid'], publicSubject: true });
    const answer = await registerClient(issuer, token);
    expect(answer.json).toMatchObject({
      scope: 'openid',
      subject_type: 'pairwise',
      grant_types: ['authorization_code'],
    });
  });

  it('is the public subject where the invitation allows it', async () => {
    const { token } = await invite(issuer, { publicSubject: true });
    expect((await registerClient(issuer, token, { subject_type: 'public' })).json.subject_type).toBe(
      'public',
    );
  });

  it('is held to FAPI 2.0 under such an invitation', async () => {
    const { token } = await invite(issuer, { profile: 'fapi2' });
    const answer = await registerClient(issuer, token, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
    });
    expect(answer.json).toMatchObject({
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
    });
  });

  it('is a sector whose document names its addresses', async () => {
    const redirect_uris = ['https://one.example/cb', 'https://two.example/cb'];
    const sector = async (uri: string) => {
      const { token } = await invite(issuer);
      return registerClient(issuer, token, { redirect_uris, sector_identifier_uri: uri });
    };
    documents.set('/good.json', [...redirect_uris, 'https://three.example/cb']);
    documents.set('/less.json', redirect_uris.slice(1));
    documents.set('/object.json', { redirect_uris });
    // The library wants https of the address itself, and there is none on loopback here: only refusals can be seen.
    for (const path of ['/less.json', '/object.json', '/nowhere.json']) {
      const answer = await sector(`${base}${path}`);
      expect([path, answer.status, answer.json.error]).toEqual([path, 400, 'invalid_client_metadata']);
      expect(answer.json.error_description).toMatch(/^sector_identifier_uri: its document /);
    }
    const bare = await registerClient(issuer, (await invite(issuer)).token, { redirect_uris });
    expect(bare.json.error_description).toMatch(/^sector_identifier_uri: needed/);
  });

  it('is shown to members as text, whatever it is', async () => {
    const name = '<img src=x onerror=alert(1)>"\'&';
    const { token } = await invite(issuer);
    const registered = await registerClient(issuer, token, {
      client_name: name,
      logo_uri: 'https://tracker.example/pixel.png',
      token_endpoint_auth_method: 'none',
    });
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    const { agent } = await newMember(issuer, site, 'reader@example.com');
    const partner = await RelyingParty.known(issuer, {
      id: String(registered.json.client_id),
      redirectUri: 'https://partner.example/callback',
    });
    const { page } = await partner.open(agent);
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.text).not.toContain('<img src=x');
    expect(page.text).not.toContain('tracker.example');
  });

  it('counts: of two processes that race for the last use of an invitation, one wins', async () => {
    const other = await startSecondProcess(issuer.url, database);
    const { token, id } = await invite(issuer, { uses: 3, grants: ['client_credentials'] });
    const registerAt = (at: { port: number; issuer: string }) =>
      postTo(at, '/register', '{"grant_types":["client_credentials"]}', {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        registerAt(n % 2 ? other : { port: issuer.port, issuer: issuer.url }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(
      answers.filter(({ status, json }) => status === 401 && json.error === 'invalid_token'),
    ).toHaveLength(9);
    expect(await issuer.db.main.collection('clients').countDocuments({ invitation: id })).toBe(3);
    expect(await issuer.issuer.core.invitations.get(id)).toMatchObject({ left: 0, state: 'used up' });
  });

  it('is nothing after the invitation was taken back or has expired', async () => {
    const withdrawn = await invite(issuer);
    await issuer.issuer.core.invitations.revoke(withdrawn.id, systemVisit('test'));
    expect((await registerClient(issuer, withdrawn.token)).status).toBe(401);
    const short = await invite(issuer, { expiresHours: 1 });
    issuer.clock.advance(3_601_000);
    expect((await registerClient(issuer, short.token)).status).toBe(401);
  });
});
