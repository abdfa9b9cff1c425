import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, opensUserinfo, post, refresh, type SignedIn, signedIn } from '../world.ts';

describe('signing out at a relying party’s wish', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let grocery: RelyingParty;
  let member: SignedIn;
  const back = 'https://airline.example/signed-out';

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
    member = await newMember(issuer, site, 'leaver@example.com');
  });

  const someone = () => signedIn(issuer, site, member);

  const signOutUrl = (parameters: Record<string, string>) =>
    client.buildEndSessionUrl(site.config, parameters).href;

  async function isSignedIn(agent: Agent): Promise<boolean> {
    const { page } = await site.open(agent, { prompt: 'none' });
    return page.url.includes('code=');
  }

  const hint = ({ tokens }: SignedIn) => tokens.id_token ?? '';

  it('asks, changes nothing by asking, and goes back to the registered address with the state', async () => {
    const leaver = await someone();
    const url = signOutUrl({ id_token_hint: hint(leaver), post_logout_redirect_uri: back, state: 'abc' });
    const page = await leaver.agent.open(url);
    expect(page.status).toBe(200);
    expect(await isSignedIn(leaver.agent)).toBe(true);
    const asked = await leaver.agent.open(url);
    const done = await leaver.agent.submit(asked, { logout: 'yes' }, '/sign-out');
    expect(done.url).toBe(`${back}?state=abc`);
    expect(await isSignedIn(leaver.agent)).toBe(false);
    expect(leaver.agent.cookies.some(({ name }) => name === 'session')).toBe(false);
  });

  it('shows where it ended when no client is named', async () => {
    const { agent } = await someone();
    const done = await agent.submit(
      await agent.open(`${issuer.url}/sign-out`),
      { logout: 'yes' },
      '/sign-out',
    );
    expect(done.status).toBe(200);
    expect(done.url.startsWith(issuer.url)).toBe(true);
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('ends the tokens that belong to the session at every site', async () => {
    const { agent, tokens } = await someone();
    const theirs = await grocery.silently(agent);
    const code = await freshCode(grocery, agent);
    await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    for (const token of [tokens.access_token, theirs.access_token]) {
      expect(await opensUserinfo(issuer, token)).toBe(false);
    }
    expect(await refresh(site, tokens.refresh_token ?? '')).toBeUndefined();
    expect(await refresh(grocery, theirs.refresh_token ?? '')).toBeUndefined();
    expect((await post(issuer, '/token', code, { as: 'grocery' })).json.error).toBe('invalid_grant');
  });

  it('leaves the member’s other browsers alone', async () => {
    const { agent } = await someone();
    const other = await someone();
    await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    expect(await isSignedIn(other.agent)).toBe(true);
    expect(await opensUserinfo(issuer, other.tokens.access_token)).toBe(true);
  });

  it('makes an old cookie worthless', async () => {
    const { agent } = await someone();
    const copy = issuer.agent();
    copy.cookies.push(...agent.cookies.map((cookie) => ({ ...cookie })));
    await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    expect(await isSignedIn(copy)).toBe(false);
  });

  it.each([
    'https://airline.example/signed-out/',
    'https://airline.example/signed-out?x=1',
    'https://airline.example/SIGNED-OUT',
    'https://airline.example/signed-out#there',
    'https://airline.example.evil.example/signed-out',
    'https://evil.example/',
    '//evil.example',
    'javascript:alert(1)',
  ])('does not go to %s, which is not registered letter by letter', async (target) => {
    const { agent } = await someone();
    const page = await agent.open(
      `${issuer.url}/sign-out?client_id=airline&post_logout_redirect_uri=${encodeURIComponent(target)}`,
    );
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    expect(page.text).not.toContain('Error:');
    expect(await isSignedIn(agent)).toBe(true);
  });

  it('goes nowhere when only an address and no client is named', async () => {
    const { agent } = await someone();
    const page = await agent.open(
      `${issuer.url}/sign-out?post_logout_redirect_uri=${encodeURIComponent(back)}`,
    );
    const done = await agent.submit(page, { logout: 'yes' }, '/sign-out');
    expect(done.url.startsWith(issuer.url)).toBe(true);
  });

  it('is not done by another site’s form, which cannot know the session’s own token', async () => {
    const { agent } = await someone();
    const form = (await agent.open(`${issuer.url}/sign-out`)).forms[0];
    for (const xsrf of ['', 'guessed', undefined]) {
      const answer = await agent.request(form?.action ?? '', {
        form: { logout: 'yes', ...(xsrf !== undefined && { xsrf }) },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(await isSignedIn(agent)).toBe(true);
  });

  it('is answered kindly when nobody is signed in', async () => {
    const agent = issuer.agent();
    const page = await agent.open(`${issuer.url}/sign-out?client_id=airline`);
    expect(page.status).toBe(200);
    const done = page.forms[0] ? await agent.submit(page, {}) : page;
    expect(done.status).toBe(200);
  });

  it('refuses a hint that is not an ID token of this issuer', async () => {
    const leaver = await someone();
    const { agent } = leaver;
    const forged = `${hint(leaver).split('.').slice(0, 2).join('.')}.AAAA`;
    for (const wrong of ['nonsense', 'a.b.c', forged]) {
      const page = await agent.open(`${issuer.url}/sign-out?id_token_hint=${wrong}`);
      expect(page.status).toBe(400);
    }
    expect(await isSignedIn(agent)).toBe(true);
  });
});
