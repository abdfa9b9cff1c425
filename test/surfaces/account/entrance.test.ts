import { describe, expect, it } from '@jest/globals';
import { signIn } from '../../support/people.ts';
import { startWorld } from './world.ts';

const world = await startWorld();

const pages = ['', '/profile', '/security', '/sessions', '/applications', '/consents'];

describe('somebody who is not signed in', () => {
  it.each(pages)('is sent to sign in and comes back to /account%s', async (path) => {
    const member = await world.member();
    const agent = world.issuer.agent();
    const page = await signIn(agent, await agent.open(`/account${path}`), member);
    expect(page.status).toBe(200);
    expect(new URL(page.url).pathname).toBe(`/account${path}`);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('is sent to the password form by password managers', async () => {
    const member = await world.member();
    const agent = world.issuer.agent();
    const first = await agent.request('/.well-known/change-password');
    expect(first.status).toBe(302);
    expect(first.headers.get('location')).toBe('/account/security');
    const page = await signIn(agent, await agent.open('/.well-known/change-password'), member);
    expect(new URL(page.url).pathname).toBe('/account/security');
    expect(page.text).toContain('name="current_password"');
  });

  it('finds nothing at an unknown well-known address', async () => {
    const page = await world.issuer.agent().request('/.well-known/resource-that-should-not-exist');
    expect(page.status).toBe(404);
  });

  it('cannot change anything, even with a token of the form', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const page = await agent.open('/account/profile');
    agent.cookies.splice(0, agent.cookies.length, ...agent.cookies.filter(({ name }) => name === 'device'));
    const form = page.forms.find(({ action }) => action.endsWith('/account/profile'));
    const refused = await agent.request('/account/profile', { form: { ...form?.fields, name: 'X' } });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('Please sign in');
  });

  it('is told so, and not sent around, when they turn back at the sign-in', async () => {
    const agent = world.issuer.agent();
    const page = await agent.submit(await agent.open('/account'), {}, '/cancel');
    expect(page.status).toBe(401);
    expect(new URL(page.url).pathname).toBe('/account/signed-in');
  });
});

describe('the return from a sign-in', () => {
  it.each(['', '?state=x', '?state=Ly9ldmlsLmV4YW1wbGU.x', '?state=//evil.example', '?next=//evil.example'])(
    'never leads elsewhere: %s',
    async (query) => {
      const agent = await world.signedIn(await world.member());
      const page = await agent.request(`/account/signed-in${query}`);
      expect(page.headers.get('location')).toBe('/account');
    },
  );
});

describe('every form of the account pages', () => {
  it('is refused without a token, with another browser’s, and from another site', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const stranger = await world.signedIn(await world.member());
    const foreign = (await stranger.open('/account/profile')).forms.find(({ action }) =>
      action.endsWith('/account/profile'),
    );
    const own = (await agent.open('/account/profile')).forms.find(({ action }) =>
      action.endsWith('/account/profile'),
    );
    const forms = world.issuer.issuer.routes.filter(
      ({ name, method }) => name.startsWith('account.') && method === 'POST',
    );
    expect(forms.length).toBeGreaterThanOrEqual(7);
    for (const { path, csrf } of forms) {
      expect({ path, csrf }).toEqual({ path, csrf: 'checked' });
      const target = path
        .replace(':provider', 'google')
        .replace(':id', 'abc')
        .replace(/:\w+/, 'marketing-email');
      for (const [form, headers] of [
        [{}, {}],
        [{ _csrf: foreign?.fields._csrf ?? '' }, {}],
        [
          { _csrf: own?.fields._csrf ?? '' },
          { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
        ],
      ] as const) {
        const answer = await agent.request(target, { form, headers });
        expect({ path, status: answer.status }).toEqual({ path, status: 403 });
      }
    }
    expect(await world.eventsOf(member)).not.toContain('session.revoked others');
  });
});

describe('signing out', () => {
  it('asks first', async () => {
    const agent = await world.signedIn(await world.member());
    const page = await agent.open('/account/sign-out');
    expect(page.status).toBe(200);
    expect(new URL(page.url).pathname).toBe('/sign-out');
    expect((await agent.open('/account')).status).toBe(200);
  });
});
