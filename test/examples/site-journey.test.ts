import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import type { DemoPorts, DemoWorld } from '../../examples/demo-world.ts';
import { demoClients, startDemoWorld } from '../../examples/demo-world.ts';
import { runNativeApp } from '../../examples/native-app/app.ts';
import { clientInput } from '../../src/business/clients/client-input.ts';

/**
 * The sites against the protocol library alone, in memory, with its own development pages: what is tested here is
 * the relying party's half of the conversation.
 */
let issuer: string;
let server: Server;
let provider: Provider;
let world: DemoWorld;
let browser: Browser;

type Browser = ReturnType<typeof createBrowser>;

/** A browser as far as these journeys need one: cookies by host, redirects, *.localhost on the loopback address. */
function createBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const visited: string[] = [];
  async function open(url: string, form?: Record<string, string>, origin?: string): Promise<Page> {
    const target = new URL(url);
    visited.push(url);
    const jar = jars.get(target.hostname) ?? new Map<string, string>();
    jars.set(target.hostname, jar);
    const answer = await exchange(target, form, {
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(form ? { origin: origin ?? target.origin } : {}),
    });
    for (const cookie of answer.cookies) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      if (/expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    if (answer.location) return open(new URL(answer.location, url).href);
    return { url, status: answer.status, text: answer.text };
  }
  return { open, visited };
}

/** One exchange by node:http, because fetch sends no Host of one's own and knows no *.localhost. */
async function exchange(
  target: URL,
  form: Record<string, string> | undefined,
  headers: Record<string, string>,
) {
  const sent = request({
    host: '127.0.0.1',
    port: target.port,
    path: `${target.pathname}${target.search}`,
    method: form ? 'POST' : 'GET',
    headers: {
      host: target.host,
      ...headers,
      ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
  });
  sent.end(form ? String(new URLSearchParams(form)) : '');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: answer.statusCode ?? 0,
    location: answer.headers.location,
    cookies: answer.headers['set-cookie'] ?? [],
    text: await text(answer),
  };
}

interface Page {
  url: string;
  status: number;
  text: string;
}

/** Fills in the library's own development pages until the browser is back at a site. */
async function passInteractions(page: Page, login: string): Promise<Page> {
  let current = page;
  for (let step = 0; step < 4 && current.url.startsWith(`${issuer}/interaction/`); step += 1) {
    const prompt = /name="prompt" value="(\w+)"/.exec(current.text)?.[1] ?? '';
    current = await browser.open(
      current.url,
      prompt === 'login' ? { prompt, login, password: 'x' } : { prompt },
    );
  }
  return current;
}

function claim(page: Page, name: string): string | undefined {
  return new RegExp(`data-claim="${name}">([^<]*)<`).exec(page.text)?.[1];
}

function site(id: string): string {
  return world.sites.find((each) => each.id === id)?.url ?? '';
}

/** Free ports, found by asking for them once and letting them go. */
async function freePorts(): Promise<DemoPorts> {
  const none = { airline: 0, grocery: 0, fuel: 0, drinks: 0, partner: 0, upstream: 0 };
  const secrets = Object.fromEntries(demoClients().map(({ id }) => [id, 's']));
  const trial = await startDemoWorld({ issuer: 'http://localhost:9', secrets, ports: none });
  const [airline = 0, grocery = 0, fuel = 0, drinks = 0, partner = 0] = trial.sites.map(({ url }) =>
    Number(new URL(url).port),
  );
  await trial.stop();
  return { airline, grocery, fuel, drinks, partner, upstream: 0 };
}

/** The library insists on https for `initiate_login_uri`; the issuer keeps that address to itself in the demo. */
function registered(ports: DemoPorts, secrets: Record<string, string>) {
  return demoClients(ports).map((client) => {
    const { initiate_login_uri: _start, ...metadata } = clientInput.parse(client).metadata;
    const secret =
      metadata.token_endpoint_auth_method === 'none' ? {} : { client_secret: secrets[client.id] };
    // The library's type knows no optional members that are undefined; JSON has none either.
    return JSON.parse(JSON.stringify({ client_id: client.id, ...metadata, ...secret }));
  });
}

async function signingKeys() {
  const keys = await Promise.all(
    ['ES256', 'RS256'].map((alg) => generateKeyPair(alg, { extractable: true })),
  );
  return { keys: await Promise.all(keys.map(({ privateKey }) => exportJWK(privateKey))) };
}

beforeAll(async () => {
  const ports = await freePorts();
  const secrets = Object.fromEntries(demoClients().map(({ id }) => [id, `secret-of-${id}`]));
  // The issuer's port must be known before the issuer is made, so a listener is opened first.
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, {
    clients: registered(ports, secrets),
    jwks: await signingKeys(),
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, accountId) => `other-name-of-${accountId}`,
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub', 'sid'], profile: ['name'], email: ['email'] },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: 'Ann <b>O</b>', email: 'ann@example.com' }),
    }),
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      devInteractions: { enabled: true },
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // The library refuses to speak to loopback addresses; the sites are there.
    fetch: (url, options = {}) => {
      Reflect.deleteProperty(options, 'dispatcher');
      return fetch(url, options);
    },
    pkce: { required: () => true },
  });
  server.on('request', provider.callback());
  world = await startDemoWorld({ issuer, secrets, ports });
});

beforeEach(() => {
  browser = createBrowser();
});

afterAll(async () => {
  await world?.stop();
  server?.closeAllConnections();
  if (server) await new Promise((resolve) => server.close(resolve));
});

describe('a member at the sites', () => {
  it('signs in once, steps over, refreshes, and signs out of all of them', async () => {
    const air = await passInteractions(await browser.open(`${site('aurora-air')}/login`), 'ann');
    expect(air.url).toBe(`${site('aurora-air')}/`);
    expect(air.text).toContain('You are signed in.');
    expect(claim(air, 'sub')).toBe('ann');
    expect(air.text).not.toContain('<b>O</b>');

    const refreshed = await browser.open(`${site('aurora-air')}/refresh`, {});
    expect(refreshed.text).toContain('The tokens are fresh.');
    expect(refreshed.text).toContain('data-refreshed="1"');
    const asked = await browser.open(`${site('aurora-air')}/userinfo`, {});
    expect(claim(asked, 'email')).toBe('ann@example.com');

    const market = await passInteractions(
      await browser.open(`${site('greenleaf-markets')}/login`),
      'nobody asks',
    );
    expect(claim(market, 'sub')).toBe('ann');
    const silent = await browser.open(`${site('greenleaf-markets')}/check`);
    expect(silent.text).toContain('Single sign-on works');

    const asking = await browser.open(`${site('aurora-air')}/logout`, {});
    const xsrf = /name="xsrf" value="(\w+)"/.exec(asking.text)?.[1] ?? '';
    const out = await browser.open(`${issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    expect(out.url).toBe(`${site('aurora-air')}/`);
    expect(out.text).toContain('You are signed out.');
    const marketAfter = await browser.open(`${site('greenleaf-markets')}/`);
    expect(marketAfter.text).toContain('You were signed out at the program');
    expect(marketAfter.text).not.toContain('data-claim');
  });

  it('hears in words that nobody is signed in, when only asked silently', async () => {
    const page = await browser.open(`${site('volt-fuel')}/check`);
    expect(page.text).toContain('You are not signed in at the program in this browser.');
    expect(page.text).toContain('href="/login"');
  });

  it('can refuse, and gets a way back', async () => {
    const asked = await browser.open(`${site('volt-fuel')}/login`);
    const page = await browser.open(`${asked.url}/abort`);
    expect(page.text).toContain('You chose not to go on');
    expect(page.text).toContain('href="/"');
  });

  it('leaves one site and stays known to the program', async () => {
    await passInteractions(await browser.open(`${site('volt-fuel')}/login`), 'bo');
    const left = await browser.open(`${site('volt-fuel')}/leave`, {});
    expect(left.text).toContain('You are signed out of this site');
    const back = await browser.open(`${site('volt-fuel')}/check`);
    expect(back.text).toContain('You arrived signed in.');
  });
});

describe('a partner outside the program', () => {
  it('knows the member by another name', async () => {
    await passInteractions(await browser.open(`${site('aurora-air')}/login`), 'eve');
    const page = await passInteractions(await browser.open(`${site('harbour-hotels')}/login`), 'nobody asks');
    expect(claim(page, 'sub')).toBe('other-name-of-eve');
  });
});

describe('a site', () => {
  it('takes no answer it did not ask for, and none twice', async () => {
    const foreign = await browser.open(`${site('aurora-air')}/callback?code=x&state=y`);
    expect(foreign.status).toBe(400);
    expect(foreign.text).toContain('This sign-in is over');
    expect(foreign.text).toContain('href="/login"');
    await passInteractions(await browser.open(`${site('aurora-air')}/login`), 'di');
    const answered = browser.visited.filter((url) => url.includes('/callback?')).at(-1) ?? '';
    expect((await browser.open(answered)).text).toContain('This sign-in is over');
  });

  it('takes forms only from its own pages', async () => {
    const evil = await browser.open(`${site('aurora-air')}/logout`, {}, 'http://evil.example');
    expect(evil.status).toBe(403);
    const opaque = await browser.open(`${site('aurora-air')}/logout`, {}, 'null');
    expect(opaque.status).toBe(403);
  });

  it('starts a sign-in for the issuer only', async () => {
    const stranger = await browser.open(`${site('aurora-air')}/start-login?iss=http://evil.example`);
    expect(stranger.status).toBe(400);
    const known = await browser.open(`${site('aurora-air')}/start-login?iss=${encodeURIComponent(issuer)}`);
    expect(known.url).toMatch(`${issuer}/interaction/`);
  });

  it('refuses a logout token that is none', async () => {
    const answer = await browser.open(`${site('aurora-air')}/backchannel-logout`, { logout_token: 'a.b.c' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_request' });
  });

  it('answers what it does not know plainly', async () => {
    expect(await browser.open(`${site('aurora-air')}/nowhere`)).toMatchObject({ status: 404 });
  });
});

describe("the demo's metadata", () => {
  it.each(demoClients().map(({ id }) => id))('of %s is accepted', async (clientId) => {
    expect(await provider.Client.find(clientId)).toBeDefined();
  });

  it('lets the machine act for itself', async () => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('points-engine:secret-of-points-engine')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(answer.status).toBe(200);
  });
});

describe('the native app', () => {
  it('signs in on a loopback port of the moment, refreshes, and revokes what it was given', async () => {
    const said: string[] = [];
    const journeys: Promise<Page>[] = [];
    const result = await runNativeApp({
      issuer,
      clientId: 'aurora-air-app',
      open: (url) => {
        journeys.push(browser.open(url).then((page) => passInteractions(page, 'cy')));
      },
      say: (line) => said.push(line),
    });
    const [last] = await Promise.all(journeys);
    expect(last?.text).toContain('Back to the app');
    expect(result).toMatchObject({ claims: { sub: 'cy' }, refreshed: true, revoked: true });
    expect(said.join('\n')).toContain('sub: "cy"');
  });

  it.each(['before', 'after'])('gives up when told so %s the address is shown', async (moment) => {
    const patience = new AbortController();
    if (moment === 'before') patience.abort();
    const gaveUp = runNativeApp({
      issuer,
      clientId: 'aurora-air-app',
      open: () => setImmediate(() => patience.abort()),
      say: () => undefined,
      signal: patience.signal,
    });
    await expect(gaveUp).rejects.toThrow('nobody came back');
  });
});
