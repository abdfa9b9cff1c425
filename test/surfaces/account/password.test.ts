import { describe, expect, it } from '@jest/globals';
import { demoAccounts, type GoogleAccount } from '../../../examples/upstream/accounts.ts';
import { goodPassword, signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post, startWorld } from './world.ts';

const world = await startWorld();
const grocery = await RelyingParty.register(world.issuer, { id: 'grocery', brand: 'greenleaf' });
const page = '/account/security';
const action = '/security/password';
const newPassword = 'nine otters juggle lanterns';
const change = { current_password: goodPassword, password: newPassword };

const [google] = demoAccounts.filter((each): each is GoogleAccount => each.provider === 'google');

describe('changing the password', () => {
  it('ends every other session and every token at once, and renews this session', async () => {
    const member = await world.member();
    const other = await world.signedIn(member);
    const agent = await world.signedIn(member);
    const tokens = await grocery.silently(agent);
    const old = agent.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const before = (await world.eventsOf(member)).length;
    expect((await post(agent, await agent.open(page), action, change)).status).toBe(303);
    const shown = await agent.open(page);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Your password was changed.');
    expect((await other.request('/account')).status).toBe(303);
    const stolen = await fetch(`${world.issuer.url}/account`, {
      headers: { cookie: old },
      redirect: 'manual',
    });
    expect(stolen.status).toBe(303);
    const userinfo = await fetch(`${world.issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(userinfo.status).toBe(401);
    expect(await world.eventsOf(member, before)).toEqual(['password.set change']);
    const again = world.issuer.agent();
    const arrived = await signIn(again, await again.open('/account'), { ...member, password: newPassword });
    expect(arrived.url).toMatch(/\/account$/);
  });

  it('tells the member by mail', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    await post(agent, await agent.open(page), action, change);
    const mails = await world.mailsTo(member);
    const mail = mails.find(({ subject }) => /password/i.test(subject));
    expect(mail?.text).toContain(`${world.issuer.url}/recover`);
  });

  it('keeps the session usable at the apps without a new sign-in', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    await grocery.silently(agent);
    await post(agent, await agent.open(page), action, change);
    const tokens = await grocery.silently(agent);
    expect(tokens.claims()?.sub).toBe(member.id);
  });

  it.each([
    [
      'the wrong current password',
      { current_password: 'not it at all' },
      'current_password',
      'did not match',
    ],
    ['no current password', { current_password: '' }, 'current_password', 'Enter your password'],
    ['no new password', { password: '' }, 'password', 'Enter your password'],
    ['a short one', { password: 'abc' }, 'password', 'at least 8 characters'],
    ['a weak one', { password: 'password1' }, 'password', 'easy to guess'],
    ['the name of a brand', { password: 'Aurora Air' }, 'password', 'easy to guess'],
    ['the old one', { password: goodPassword }, 'password', 'your old password'],
    ['more than 256 characters', { password: 'aB3 '.repeat(65) }, 'password', 'at most 256 characters'],
    ['an endless current one', { current_password: 'x'.repeat(5000) }, 'current_password', 'did not match'],
  ])('is refused with %s, beside its field', async (_name, values, field, words) => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const answer = await post(agent, await agent.open(page), action, { ...change, ...values });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`id="${field}-fault"`);
    expect(answer.text).toContain(words);
    expect(answer.text).not.toContain(newPassword);
    expect((await agent.request('/account')).status).toBe(200);
    expect((await world.eventsOf(member)).filter((event) => event === 'password.set change')).toEqual([]);
  });

  it('has one effect when it is sent twice at once, and both answers go on', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const form = await agent.open(page);
    const answers = await Promise.all([post(agent, form, action, change), post(agent, form, action, change)]);
    expect(answers.map(({ status }) => status)).toContain(303);
    const sets = (await world.eventsOf(member)).filter((event) => event === 'password.set change');
    expect(sets).toHaveLength(1);
  });

  it('cannot be guessed: tries are limited', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const form = await agent.open(page);
    let status = 0;
    for (let tries = 0; tries < 15 && status !== 429; tries += 1) {
      const answer = await post(agent, form, action, { ...change, current_password: `wrong ${tries}` });
      status = answer.status;
      if (status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(status).toBe(429);
  });

  it('leaves no password in the log', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    await post(agent, await agent.open(page), action, { ...change, current_password: 'canary wrong word' });
    await post(agent, await agent.open(page), action, change);
    const log = world.issuer.logLines.join('');
    for (const secret of [goodPassword, newPassword, 'canary wrong word', member.email])
      expect(log).not.toContain(secret);
  });
});

describe('a member without a password', () => {
  async function byGoogle() {
    if (!google) throw new Error('no Google account in the demo');
    const member = await world.member({ withPassword: false, google });
    const agent = world.issuer.agent();
    const first = await agent.open('/account');
    const left = await agent.submit(first, {}, '/upstream/google');
    const arrived = await world.choose(agent, left, { account: google?.sub ?? '' });
    return { member, agent, arrived };
  }

  it('sets one right after signing in, and after a fresh sign-in later', async () => {
    const { member, agent, arrived } = await byGoogle();
    expect(arrived.url).toMatch(/\/account$/);
    const form = await agent.open(page);
    expect(form.text).toContain('Set a password');
    expect(form.text).not.toContain('name="current_password"');
    world.issuer.clock.advance(6 * 60_000);
    const sent = await post(agent, form, action, { password: newPassword });
    expect(sent.status).toBe(303);
    expect(sent.headers.get('location')).toMatch(/^\/authorize\?.*max_age=0/);
    const again = await agent.open(sent.headers.get('location') ?? '');
    const left = await agent.submit(again, {}, '/upstream/google');
    const back = await world.choose(agent, left, { account: google?.sub ?? '' });
    expect(new URL(back.url).pathname).toBe(page);
    expect(back.text).toContain('You have signed in again.');
    expect((await post(agent, back, action, { password: newPassword })).status).toBe(303);
    expect((await agent.open(page)).text).toContain('name="current_password"');
    expect(await world.eventsOf(member)).toContain('password.set change');
  });
});
