import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCsrf } from '../../../src/base/http/csrf.ts';
import { route } from '../../../src/base/http/routes.ts';
import { cookieHeader, type Edge, form, startEdge } from './edge.ts';

const issuer = 'https://id.example.com';
const routes = [
  route({
    name: 'change',
    method: 'POST',
    path: '/change/:id',
    csrf: (params) => `interaction:${params.id}`,
    handle(ctx) {
      ctx.body = 'changed';
    },
  }),
];

let edge: Edge;
let cookie: string;
let deviceId: string;
beforeAll(async () => {
  edge = await startEdge({ routes });
  cookie = cookieHeader(await edge.send('/'));
  deviceId = /dev_[\w-]{22}/.exec(cookie)?.[0] ?? '';
});
afterAll(() => edge.stop());

const token = (scope = 'interaction:one'): string => edge.csrf.token({ deviceId }, scope);
const post = (csrf: string, headers: Record<string, string> = {}) =>
  edge.send('/change/one', form(`_csrf=${csrf}`, { cookie, ...headers }));

describe('a form that changes something', () => {
  it.each<[string, Record<string, string>]>([
    ['that says nothing of its origin', {}],
    ['from our own page', { 'sec-fetch-site': 'same-origin', origin: issuer }],
    ['from our own page, which sends no referrer', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['from an address bar', { 'sec-fetch-site': 'none' }],
  ])('is accepted with its token in a request %s', async (_, headers) => {
    expect((await post(token(), headers)).text).toBe('changed');
  });

  it.each<[string, Record<string, string>]>([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['of another origin', { origin: 'https://evil.example' }],
    ['of another port', { origin: `${issuer}:444` }],
    ['of the same host on http', { origin: 'http://id.example.com' }],
    ['of a frame without origin on another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ])('is refused in spite of its token in a request %s', async (_, headers) => {
    const answer = await post(token(), headers);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('csrf.refused');
  });

  it.each<[string, () => string]>([
    ['no token', () => ''],
    ['a made-up token', () => 'A'.repeat(43)],
    ['the token of another form', () => token('interaction:two')],
    [
      'the token of another browser',
      () => edge.csrf.token({ deviceId: `dev_${'B'.repeat(22)}` }, 'interaction:one'),
    ],
    ['the token of nobody', () => edge.csrf.token({ deviceId: undefined }, 'interaction:one')],
    ['a longer token', () => `${token()}A`],
    ['two tokens', () => `${token()}&_csrf=${token()}`],
  ])('is refused with %s', async (_, given) => {
    expect((await post(given())).status).toBe(403);
  });

  it('is refused without the device cookie', async () => {
    expect((await edge.send('/change/one', form(`_csrf=${token()}`))).status).toBe(403);
  });

  it('may lie over night, but not for two days', async () => {
    const before = edge.clock.time;
    const given = token();
    edge.clock.time = before + 86_400_000;
    expect((await post(given)).status).toBe(200);
    edge.clock.time = before + 2 * 86_400_000;
    expect((await post(given)).status).toBe(403);
    edge.clock.time = before;
  });

  it('still works when the key has just been replaced', async () => {
    const older = createCsrf({ keys: () => [Buffer.alloc(32, 3)], clock: edge.clock, issuer });
    expect((await post(older.token({ deviceId }, 'interaction:one'))).status).toBe(200);
  });
});

describe('a route that changes something', () => {
  it('cannot be declared without saying how it is protected', () => {
    const declare = () => route({ name: 'open', method: 'POST', path: '/open', handle: () => undefined });
    expect(declare).toThrow(/needs csrf/);
  });
});
