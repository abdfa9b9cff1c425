import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientAddress, normaliseAddress } from '../../../src/base/http/client-address.ts';
import type { EdgeMiddleware } from '../../../src/base/http/context.ts';
import { readCookie } from '../../../src/base/http/cookies.ts';
import { cookieHeader, type Edge, type EdgeOptions, startEdge } from './edge.ts';

const showVisit: EdgeMiddleware = (ctx) => {
  ctx.body = ctx.state.visit;
};

let edge: Edge;
const start = async (options: EdgeOptions = {}): Promise<void> => {
  edge = await startEdge({ inside: showVisit, ...options });
};
beforeEach(() => start());
afterEach(() => edge.stop());

const restart = async (options: EdgeOptions): Promise<void> => {
  await edge.stop();
  await start(options);
};

const visit = async (headers: Record<string, string | string[]> = {}, path = '/') =>
  JSON.parse((await edge.send(path, { headers })).text);

describe('the trace id', () => {
  it('is made when none comes, and answered in Trace-Id', async () => {
    const answer = await edge.send('/');
    expect(answer.headers['trace-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(answer.text).trace).toBe(answer.headers['trace-id']);
  });

  it('is taken from a valid traceparent', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    expect((await visit({ traceparent: `00-${trace}-00f067aa0ba902b7-01` })).trace).toBe(trace);
  });

  it.each([
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
    ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'],
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","x":"y'],
    ['nonsense'],
  ])('is not taken from %s', async (traceparent) => {
    const { trace } = await visit({ traceparent });
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(traceparent).not.toContain(trace);
  });
});

describe('the address of the caller', () => {
  it.each([
    ['no proxy: the header is the caller’s own word', 0, '203.0.113.9', '10.0.0.1'],
    ['one proxy: the last entry', 1, '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['one proxy: a forged first entry is ignored', 1, '127.0.0.1, 6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['two proxies: the last but one', 2, '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['fewer entries than proxies: the connection', 2, '203.0.113.9', '10.0.0.1'],
    ['an entry that is no address: the connection', 1, 'unknown', '10.0.0.1'],
    ['an entry with a port', 1, '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 in brackets with a port', 1, '[2001:DB8:0:0::1]:443', '2001:db8::1'],
    ['a mapped IPv4 address', 1, '::ffff:203.0.113.9', '203.0.113.9'],
    ['no header', 1, undefined, '10.0.0.1'],
  ])('%s', (_, proxies, header, expected) => {
    expect(clientAddress('::ffff:10.0.0.1', header, proxies)).toBe(expected);
  });

  it.each([
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['999.1.1.1', undefined],
    ['', undefined],
    ['1.2.3.4, 5.6.7.8', undefined],
  ])('has one spelling: %s is %s', (text, expected) => {
    expect(normaliseAddress(text)).toBe(expected);
  });

  it('counts several header lines as one', async () => {
    await restart({ trustedProxies: 1 });
    const { ip } = await visit({ 'x-forwarded-for': ['6.6.6.6', '203.0.113.9'] });
    expect(ip).toBe('203.0.113.9');
  });

  it('ignores the other headers that claim an address', async () => {
    const { ip } = await visit({
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      'x-client-ip': '6.6.6.6',
    });
    expect(ip).toBe('127.0.0.1');
  });
});

describe('the browser', () => {
  it('is named in at most 256 plain characters', async () => {
    const { userAgent } = await visit({ 'user-agent': `A\tB${'x'.repeat(400)}` });
    expect(userAgent).toHaveLength(256);
    expect(userAgent.startsWith('ABxxx')).toBe(true);
  });

  it('gives its languages to the negotiation, the asked one first', async () => {
    expect((await visit({ 'accept-language': 'ja' })).locale).toBe('ja');
    expect((await visit({ 'accept-language': 'ja', cookie: '__Host-locale=en' })).locale).toBe('en');
    expect((await visit({ cookie: '__Host-locale=en' }, '/?ui_locales=fr')).locale).toBe('fr');
  });
});

describe('the device cookie', () => {
  it('is made once, belongs to the host alone and is out of reach of scripts', async () => {
    const first = await edge.send('/');
    expect(first.headers['set-cookie']).toHaveLength(1);
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^__Host-device=dev_[\w-]{22}\.\d+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000$/,
    );
    const second = await edge.send('/', { headers: { cookie: cookieHeader(first) } });
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(JSON.parse(second.text).deviceId).toBe(JSON.parse(first.text).deviceId);
  });

  it('has its plain name where the issuer is http', async () => {
    await restart({ issuer: 'http://localhost:3000' });
    expect((await edge.send('/')).headers['set-cookie']?.[0]).toMatch(
      /^device=dev_[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max/,
    );
  });

  it('is replaced by another device when it was forged', async () => {
    const [, id = ''] = /=(dev_[\w-]{22})/.exec(cookieHeader(await edge.send('/'))) ?? [];
    const forged = await edge.send('/', {
      headers: { cookie: `__Host-device=${id}.20454.${'A'.repeat(43)}` },
    });
    expect(JSON.parse(forged.text).deviceId).not.toBe(id);
    expect(forged.headers['set-cookie']).toHaveLength(1);
  });

  it('is not believed when it comes twice', () => {
    expect(readCookie('device=a; device=b', 'device')).toBeUndefined();
    expect(readCookie('xdevice=a; device=b', 'device')).toBe('b');
  });

  it('is renewed with the same id once it is a month old', async () => {
    const first = await edge.send('/');
    edge.clock.time += 31 * 86_400_000;
    const later = await edge.send('/', { headers: { cookie: cookieHeader(first) } });
    expect(later.headers['set-cookie']).toHaveLength(1);
    expect(JSON.parse(later.text).deviceId).toBe(JSON.parse(first.text).deviceId);
  });
});

describe('the host check', () => {
  it.each([
    ['evil.example'],
    ['id.example.com.evil.example'],
    ['id.example.com:444'],
    ['id.example.com@evil.example'],
  ])('answers 421 for %s', async (host) => {
    const answer = await edge.send('/', { headers: { host } });
    expect(answer.status).toBe(421);
    expect(answer.text).not.toContain('evil');
  });

  it.each([['id.example.com'], ['ID.Example.com'], ['id.example.com:443']])('serves %s', async (host) => {
    expect((await edge.send('/', { headers: { host } })).status).toBe(200);
  });

  it('never looks at forwarded hosts', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    };
    expect((await edge.send('/', { headers })).status).toBe(200);
  });

  it('refuses a target in absolute form', async () => {
    expect((await edge.send('http://evil.example/', {})).status).toBe(400);
  });
});
