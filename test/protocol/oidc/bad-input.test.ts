import { request } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import * as client from 'openid-client';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { expectRefusal, freshCode, inside, newMember, post, refresh, type SignedIn } from '../world.ts';

describe('bad input at the protocol’s endpoints', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    await RelyingParty.register(issuer, { id: 'grocery' });
    member = await newMember(issuer, site, 'una@example.com');
  });

  describe('the token endpoint', () => {
    it.each([
      ['a wrong verifier', { code_verifier: 'b'.repeat(43) }],
      ['no verifier', { code_verifier: undefined }],
      ['an empty verifier', { code_verifier: '' }],
      ['an unknown code', { code: 'unknown' }],
      ['an operator for a code', { code: '{"$gt":""}' }],
      ['a code with a NUL byte', { code: 'abc\u0000' }],
    ])('refuses %s', async (_what, changed) => {
      const form: Record<string, string | undefined> = {
        ...(await freshCode(site, member.agent)),
        ...changed,
      };
      const sent = Object.fromEntries(
        Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined),
      );
      const answer = await post(issuer, '/token', sent, { as: 'airline' });
      expectRefusal(answer, 400);
      expect(answer.json.error).toMatch(/^invalid_(grant|request)$/);
    });

    it('refuses the code of another client and leaves it to its owner', async () => {
      const form = await freshCode(site, member.agent);
      expectRefusal(await post(issuer, '/token', form, { as: 'grocery' }), 400, 'invalid_grant');
      expect((await post(issuer, '/token', form, { as: 'airline' })).status).toBe(200);
    });

    it.each([
      ['no credentials', {}],
      ['a wrong secret', { authorization: `Basic ${Buffer.from('airline:wrong').toString('base64')}` }],
      ['the stored hash for a secret', { authorization: 'hash' }],
      ['an unknown client', { authorization: `Basic ${Buffer.from('unknown:wrong').toString('base64')}` }],
      ['a disabled way to authenticate', { authorization: 'Digest username="airline"' }],
      ['garbage', { authorization: 'Basic !!!!' }],
      ['nothing behind Basic', { authorization: 'Basic' }],
      [
        'bytes that are no text',
        { authorization: `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}` },
      ],
      ['a broken percent sign', { authorization: `Basic ${Buffer.from('airline:%zz').toString('base64')}` }],
      ['an endless header', { authorization: `Basic ${'A'.repeat(9_000)}` }],
      ['operators', { authorization: `Basic ${Buffer.from('{"$gt":""}:{"$gt":""}').toString('base64')}` }],
      ['a bearer token', { authorization: 'Bearer abc' }],
    ])('answers %s with 400 or 401', async (_what, headers: { authorization?: string }) => {
      const sent = { ...headers };
      if (sent.authorization === 'hash') {
        const stored = await issuer.issuer.core.clients.get('airline');
        sent.authorization = `Basic ${Buffer.from(`airline:${stored?.secrets[0]?.hash}`).toString('base64')}`;
      }
      const form = { grant_type: 'client_credentials' };
      const answer = await post(issuer, '/token', form, { headers: sent });
      expect([400, 401]).toContain(answer.status);
      expect(answer.json.error).toMatch(/^invalid_(client|request)$/);
      expect(answer.text).not.toMatch(inside);
    });

    it.each([
      ['an unknown grant', 'grant_type=password&username=una@example.com&password=x'],
      ['no grant', 'code=abc'],
      ['an operator for the grant', 'grant_type[$gt]='],
      ['a doubled grant', 'grant_type=refresh_token&grant_type=authorization_code&refresh_token=x'],
      ['a doubled code', 'grant_type=authorization_code&code=a&code=b&code_verifier=c&redirect_uri=d'],
      ['an operator for the refresh token', 'grant_type=refresh_token&refresh_token[$gt]='],
      ['an empty refresh token', 'grant_type=refresh_token&refresh_token='],
      ['an empty body', ''],
      ['broken percent signs', 'grant_type=%E0%A4%A&code=%zz'],
      ['NUL bytes', 'grant_type=refresh_token%00&refresh_token=%00'],
      ['a thousand parameters', Array.from({ length: 1_500 }, (_, index) => `p${index}=1`).join('&')],
      [
        'keys of prototypes',
        '__proto__=1&constructor=2&prototype=3&grant_type=refresh_token&refresh_token=x',
      ],
    ])('answers %s with 400', async (_what, body) => {
      const answer = await post(issuer, '/token', body, { as: 'airline' });
      expectRefusal(answer, 400);
      expect(typeof answer.json.error).toBe('string');
    });

    it.each([
      ['JSON', 'application/json', '{"grant_type":{"$gt":""}}'],
      ['broken JSON', 'application/json', '{'],
      ['XML', 'text/xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
      ['multipart', 'multipart/form-data; boundary=x', '--x\r\n'],
    ])('takes no %s', async (_what, type, body) => {
      const answer = await post(issuer, '/token', body, { as: 'airline', headers: { 'content-type': type } });
      expect([400, 415]).toContain(answer.status);
      expect(answer.text).not.toMatch(inside);
    });

    it.each(['/token', '/token/introspection', '/token/revocation', '/authorize/par'])(
      'of %s takes no body beyond its limit',
      async (path) => {
        const answer = await post(issuer, path, `grant_type=refresh_token&x=${'a'.repeat(300_000)}`, {
          as: 'airline',
        });
        expectRefusal(answer, 413);
      },
    );

    it('widens nothing when a refresh asks for more than was granted', async () => {
      const tokens = await site.silently(member.agent, { scope: 'openid' });
      const answer = await post(
        issuer,
        '/token',
        { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '', scope: 'openid email' },
        { as: 'airline' },
      );
      expectRefusal(answer, 400, 'invalid_scope');
      expect(await refresh(site, tokens.refresh_token ?? '')).toBeDefined();
    });
  });

  describe('an assertion of a client', () => {
    it.each([
      'none',
      'foreign key',
      'public key as a secret',
      'foreign audience',
      'expired',
      'of another client',
    ])('that is %s is refused', async (fault) => {
      const keys = await generateKeyPair('ES256', { extractable: true });
      const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
      await issuer.client({
        id: 'signer',
        name: 'Signer',
        brand: 'aurora-air',
        metadata: {
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [jwk] as never },
        },
      });
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: fault === 'of another client' ? 'airline' : 'signer',
        sub: fault === 'of another client' ? 'airline' : 'signer',
        aud: fault === 'foreign audience' ? 'https://elsewhere.example' : issuer.url,
        jti: client.randomState(),
        iat: now - 600,
        exp: fault === 'expired' ? now - 300 : now + 60,
      };
      const foreign = await generateKeyPair('ES256');
      const assertion =
        fault === 'none'
          ? new UnsecuredJWT(claims).encode()
          : fault === 'public key as a secret'
            ? await new SignJWT(claims)
                .setProtectedHeader({ alg: 'HS256', kid: 'one' })
                .sign(new TextEncoder().encode(JSON.stringify(jwk)))
            : await new SignJWT(claims)
                .setProtectedHeader({ alg: 'ES256', kid: 'one' })
                .sign(foreign.privateKey);
      const answer = await post(issuer, '/token', {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      expectRefusal(answer, 401, 'invalid_client');
    });
  });

  describe('a token at userinfo', () => {
    it.each([
      ['an unknown token', 'Bearer unknown'],
      ['an empty token', 'Bearer '],
      ['another scheme', 'Basic YTpi'],
      ['a NUL-like token', 'Bearer %00'],
      ['an operator', 'Bearer {"$gt":""}'],
      ['a very long token', `Bearer ${'a'.repeat(8_000)}`],
    ])('that is %s is refused', async (_what, authorization) => {
      const response = await fetch(`${issuer.url}/userinfo`, { headers: { authorization } });
      const text = await response.text();
      expect([400, 401]).toContain(response.status);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(text).not.toMatch(inside);
    });

    it('that lost or changed a letter, or is an ID token, is refused', async () => {
      const { access_token: token, id_token: idToken = '' } = await site.silently(member.agent);
      for (const wrong of [token.slice(0, -1), `${token}a`, token.slice(1), token.toUpperCase(), idToken]) {
        const response = await fetch(`${issuer.url}/userinfo`, {
          headers: { authorization: `Bearer ${wrong}` },
        });
        expect(response.status).toBe(401);
        await response.text();
      }
    });

    it('in the address is not taken', async () => {
      const { access_token: token } = await site.silently(member.agent);
      const response = await fetch(`${issuer.url}/userinfo?access_token=${token}`);
      expect([400, 401]).toContain(response.status);
      await response.text();
    });
  });

  describe('a request with another host', () => {
    /** Sends a request with headers that `fetch` would not send. */
    function raw(path: string, headers: Record<string, string | string[]>) {
      return new Promise<{ status: number; text: string; location: string | undefined }>(
        (resolve, reject) => {
          const { hostname, port } = new URL(issuer.url);
          request({ host: hostname, port, path, headers, family: 4 }, (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                text: Buffer.concat(chunks).toString(),
                location: response.headers.location,
              }),
            );
          })
            .on('error', reject)
            .end();
        },
      );
    }

    it.each(['evil.example', 'localhost', 'localhost:1', 'localhost@evil.example'])(
      'is refused: %j',
      async (host) => {
        const answer = await raw('/.well-known/openid-configuration', { host });
        expect([400, 421]).toContain(answer.status);
        expect(answer.text).not.toContain('authorization_endpoint');
      },
    );

    it('that a proxy would forward changes nothing of what is built', async () => {
      const { host } = new URL(issuer.url);
      const answer = await raw('/.well-known/openid-configuration', {
        host,
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
        'x-original-url': '/admin',
      });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('evil.example');
      expect(JSON.parse(answer.text).issuer).toBe(issuer.url);
      const started = await raw(
        new URL((await site.begin()).url).pathname + new URL((await site.begin()).url).search,
        {
          host,
          'x-forwarded-host': 'evil.example',
        },
      );
      expect(started.location ?? '').not.toContain('evil');
    });

    it('in absolute form is refused', async () => {
      const answer = await raw('http://evil.example/.well-known/openid-configuration', {
        host: new URL(issuer.url).host,
      });
      expect(answer.status).toBe(400);
    });
  });

  it('never made the issuer log a failure of its own', () => {
    const faults = issuer.logLines.filter((line) => /"level":(?:50|60)|"code":"internal"/.test(line));
    expect(faults).toEqual([]);
  });
});
