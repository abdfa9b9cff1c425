/** How keys at a `jwks_uri` are read: guarded, sparingly, and without a fault of theirs becoming one of ours. */
import { createServer, type RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createOutbound, type Resolve } from '../../../src/base/http/outbound.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { createDocumentFetch, documentLimit } from '../../../src/protocol/oidc/client-documents.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { expectRefusal, post } from '../world.ts';

let hits: string[] = [];
let listener: RequestListener;
const server = createServer((request, response) => {
  hits.push(request.url ?? '');
  listener(request, response);
});
let base = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);
beforeEach(() => {
  hits = [];
});

describe('keys that a client publishes', () => {
  let issuer: TestIssuer;
  let count = 0;
  let id = '';
  let keys: {
    kid: string;
    privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
    jwk: Record<string, unknown>;
  }[] = [];

  const newKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
  };
  const published =
    (...some: typeof keys): RequestListener =>
    (_request, response) => {
      // A publisher who wants to be asked once a year is asked when a key is unknown all the same.
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=31536000' });
      response.end(JSON.stringify({ keys: some.map(({ jwk }) => jwk) }));
    };

  beforeAll(async () => {
    issuer = await startIssuer();
    keys = [await newKey('one'), await newKey('two')];
  });

  beforeEach(async () => {
    count += 1;
    id = `machine-${count}`;
    await issuer.issuer.core.clients.add(
      {
        id,
        name: 'Machine',
        brand: 'volt',
        metadata: {
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks_uri: `${base}/${id}`,
        },
      },
      systemVisit('test'),
    );
  });

  async function ask(key: (typeof keys)[number] | undefined) {
    if (!key) throw new Error('no key');
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: key.kid })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(issuer.url)
      .setJti(`${id}-${Math.floor(performance.now() * 1000)}`)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key.privateKey);
    return post(issuer, '/token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
  }

  it('are fetched once and kept', async () => {
    listener = published(...keys);
    expect((await ask(keys[0])).status).toBe(200);
    expect((await ask(keys[1])).status).toBe(200);
    expect(hits).toHaveLength(1);
  });

  it('are fetched again for a key that is unknown, but not more than once a minute', async () => {
    const [one, two] = keys;
    if (!one || !two) throw new Error('no keys');
    listener = published(one);
    expect((await ask(one)).status).toBe(200);
    for (let tries = 0; tries < 5; tries += 1) expectRefusal(await ask(two), 401, 'invalid_client');
    expect(hits).toHaveLength(1);
    listener = published(one, two);
    issuer.clock.advance(61_000);
    expect((await ask(two)).status).toBe(200);
    expect(hits).toHaveLength(2);
  });

  it.each<[string, RequestListener]>([
    ['is away', (request) => request.socket.destroy()],
    ['says 500', (_request, response) => response.writeHead(500).end()],
    [
      'sends elsewhere',
      (_request, response) => response.writeHead(302, { location: `${base}/elsewhere` }).end(),
    ],
    ['says no JSON', (_request, response) => response.writeHead(200).end('<html>')],
    ['says no key set', (_request, response) => response.writeHead(200).end('{"keys":"none"}')],
    ['says null', (_request, response) => response.writeHead(200).end('null')],
    ['says too much', (_request, response) => response.writeHead(200).end(' '.repeat(documentLimit + 1))],
  ])(
    'are a clear refusal when their server %s, and it is not asked again and again',
    async (_how, behaviour) => {
      listener = behaviour;
      for (let tries = 0; tries < 4; tries += 1) expectRefusal(await ask(keys[0]), 401, 'invalid_client');
      expect(hits.length).toBeLessThanOrEqual(4);
      expect(hits).not.toContain('/elsewhere');
      if (_how === 'is away' || _how === 'says 500' || _how === 'sends elsewhere')
        expect(hits).toHaveLength(1);
      listener = published(...keys);
      issuer.clock.advance(61_000);
      expect((await ask(keys[0])).status).toBe(200);
    },
  );
});

describe('the library’s calls in production', () => {
  const clock = { now: () => 0 };
  const resolvesTo =
    (...addresses: string[]): Resolve =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const fetchWith = (resolve: Resolve, allowList: string[] = []) =>
    createDocumentFetch({ clock, outbound: createOutbound({ allowList, development: false, resolve }) });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.8'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:10.0.0.8'],
    ['64:ff9b::a00:8'],
    ['fd00::8'],
    ['93.184.216.34', '10.0.0.8'],
  ])('never reach a name that resolves to %s %s', async (...addresses) => {
    const fetch = fetchWith(resolvesTo(...addresses));
    await expect(fetch('https://rp.example/jwks', {})).rejects.toMatchObject({ reason: 'address' });
  });

  it.each([
    'http://rp.example/jwks',
    'https://10.0.0.8/jwks',
    'https://[::ffff:a00:8]/jwks',
    'file:///etc/passwd',
  ])('never go to %s', async (url) => {
    await expect(fetchWith(resolvesTo('93.184.216.34'))(url, {})).rejects.toMatchObject({
      reason: expect.stringMatching(/scheme|address/),
    });
  });

  it('are exempt from that only for a host that the operator has named', async () => {
    const fetch = fetchWith(resolvesTo('127.0.0.1'), ['rp.internal']);
    // The address is allowed; nobody speaks TLS there.
    await expect(fetch('https://rp.internal:9/jwks', {})).rejects.toMatchObject({ reason: 'network' });
    await expect(fetch('https://sub.rp.internal:9/jwks', {})).rejects.toMatchObject({ reason: 'address' });
  });

  it('leave an address alone for a while after it has failed', async () => {
    let asked = 0;
    let now = 0;
    const fetch = createDocumentFetch({
      clock: { now: () => now },
      outbound: {
        async fetch() {
          asked += 1;
          throw new Error('down');
        },
      },
    });
    for (let tries = 0; tries < 3; tries += 1)
      await expect(fetch('https://rp.example/jwks', {})).rejects.toThrow();
    expect(asked).toBe(1);
    now += 15_001;
    await expect(fetch('https://rp.example/jwks', {})).rejects.toThrow();
    expect(asked).toBe(2);
  });
});
