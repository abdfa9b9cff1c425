import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import type { Agent } from '../../support/agent.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { linkOn, startWorld, type World } from './world.ts';

let world: World;
let partner: RelyingParty;
beforeAll(async () => {
  world = await startWorld();
  partner = await RelyingParty.register(world.issuer, { id: 'partner', firstParty: false });
});

/** Allows everything the partner asks, except what is named. */
async function allow(agent: Agent, parameters: Record<string, string> = {}, but: readonly string[] = []) {
  const { page, begun } = await partner.open(agent, parameters);
  const names = [...page.text.matchAll(/name="(scope\.[\w:]+)"/g)].map(([, name = '']) => name);
  const ticked = names.filter((name) => !but.includes(name)).map((name) => [name, 'yes']);
  const back = await agent.submit(page, { ...Object.fromEntries(ticked), decision: 'allow' }, '/consent');
  return { page, tokens: await partner.finish(back, begun) };
}

describe("a third party's consent page", () => {
  it('names the app, its host, who is signed in, and each scope in plain words', async () => {
    const { agent, email } = await world.member();
    const { page } = await partner.open(agent, {
      scope: 'openid profile email offline_access',
      prompt: 'consent',
    });
    expect(page.status).toBe(200);
    for (const text of ['Test partner', 'partner.example', email]) expect(page.text).toContain(text);
    expect(page.text).not.toMatch(/<span>(?:<bdi>)?(openid|profile|email|offline_access) ?</);
    expect(linkOn(page, '/account/applications')).toContain(world.issuer.url);
    expect(page.text).not.toContain('<img');
    expect(page.headers.get('content-security-policy')).toContain('https://partner.example');
  });

  it('gives tokens for what was ticked and for nothing else', async () => {
    const { agent, id } = await world.member();
    const { tokens } = await allow(agent, {}, ['scope.email']);
    expect(tokens.claims()?.sub).not.toBe(id);
    const info = await client.fetchUserInfo(partner.config, tokens.access_token, tokens.claims()?.sub ?? '');
    expect(info.email).toBeUndefined();
    expect(tokens.scope?.split(' ').sort()).toEqual(['openid', 'profile']);
  });

  it('answers access_denied with the state when the member refuses', async () => {
    const { agent } = await world.member();
    const { page, begun } = await partner.open(agent);
    const back = new URL((await agent.submit(page, { decision: 'refuse' }, '/consent')).url);
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe(begun.state);
  });

  it('is shown once; on another browser of the same member too', async () => {
    const { agent, email } = await world.member();
    await allow(agent);
    expect((await partner.silently(agent)).access_token).toBeTruthy();
    const other = await world.start();
    const asked = await other.agent.submit(other.page, { identifier: email }, '/identifier');
    await other.agent.submit(
      asked,
      { username: email, password: 'plum tractor violin seventy' },
      '/password',
    );
    expect((await partner.silently(other.agent)).access_token).toBeTruthy();
  });

  it('is shown again for prompt=consent, with what is allowed already ticked, and for what is new', async () => {
    const { agent } = await world.member();
    await allow(agent, { scope: 'openid profile' });
    const again = await partner.open(agent, { scope: 'openid profile', prompt: 'consent' });
    expect(again.page.forms.find(({ action }) => action.endsWith('/consent'))?.fields['scope.profile']).toBe(
      'yes',
    );
    const more = await partner.open(agent, { scope: 'openid profile email' });
    expect(more.page.status).toBe(200);
    expect(more.page.text).toContain('class="badge"');
  });

  it('keeps what was allowed as evidence', async () => {
    const { agent, id } = await world.member();
    await allow(agent);
    const { consents } = world.issuer.issuer.people;
    const grant = await consents.grantOf(id, 'partner');
    expect([...(grant?.scopes ?? [])].sort()).toEqual(['email', 'openid', 'profile']);
    const rows = await consents.history(id);
    expect(rows.find(({ subject }) => subject === 'grant')).toMatchObject({
      subjectId: 'partner',
      kind: 'given',
    });
  });

  it('can be taken back: grant and refresh token are dead at once', async () => {
    const { agent, id } = await world.member();
    const { tokens } = await allow(agent, { scope: 'openid profile offline_access', prompt: 'consent' });
    expect(tokens.refresh_token).toBeTruthy();
    const page = await agent.open('/account/applications');
    const form = page.forms.findIndex(({ action }) => /applications/.test(action));
    await agent.submit(page, {}, form);
    expect(await world.issuer.issuer.people.consents.grantOf(id, 'partner')).toBeUndefined();
    await world.mailsTo('nobody');
    await expect(client.refreshTokenGrant(partner.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(partner.silently(agent)).rejects.toThrow();
  });

  it('lets somebody else sign in instead', async () => {
    const first = await world.member();
    const { email } = await world.member();
    const { page } = await partner.open(first.agent);
    const signIn = await first.agent.submit(page, {}, '/switch');
    expect(signIn.text).not.toContain(first.email);
    const asked = await first.agent.submit(signIn, { identifier: email }, '/identifier');
    const next = await first.agent.submit(
      asked,
      { username: email, password: 'plum tractor violin seventy' },
      '/password',
    );
    // The library ends the other session first, through a form that submits itself.
    const consent =
      next.forms.length > 0 && !next.text.includes('decision') ? await first.agent.submit(next, {}, 0) : next;
    expect(consent.text).toContain(email);
    expect(consent.text).toContain('Test partner');
  });

  it('counts only where it was asked: no consent without a sign-in that was demanded', async () => {
    const { agent, id } = await world.member();
    const { page } = await partner.open(agent, { prompt: 'login' });
    const form = page.forms.find(({ action }) => action.endsWith('/identifier'));
    const answer = await agent.request((form?.action ?? '').replace('/identifier', '/consent'), {
      form: { _csrf: form?.fields._csrf ?? '', decision: 'allow', 'scope.email': 'yes' },
    });
    expect(answer.headers.get('location')).toBe(new URL(page.url).pathname);
    expect(await world.issuer.issuer.people.consents.grantOf(id, 'partner')).toBeUndefined();
  });
});

describe('an app of the program', () => {
  it('asks no consent, but is not passed unseen where prompt=consent is asked', async () => {
    const { agent } = await world.member();
    const { page, begun } = await world.grocery.open(agent, { prompt: 'consent' });
    expect(page.status).toBe(200);
    const back = await agent.submit(page, {}, '/continue');
    expect((await world.grocery.finish(back, begun)).access_token).toBeTruthy();
  });
});
