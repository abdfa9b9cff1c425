import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { register } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';

let issuer: TestIssuer;
let airline: RelyingParty;
let grocery: RelyingParty;
let count = 0;
beforeAll(async () => {
  issuer = await startIssuer();
  airline = await RelyingParty.register(issuer, { id: 'airline' });
  grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
});

/** A member at two apps, at the page that asks whether to sign out. */
async function atSignOut(parameters: Record<string, string> = {}) {
  count += 1;
  const agent = issuer.agent();
  const { page, begun } = await airline.open(agent);
  const back = await register(issuer, agent, page, { email: `out${count}@example.com` });
  const tokens = await airline.finish(back, begun);
  await grocery.silently(agent);
  const url = client.buildEndSessionUrl(airline.config, {
    id_token_hint: tokens.id_token ?? '',
    ...parameters,
  });
  return { agent, tokens, page: await agent.open(url.href), email: `out${count}@example.com` };
}

describe('signing out', () => {
  it('asks once, and names who and which apps', async () => {
    const { page, email } = await atSignOut();
    expect(page.status).toBe(200);
    for (const text of [email, 'Test airline', 'Test grocery']) expect(page.text).toContain(text);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('ends everywhere and returns to the registered address with its state', async () => {
    const { agent, tokens, page } = await atSignOut({
      post_logout_redirect_uri: 'https://airline.example/signed-out',
      state: 'keep-me',
    });
    const back = new URL((await agent.submit(page, { logout: 'yes' }, '/sign-out')).url);
    expect(`${back.origin}${back.pathname}`).toBe('https://airline.example/signed-out');
    expect(back.searchParams.get('state')).toBe('keep-me');
    for (const party of [airline, grocery]) await expect(party.silently(agent)).rejects.toThrow();
    await expect(client.refreshTokenGrant(airline.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('ends on a page with a way on where no address was given', async () => {
    const { agent, page } = await atSignOut();
    const done = await agent.submit(page, { logout: 'yes' }, '/sign-out');
    expect(done.status).toBe(200);
    expect(done.text).toMatch(/<a class="button primary" href="https:\/\/airline\.example/);
  });

  it('can be left: the person goes back to the app and is still signed in everywhere', async () => {
    const { agent, tokens, page } = await atSignOut();
    expect(page.text).toMatch(/<a class="button quiet" href="https:\/\/airline\.example\/?">/);
    expect(page.text).not.toContain('value="no"');
    for (const party of [airline, grocery]) expect((await party.silently(agent)).access_token).toBeTruthy();
    expect(
      (await client.refreshTokenGrant(airline.config, tokens.refresh_token ?? '')).access_token,
    ).toBeTruthy();
  });

  it('never returns to an address that is not registered', async () => {
    const { page } = await atSignOut({ post_logout_redirect_uri: 'https://evil.example/' });
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('href="https://evil.example');
  });

  it('is refused when another site sends the form', async () => {
    const { agent, page } = await atSignOut();
    const form = page.forms.find(({ action }) => action.includes('/sign-out'));
    const answer = await agent.request(form?.action ?? '', { form: { logout: 'yes', xsrf: 'guessed' } });
    expect(answer.status).toBe(400);
    expect((await airline.silently(agent)).access_token).toBeTruthy();
  });
});
