import { describe, expect, it } from '@jest/globals';
import { RelyingParty } from '../../support/relying-party.ts';
import { post, startWorld } from './world.ts';

const world = await startWorld();
const grocery = await RelyingParty.register(world.issuer, { id: 'grocery', brand: 'greenleaf' });
const path = '/account/sessions';
const phone = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
};

describe('the devices page', () => {
  it('shows each session with its device, place and apps, and marks this one', async () => {
    const member = await world.member();
    await world.signedIn(member, phone);
    const agent = await world.signedIn(member);
    await grocery.silently(agent);
    const page = await agent.open(path);
    expect(page.text).toContain('Safari on iPhone');
    expect(page.text).toContain('This network');
    expect(page.text).toContain('Test grocery');
    expect(page.text.match(/This device/g)).toHaveLength(1);
    expect(page.forms.filter(({ action }) => action.endsWith('/end'))).toHaveLength(1);
  });

  it('ends one session: at its next request it is over', async () => {
    const member = await world.member();
    const other = await world.signedIn(member, phone);
    const agent = await world.signedIn(member);
    const before = (await world.eventsOf(member)).length;
    const page = await agent.open(path);
    expect((await post(agent, page, '/end')).status).toBe(303);
    expect((await agent.open(path)).text).toContain('That device is signed out.');
    expect((await other.request('/account')).headers.get('location')).toMatch(/^\/authorize\?/);
    expect(await world.eventsOf(member, before)).toEqual(['session.revoked one']);
    expect((await post(agent, page, '/end')).status).toBe(303);
    expect(await world.eventsOf(member, before)).toEqual(['session.revoked one']);
  });

  it('ends all others and the tokens that lean on them, and keeps this one', async () => {
    const member = await world.member();
    const others = [await world.signedIn(member, phone), await world.signedIn(member)];
    const [first] = others;
    const tokens = first && (await grocery.silently(first));
    const agent = await world.signedIn(member);
    const done = await post(agent, await agent.open(path), '/end-others');
    expect(done.status).toBe(303);
    for (const other of others) expect((await other.request('/account')).status).toBe(303);
    const userinfo = await fetch(`${world.issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${tokens?.access_token}` },
    });
    expect(userinfo.status).toBe(401);
    const page = await agent.open(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('All other devices are signed out.');
    expect(page.forms.filter(({ action }) => action.endsWith('/end'))).toHaveLength(0);
  });

  it('ends nobody else’s session', async () => {
    const member = await world.member();
    const stranger = await world.signedIn(await world.member());
    await world.signedIn(member, phone);
    const agent = await world.signedIn(member);
    const form = (await agent.open(path)).forms.find(({ action }) => action.endsWith('/end'));
    const own = (await stranger.open('/account/profile')).forms.find(({ action }) =>
      action.endsWith('/profile'),
    );
    const answer = await stranger.request(new URL(form?.action ?? '').pathname, {
      form: { _csrf: own?.fields._csrf ?? '' },
    });
    expect(answer.status).toBe(303);
    expect((await agent.open(path)).forms.filter(({ action }) => action.endsWith('/end'))).toHaveLength(1);
  });

  it('asks before it ends the present one', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const [session] = await world.issuer.issuer.oidc.inUnit(() =>
      world.issuer.issuer.oidc.sessions.list(member.id),
    );
    const token = (await agent.open('/account/profile')).forms.find(({ action }) =>
      action.endsWith('/profile'),
    );
    const answer = await agent.request(`${path}/${session?.id}/end`, {
      form: { _csrf: token?.fields._csrf ?? '' },
    });
    expect(answer.headers.get('location')).toBe('/account/sign-out');
    expect((await agent.request('/account')).status).toBe(200);
  });
});
