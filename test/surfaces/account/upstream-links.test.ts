import { describe, expect, it } from '@jest/globals';
import {
  demoAccounts,
  type FacebookAccount,
  type GoogleAccount,
} from '../../../examples/upstream/accounts.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { signIn } from '../../support/people.ts';
import { post, type Someone, startWorld } from './world.ts';

const world = await startWorld();
const page = '/account/security';
const [google, otherGoogle] = demoAccounts.filter(
  (each): each is GoogleAccount => each.provider === 'google',
);
const [facebook] = demoAccounts.filter((each): each is FacebookAccount => each.provider === 'facebook');
if (!google || !otherGoogle || !facebook) throw new Error('the demo lacks an account');

const typesOf = ({ id }: Someone) => world.issuer.issuer.people.members.identifierTypes(id);

/** Begins to link and returns where the browser is sent. */
async function begin(agent: Agent, provider: string): Promise<Page> {
  const sent = await post(agent, await agent.open(page), `/${provider}/link`);
  return { ...sent, url: new URL(sent.headers.get('location') ?? '', sent.url).href };
}

async function free(member: Someone, provider: 'google' | 'facebook'): Promise<void> {
  const { people, core } = world.issuer.issuer;
  await core.db.main.collection('identifiers').deleteMany({ memberId: member.id, type: provider });
  expect((await people.members.identifierTypes(member.id)).includes(provider)).toBe(false);
}

describe('linking an upstream', () => {
  it('attaches it, says so on the page and by mail, and signs in from then on', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const shown = await agent.open(page);
    expect(shown.headers.get('content-security-policy')).toContain(new URL(world.upstream.url).origin);
    const before = (await world.eventsOf(member)).length;
    const back = await world.choose(agent, await begin(agent, 'facebook'), { account: facebook.id });
    expect(new URL(back.url).pathname).toBe(page);
    expect(back.text).toContain('Facebook is linked to your account.');
    expect(await world.eventsOf(member, before)).toEqual([
      'identifier.claimed facebook',
      'upstream.linked facebook',
    ]);
    const mails = await world.mailsTo(member);
    expect(mails.some(({ subject, text }) => `${subject} ${text}`.includes('Facebook'))).toBe(true);
    const fresh = world.issuer.agent();
    const left = await fresh.submit(await fresh.open('/account'), {}, '/upstream/facebook');
    expect((await world.choose(fresh, left, { account: facebook.id })).url).toMatch(/\/account$/);
    await free(member, 'facebook');
  });

  it('asks for a fresh sign-in when the last one is older than five minutes, and comes back', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const shown = await agent.open(page);
    world.issuer.clock.advance(6 * 60_000);
    const sent = await post(agent, shown, '/google/link');
    expect(sent.headers.get('location')).toMatch(/^\/authorize\?.*max_age=0/);
    const back = await signIn(agent, await agent.open(sent.headers.get('location') ?? ''), member);
    expect(new URL(back.url).pathname).toBe(page);
    const linked = await world.choose(agent, await begin(agent, 'google'), { account: google.sub });
    expect(linked.text).toContain('Google is linked to your account.');
    await free(member, 'google');
  });

  it('is refused when the account belongs to another member', async () => {
    const owner = await world.member({ google });
    const member = await world.member();
    const agent = await world.signedIn(member);
    const back = await world.choose(agent, await begin(agent, 'google'), { account: google.sub });
    expect(back.status).toBe(409);
    expect(back.text).toContain('already linked to another member');
    expect(await typesOf(member)).toEqual(['email']);
    await free(owner, 'google');
  });

  it('ends in words and the same page when the person or the provider says no', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const back = await world.choose(agent, await begin(agent, 'google'), { refuse: 'yes' });
    expect(back.status).toBe(400);
    expect(back.text).toContain('cancelled or refused');
    expect(back.forms.some(({ action }) => action.endsWith('/google/link'))).toBe(true);
  });

  it('takes an answer only once, only in the session that asked, and only with its state', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const stranger = await world.signedIn(await world.member());
    const left = await begin(agent, 'google');
    const url = new URL(left.url);
    const answer = await fetch(`http://127.0.0.1:${url.port}/google/choose${url.search}`, {
      method: 'POST',
      body: new URLSearchParams({ account: otherGoogle.sub }),
      redirect: 'manual',
    });
    const callback = answer.headers.get('location') ?? '';
    const query = new URL(callback).search;
    expect((await stranger.open(callback)).status).toBe(400);
    expect(
      (await agent.open(`${page}/upstreams/google/callback?code=x&state=account.${'x'.repeat(32)}`)).status,
    ).toBe(400);
    // A wrong state has spent the round trip: begun anew.
    const again = await begin(agent, 'google');
    const back = await world.choose(agent, again, { account: otherGoogle.sub });
    expect(back.text).toContain('Google is linked');
    expect((await agent.open(`${page}/upstreams/google/callback${query}`)).status).toBe(400);
    await free(member, 'google');
  });

  it.each(['weibo', '__proto__', '..%2fx'])('knows no upstream %s', async (provider) => {
    const agent = await world.signedIn(await world.member());
    const token = (await agent.open(page)).forms.find(({ action }) => action.endsWith('/google/link'));
    const answer = await agent.request(`${page}/upstreams/${provider}/link`, {
      form: { _csrf: token?.fields._csrf ?? '' },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});

describe('unlinking an upstream', () => {
  it('detaches it at once, says so by mail, and once when asked twice', async () => {
    const member = await world.member({ google });
    const agent = await world.signedIn(member);
    const shown = await agent.open(page);
    const before = (await world.eventsOf(member)).length;
    for (let times = 0; times < 2; times += 1)
      expect((await post(agent, shown, '/google/unlink')).status).toBe(303);
    expect((await agent.open(page)).text).toContain('Google is no longer linked to your account.');
    expect(await typesOf(member)).toEqual(['email']);
    expect(await world.eventsOf(member, before)).toEqual([
      'upstream.unlinked google',
      'identifier.released google',
    ]);
    const mails = await world.mailsTo(member);
    expect(mails.filter(({ subject, text }) => `${subject} ${text}`.includes('Google'))).toHaveLength(1);
  });

  it('never takes the last way in', async () => {
    const member = await world.member({ google, withPassword: false });
    const agent = world.issuer.agent();
    const left = await agent.submit(await agent.open('/account'), {}, '/upstream/google');
    await world.choose(agent, left, { account: google.sub });
    const shown = await agent.open(page);
    expect(shown.text).toContain('This is your only way in');
    expect(shown.forms.some(({ action }) => action.endsWith('/unlink'))).toBe(false);
    const token = shown.forms.find(({ action }) => action.endsWith('/password'))?.fields._csrf ?? '';
    const forced = await agent.request(`${page}/upstreams/google/unlink`, { form: { _csrf: token } });
    expect(forced.status).toBe(409);
    expect(forced.text).toContain('only way to sign in');
    expect(await typesOf(member)).toEqual(expect.arrayContaining(['google']));
    await free(member, 'google');
  });

  it('leaves one way in when the two last ones are unlinked at the same instant', async () => {
    const member = await world.member({ google, withPassword: false });
    const { people, core } = world.issuer.issuer;
    const found = await people.members.get(member.id);
    if (!found) throw new Error('no member');
    await inTransaction(core.db, (tx) =>
      people.members.claim(tx, found, { type: 'facebook', value: facebook.id }, systemVisit('test')),
    );
    const agent = world.issuer.agent();
    const left = await agent.submit(await agent.open('/account'), {}, '/upstream/google');
    await world.choose(agent, left, { account: google.sub });
    const shown = await agent.open(page);
    const answers = await Promise.all([
      post(agent, shown, '/google/unlink'),
      post(agent, shown, '/facebook/unlink'),
    ]);
    // The other is told that it is the last way in, or, once the first has ended every older proof, to sign in anew.
    expect(answers.filter(({ headers }) => headers.get('location') === page)).toHaveLength(1);
    expect(answers.map(({ status }) => status).filter((status) => status !== 303 && status !== 409)).toEqual(
      [],
    );
    expect(await typesOf(member)).toHaveLength(2);
    await free(member, 'google');
    await free(member, 'facebook');
  });
});
