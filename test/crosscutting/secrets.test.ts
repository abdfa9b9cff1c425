/** Secrets and personal values of the main journeys, looked for wherever they must never be. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import type { Agent, Page } from '../support/agent.ts';
import { collectionsHolding, everythingStored } from '../support/everything.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { mailedCode, register } from '../support/people.ts';
import { RelyingParty } from '../support/relying-party.ts';

const email = 'canary.mailbox@feathers.example';
const password = 'canary perch violin seventy';
const wrongPassword = 'canary wrong violin eleven';
const newPassword = 'canary renewed tractor ninety';
const name = 'Canaria Federspiel';
const hints = {
  login_hint: 'canary-hint@feathers.example',
  state: 'canary-state-5b1d',
  nonce: 'canary-nonce-77aa',
};

describe('secrets and personal values', () => {
  let issuer: TestIssuer;
  /** What was seen on the way, by what it is. */
  const canaries: Record<string, string> = {
    email,
    'mail name': 'canary.mailbox',
    password,
    'wrong password': wrongPassword,
    'new password': newPassword,
    name,
    ...hints,
  };
  const errorPages: Page[] = [];

  beforeAll(async () => {
    issuer = await startIssuer();
    const shop = await RelyingParty.register(issuer, { id: 'canary-shop' });
    const api = await RelyingParty.register(issuer, {
      id: 'canary-api',
      resourceServer: true,
      metadata: { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
    });
    canaries['client secret'] = 'secret-of-canary-shop-0123456789abcdef0123456789';
    canaries['basic credentials'] = Buffer.from(`canary-shop:${canaries['client secret']}`).toString(
      'base64',
    );

    const agent = issuer.agent({ 'user-agent': 'CanaryBrowser/1.0' });
    const registered = await journey(shop, agent, (page) =>
      register(issuer, agent, page, { email, password }),
    );
    canaries['mailed code'] = await mailedCode(issuer, email);
    await rename(agent);

    const other = issuer.agent();
    await journey(shop, other, async (page) => {
      const asked = await other.submit(page, { identifier: email }, '/identifier');
      const refused = await other.submit(asked, { username: email, password: wrongPassword }, '/password');
      expect(refused.status).toBeGreaterThanOrEqual(400);
      return other.submit(refused, { username: email, password }, '/password');
    });

    const refreshed = await client.refreshTokenGrant(shop.config, registered.refresh_token ?? '');
    keep('refreshed', refreshed);
    await client.tokenIntrospection(api.config, refreshed.access_token);
    await client.fetchUserInfo(shop.config, refreshed.access_token, registered.claims()?.sub ?? '');
    await expect(client.refreshTokenGrant(shop.config, registered.refresh_token ?? '')).rejects.toThrow();

    await recover(shop);
    await provokeErrors(agent);
    for (const each of [agent, other]) {
      for (const cookie of each.cookies)
        if (cookie.value.length > 15) canaries[`cookie ${cookie.name}`] = cookie.value;
    }
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
  });

  /** From the authorization to the tokens, keeping every secret on the way. */
  async function journey(shop: RelyingParty, agent: Agent, proceed: (page: Page) => Promise<Page>) {
    const { page, begun } = await shop.open(agent);
    const back = await proceed(page);
    canaries['authorization code'] = new URL(back.url).searchParams.get('code') ?? 'no code';
    canaries['code verifier'] = begun.verifier;
    canaries['random state'] = begun.state;
    const tokens = await shop.finish(back, begun);
    keep('first', tokens);
    return tokens;
  }

  function keep(which: string, tokens: client.TokenEndpointResponse): void {
    for (const kind of ['access_token', 'refresh_token', 'id_token'] as const) {
      const value = tokens[kind];
      if (value) canaries[`${which} ${kind}`] = value;
    }
  }

  async function rename(agent: Agent): Promise<void> {
    const profile = await agent.open('/account/profile');
    const saved = await agent.submit(profile, { name }, '/account/profile');
    expect(saved.text).toContain(name);
  }

  async function recover(shop: RelyingParty): Promise<void> {
    const agent = issuer.agent();
    const { page } = await shop.open(agent);
    const before = issuer.mailbox.messages().length;
    const link = /href="([^"]*view=recover[^"]*)"/.exec(page.text)?.[1];
    const asked = await agent.submit(page, { identifier: email }, '/identifier');
    const href = link ?? /href="([^"]*view=recover[^"]*)"/.exec(asked.text)?.[1] ?? '';
    const form = await agent.open(new URL(href.replaceAll('&amp;', '&'), asked.url).href);
    const sent = await agent.submit(form, { identifier: email }, '/recover');
    const code = await mailedCode(issuer, email, before);
    canaries['recovery code'] = code;
    const link2 = /\/recover\/link[#?][^\s"]*?([\w-]{22,})/.exec(
      issuer.mailbox.messages().at(-1)?.text ?? '',
    )?.[1];
    if (link2) canaries['recovery link'] = link2;
    const proven = await agent.submit(sent, { code }, '/recover/code');
    const done = await agent.submit(proven, { password: newPassword }, '/new-password');
    expect(done.url).toContain('canary-shop.example');
  }

  async function provokeErrors(agent: Agent): Promise<void> {
    const query = new URLSearchParams({ client_id: 'nobody', response_type: 'code', ...hints });
    const attempts = [
      agent.request(`/authorize?${query}`),
      agent.request(
        `/authorize?${new URLSearchParams({ client_id: 'canary-shop', redirect_uri: 'https://evil.example/', ...hints })}`,
      ),
      agent.request(`/nowhere/${encodeURIComponent(email)}?password=${encodeURIComponent(password)}`),
      agent.request('/interaction/unknown/password', { form: { username: email, password } }),
      agent.request('/account/profile', { form: { name, csrf: 'wrong' } }),
      agent.request('/token', {
        form: {
          grant_type: 'authorization_code',
          code: canaries['authorization code'] ?? '',
          client_id: 'canary-shop',
          client_secret: 'canary-wrong-secret',
        },
      }),
      agent.request(
        `/end_session?${new URLSearchParams({ id_token_hint: canaries['first id_token'] ?? '', state: hints.state, post_logout_redirect_uri: 'https://evil.example' })}`,
      ),
      agent.request(`/account`, {
        method: 'POST',
        body: `%%%${password}`,
        headers: { 'content-type': 'text/plain' },
      }),
    ];
    errorPages.push(...(await Promise.all(attempts)));
  }

  it('were really on the way', () => {
    expect(Object.keys(canaries).length).toBeGreaterThan(20);
    expect(Object.values(canaries).filter((value) => value.length < 8)).toEqual([]);
    expect(issuer.logLines.length).toBeGreaterThan(40);
    expect(errorPages.filter(({ status }) => status < 400).map(({ url, status }) => [url, status])).toEqual(
      [],
    );
  });

  it('would be found if they were there', async () => {
    expect(await collectionsHolding(issuer.db, 'canary-shop')).toContain('events');
    expect(issuer.logLines.some((line) => line.includes('canary-shop'))).toBe(true);
  });

  it('stand in no log line', () => {
    const lines = issuer.logLines.map((line) => line.toLowerCase());
    const leaks = Object.entries(canaries).flatMap(([what, value]) =>
      lines.filter((line) => line.includes(value.toLowerCase())).map((line) => `${what}: ${line}`),
    );
    expect(leaks).toEqual([]);
    expect(lines.filter((line) => line.includes('feathers'))).toEqual([]);
  });

  it('stand in no event, and no full address of a visitor does', async () => {
    const events = JSON.stringify((await everythingStored(issuer.db)).get('events'));
    expect(events.length).toBeGreaterThan(1000);
    const leaks = Object.entries(canaries).filter(([, value]) => events.includes(value));
    expect(leaks.map(([what]) => what)).toEqual([]);
    expect(events).not.toContain('127.0.0.1');
    expect(events).not.toContain('CanaryBrowser');
  });

  it('are shown on no error page', () => {
    const leaks = errorPages.flatMap(({ url, text }) =>
      Object.entries(canaries)
        .filter(([, value]) => text.includes(value))
        .map(([what]) => `${what} on ${new URL(url).pathname}`),
    );
    expect(leaks).toEqual([]);
  });

  it('stand readable in no collection', async () => {
    const held = await Promise.all(
      Object.entries(canaries).map(
        async ([what, value]) => [what, await collectionsHolding(issuer.db, value)] as const,
      ),
    );
    expect(held.filter(([, collections]) => collections.length > 0)).toEqual([]);
  });

  it('label no metric', async () => {
    const { text } = await issuer.issuer.core.metrics.render();
    const leaks = Object.entries(canaries).filter(([, value]) => text.includes(value));
    expect(leaks.map(([what]) => what)).toEqual([]);
    expect(text).not.toMatch(/feathers|mbr_/);
  });
});
