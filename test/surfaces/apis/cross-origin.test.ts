import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { newMember } from '../../protocol/world.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { ask, memberToken, registerSite } from './world.ts';

const me = '/api/account/whoami';
let issuer: TestIssuer;
let token: string;
let commands: string[];

beforeAll(async () => {
  issuer = await startIssuer({ database: watchedDatabaseAddress() });
  const spa = await registerSite(issuer, 'spa', { token_endpoint_auth_method: 'none' });
  await registerSite(issuer, 'other');
  const ann = await newMember(issuer, spa, 'ann@example.com');
  token = (await memberToken(issuer, spa, ann, { api: 'account' })).access_token;
  commands = await commandsOf(issuer.db, new Set());
});

const preflight = (origin: string, path = me) =>
  fetch(new URL(path, issuer.url), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,dpop,if-match',
    },
  });
const allowed = (answer: { headers: Headers }) => answer.headers.get('access-control-allow-origin');

describe('a preflight', () => {
  it('is answered for the sites of relying parties, without cookies', async () => {
    const answer = await preflight('https://spa.example');
    expect([answer.status, allowed(answer)]).toEqual([204, 'https://spa.example']);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/Authorization.*DPoP.*If-Match/);
    expect(answer.headers.get('access-control-max-age')).toBe('600');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it.each([
    ['https://unknown.example'],
    ['https://spa.example.evil.example'],
    ['https://spa.exampl'],
    ['http://spa.example'],
    ['https://spa.example:8443'],
    ['https://spa.example/'],
    ['null'],
    ['https://spa.example$'],
  ])('allows nothing to anybody else: %s', async (origin) => {
    expect(allowed(await preflight(origin))).toBeNull();
  });

  it('is remembered for a minute, so that it costs the database little', async () => {
    await preflight('https://other.example');
    commands.length = 0;
    await preflight('https://other.example');
    expect(commands.filter((each) => each.endsWith(' clients'))).toEqual([]);
  });

  it('allows nothing any more when the client is disabled', async () => {
    await registerSite(issuer, 'leaving');
    expect(allowed(await preflight('https://leaving.example'))).toBe('https://leaving.example');
    await issuer.issuer.core.clients.disable('leaving', systemVisit('test'));
    issuer.clock.advance(61_000);
    expect(allowed(await preflight('https://leaving.example'))).toBeNull();
  });

  it('allows nothing on the Configuration API', async () => {
    expect(allowed(await preflight('https://spa.example', '/api/configuration/whoami'))).toBeNull();
  });
});

describe('a page of another origin', () => {
  it('may read what it gets with a token of its own client, refusals included', async () => {
    const origin = 'https://spa.example';
    const answer = await ask(issuer, me, { token, headers: { origin } });
    expect([answer.status, allowed(answer)]).toEqual([200, origin]);
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/ETag.*DPoP-Nonce/);
    const refused = await ask(issuer, me, { token: 'unknown', headers: { origin } });
    expect([refused.status, allowed(refused)]).toEqual([401, origin]);
  });

  it('gets nothing with a token of another’s client', async () => {
    const answer = await ask(issuer, me, { token, headers: { origin: 'https://other.example' } });
    expect([answer.status, answer.json.code, allowed(answer)]).toEqual([403, 'origin.refused', null]);
  });

  it('may be the issuer’s own', async () => {
    expect((await ask(issuer, me, { token, headers: { origin: issuer.url } })).status).toBe(200);
  });
});

describe('a call', () => {
  it('costs the database one command, with all that the token leans on', async () => {
    await ask(issuer, me, { token });
    commands.length = 0;
    await ask(issuer, me, { token });
    const own = commands.filter((each) =>
      /^(?:aggregate|find|update|insert) (?!jobs|outbox|throttles|deliveries)/.test(each),
    );
    expect(own).toEqual(['aggregate artefacts']);
  });
});
