import { createServer, type RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createOutbound,
  type OutboundDeps,
  type OutboundError,
  type Resolve,
} from '../../../src/base/http/outbound.ts';
import { isSpecialAddress } from '../../../src/base/http/special-addresses.ts';

let listener: RequestListener;
let hits = 0;
const server = createServer((request, response) => {
  hits += 1;
  listener(request, response);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);
beforeEach(() => {
  hits = 0;
  listener = (_request, response) => response.end('hello');
});

const resolvesTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const outbound = (deps: Partial<OutboundDeps> = {}) =>
  createOutbound({ allowList: [], development: false, ...deps });
const internal = () =>
  outbound({
    allowList: ['rp.internal'],
    development: true,
    resolve: resolvesTo('127.0.0.1'),
    timeoutMs: 400,
  });

async function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: OutboundError) => error.reason,
  );
}

describe('an outbound call in production', () => {
  it.each([
    ['http://rp.example/', 'scheme'],
    ['ftp://rp.example/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://rp.example/', 'scheme'],
    ['http://localhost/', 'scheme'],
    ['https://user:password@rp.example/', 'url'],
    ['https://user@rp.example/', 'url'],
    ['//rp.example', 'url'],
    ['https://', 'url'],
    ['https://127.0.0.1/', 'address'],
    ['https://0x7f.1/', 'address'],
    ['https://2130706433/', 'address'],
    ['https://017700000001/', 'address'],
    ['https://127.1/', 'address'],
    ['https://0/', 'address'],
    ['https://10.1.2.3/', 'address'],
    ['https://172.16.0.1/', 'address'],
    ['https://192.168.1.1/', 'address'],
    ['https://169.254.169.254/latest/meta-data/', 'address'],
    ['https://100.64.0.1/', 'address'],
    ['https://[::]/', 'address'],
    ['https://[::1]/', 'address'],
    ['https://[::ffff:127.0.0.1]/', 'address'],
    ['https://[::ffff:7f00:1]/', 'address'],
    ['https://[fe80::1]/', 'address'],
    ['https://[fd00::1]/', 'address'],
    ['https://[64:ff9b::7f00:1]/', 'address'],
    ['https://[2002:7f00:1::]/', 'address'],
  ])('to %s is refused: %s', async (url, reason) => {
    expect(await reasonOf(outbound().fetch(url))).toBe(reason);
    expect(() => outbound().check(url)).toThrow(expect.objectContaining({ reason }));
  });

  it.each([['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:10.0.0.1'], ['fd12::1']])(
    'to a name that resolves to %s is refused',
    async (address) => {
      expect(await reasonOf(outbound({ resolve: resolvesTo(address) }).fetch('https://rp.example/'))).toBe(
        'address',
      );
    },
  );

  it('to a name with one private address among public ones is refused', async () => {
    const mixed = outbound({ resolve: resolvesTo('93.184.216.34', '10.0.0.1') });
    expect(await reasonOf(mixed.fetch('https://rp.example/'))).toBe('address');
  });

  it('to a name without addresses is refused', async () => {
    expect(await reasonOf(outbound({ resolve: resolvesTo() }).fetch('https://rp.example/'))).toBe('address');
  });

  it('may be registered when it is https to a public name', () => {
    expect(() => outbound().check('https://rp.example/logout?x=1')).not.toThrow();
  });

  it('tells nobody where it went', async () => {
    const failed = outbound().fetch('https://user:canary@rp.example/');
    await expect(failed).rejects.toThrow('the outbound call failed: url');
  });
});

describe('an outbound call to an internal relying party', () => {
  it('is made to the address that was judged, and only asks once for it', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const caller = outbound({ allowList: ['rp.internal'], development: true, resolve });
    const answer = await caller.fetch(`http://rp.internal:${port}/logout`);
    expect([await answer.text(), asked]).toEqual(['hello', 1]);
  });

  it('sends method, headers and body, with the name as host', async () => {
    let seen = '';
    listener = (request, response) => {
      request.on('data', (chunk) => {
        seen += `${request.method} ${request.url} ${request.headers.host} ${request.headers['content-type']} ${chunk}`;
      });
      request.on('end', () => response.writeHead(204).end());
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await internal().fetch(`http://rp.internal:${port}/logout?a=1`, {
      method: 'POST',
      headers,
      body: 'logout_token=x',
    });
    expect(answer.status).toBe(204);
    expect(seen).toBe(
      `POST /logout?a=1 rp.internal:${port} application/x-www-form-urlencoded logout_token=x`,
    );
  });

  it('follows no redirect', async () => {
    listener = (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    expect((await internal().fetch(`http://rp.internal:${port}/`)).status).toBe(302);
    expect(hits).toBe(1);
  });

  it('ends at the first byte beyond the limit', async () => {
    listener = (_request, response) => {
      const pour = (): void => {
        while (response.write('x'.repeat(16_384))) if (response.destroyed) return;
        response.once('drain', pour);
      };
      pour();
    };
    expect(await reasonOf(internal().fetch(`http://rp.internal:${port}/`))).toBe('too_large');
  });

  it('ends when no answer comes, or when it never ends', async () => {
    listener = () => undefined;
    expect(await reasonOf(internal().fetch(`http://rp.internal:${port}/`))).toBe('timeout');
    listener = (_request, response) => void response.write('a');
    expect(await reasonOf(internal().fetch(`http://rp.internal:${port}/`))).toBe('timeout');
  });

  it('ends when the name is not resolved in time', async () => {
    const hanging = outbound({ resolve: () => new Promise(() => undefined), timeoutMs: 50 });
    expect(await reasonOf(hanging.fetch('https://rp.example/'))).toBe('timeout');
  });

  it('ends when the caller has enough', async () => {
    const signal = AbortSignal.abort();
    expect(await reasonOf(internal().fetch(`http://rp.internal:${port}/`, { signal }))).toBe('network');
    expect(hits).toBe(0);
  });

  it('is still https in production', async () => {
    const listed = outbound({ allowList: ['rp.internal'], resolve: resolvesTo('127.0.0.1') });
    expect(await reasonOf(listed.fetch(`http://rp.internal:${port}/`))).toBe('scheme');
  });
});

describe('an outbound call in development', () => {
  const local = () => outbound({ development: true });

  it('may go to this machine on http', async () => {
    expect(await (await local().fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    expect(() => local().check('http://localhost:4000/logout')).not.toThrow();
  });

  it('may not go to other private addresses, nor to this machine under another name', async () => {
    expect(await reasonOf(local().fetch('https://10.0.0.1/'))).toBe('address');
    const rebound = outbound({ development: true, resolve: resolvesTo('127.0.0.1') });
    expect(await reasonOf(rebound.fetch('https://rp.example/'))).toBe('address');
    expect(await reasonOf(rebound.fetch('http://rp.example/'))).toBe('scheme');
  });
});

describe('public addresses', () => {
  it.each([['93.184.216.34'], ['1.1.1.1'], ['2606:4700:4700::1111'], ['2a00:1450:4001:82a::200e']])(
    '%s',
    (address) => {
      expect(isSpecialAddress(address)).toBe(false);
    },
  );

  it.each([
    ['224.0.0.1'],
    ['255.255.255.255'],
    ['198.18.0.1'],
    ['2001:db8::1'],
    ['2001::1'],
    ['ff02::1'],
    ['x'],
    [''],
  ])('not %s', (address) => {
    expect(isSpecialAddress(address)).toBe(true);
  });
});
