import { describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post, type Someone, startWorld } from './world.ts';

const world = await startWorld();
const grocery = await RelyingParty.register(world.issuer, { id: 'grocery', brand: 'greenleaf' });
const trips = await RelyingParty.register(world.issuer, { id: 'trips', firstParty: false });
const consentsPath = '/account/consents';
const applicationsPath = '/account/applications';

async function allow(member: Someone): Promise<void> {
  const { core, people } = world.issuer.issuer;
  const home = (await people.members.get(member.id))?.home ?? '';
  const scopes = ['openid', 'email'];
  await inTransaction(core.db, (tx) =>
    people.consents.recordGrant(tx, {
      memberId: member.id,
      home,
      clientId: 'trips',
      scopes,
      visit: systemVisit('test'),
    }),
  );
}

describe('a consent that was given long ago', () => {
  it('counts no longer, is asked again where the member sees it, and counts anew once confirmed', async () => {
    await publishLayers(world.issuer, {
      'markets/us': { legal: { jurisdiction: 'US', minimumAge: 13, consentMaxAgeDays: 30 } },
    });
    const { people } = world.issuer.issuer;
    const { id, email } = await world.member();
    const about = { _id: id, market: 'us' };
    const answer = `${consentsPath}/marketing-email`;
    const agent = await world.signedIn({ id, email });
    await post(agent, await agent.open(consentsPath), answer, { decision: 'give' });
    expect([...(await people.consents.live(about))]).toEqual(['marketing-email']);
    world.issuer.clock.advance(31 * 86_400_000);
    expect([...(await people.consents.live(about))]).toEqual([]);
    // Where consents count for longer, it still does.
    expect([...(await people.consents.live({ ...about, market: 'de' }, { market: 'jp' }))]).toEqual([
      'marketing-email',
    ]);
    const later = await world.signedIn({ id, email });
    const page = await later.open(consentsPath);
    expect(page.text).toContain('Please confirm again');
    await post(later, page, answer, { decision: 'give' });
    expect((await later.open(consentsPath)).text).toContain('You said yes');
    expect([...(await people.consents.live(about))]).toEqual(['marketing-email']);
  });
});

describe('the page of what the member agreed to', () => {
  it('shows the terms and the open questions, none of them answered in advance', async () => {
    const agent = await world.signedIn(await world.member());
    const page = await agent.open(consentsPath);
    expect(page.text).toContain('accepted');
    expect(page.text).toContain('Not answered yet');
    expect(page.text).not.toContain('aria-pressed="true"');
    const legal = /href="(\/legal\/[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await agent.open(legal)).status).toBe(200);
  });

  it('gives and withdraws a purpose, each with one click, one row and one event', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const before = (await world.eventsOf(member)).length;
    const first = await agent.open(consentsPath);
    const action = first.forms.find((form) => form.action.includes(`${consentsPath}/`))?.action ?? '';
    const path = new URL(action).pathname;
    for (const decision of ['give', 'give', 'withdraw', 'withdraw', 'give']) {
      expect((await post(agent, first, path, { decision })).status).toBe(303);
    }
    const events = await world.eventsOf(member, before);
    expect(events.map((event) => event.split(' ').at(-1))).toEqual(['given', 'withdrawn', 'given']);
    const page = await agent.open(consentsPath);
    expect(page.text).toContain('Your choice is saved.');
    expect(page.text).toContain('You said yes');
    const rows = await world.issuer.issuer.people.consents.history(member.id);
    expect(rows[0]).toMatchObject({
      kind: 'given',
      jurisdiction: expect.any(String),
      channel: 'web',
      language: 'en',
    });
    expect(rows[0]?.textHash).toMatch(/^[\w-]{43}$/);
    expect(rows[0]?.clientId).toBeUndefined();
  });

  it('records a no to an open question as a refusal', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const page = await agent.open(consentsPath);
    const form = page.forms.find(({ action }) => action.includes(`${consentsPath}/`));
    await post(agent, page, new URL(form?.action ?? '').pathname, { decision: 'withdraw' });
    expect((await agent.open(consentsPath)).text).toContain('You said no');
    expect((await world.eventsOf(member)).at(-1)).toMatch(/refused$/);
  });

  it.each([
    ['no answer', '', 422],
    ['another answer', 'sell', 422],
  ])('refuses %s and keeps the page', async (_name, decision, status) => {
    const agent = await world.signedIn(await world.member());
    const page = await agent.open(consentsPath);
    const form = page.forms.find(({ action }) => action.includes(`${consentsPath}/`));
    const answer = await post(agent, page, new URL(form?.action ?? '').pathname, { decision });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('Please choose one answer.');
  });

  it('lets nobody withdraw terms, nor decide on what does not exist', async () => {
    const agent = await world.signedIn(await world.member());
    const page = await agent.open(consentsPath);
    const token = page.forms.find(({ action }) => action.includes(`${consentsPath}/`))?.fields._csrf ?? '';
    const decide = (id: string) =>
      agent.request(`${consentsPath}/${id}`, { form: { _csrf: token, decision: 'withdraw' } });
    expect((await decide('program-terms')).status).toBe(409);
    expect((await decide('nothing-here')).status).toBe(404);
  });
});

describe('the connected applications', () => {
  it('shows what a third party may do and takes it back at once', async () => {
    const member = await world.member();
    await allow(member);
    const agent = await world.signedIn(member);
    const tokens = await trips.silently(agent, { scope: 'openid email' });
    const userinfo = () =>
      fetch(`${world.issuer.url}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect((await userinfo()).status).toBe(200);
    const page = await agent.open(applicationsPath);
    expect(page.text).toContain('Test trips');
    expect(page.text).toContain('See your e-mail address');
    const before = (await world.eventsOf(member)).length;
    for (let times = 0; times < 2; times += 1)
      expect((await post(agent, page, '/trips/revoke')).status).toBe(303);
    expect((await userinfo()).status).toBe(401);
    expect(await world.eventsOf(member, before)).toEqual(['grant.revoked trips']);
    const after = await agent.open(applicationsPath);
    expect(after.text).toContain('Test trips is no longer connected to your account.');
    expect(after.forms.some(({ action }) => action.endsWith('/revoke'))).toBe(false);
    const { page: asked } = await trips.open(agent, { scope: 'openid email', prompt: 'none' });
    expect(new URL(asked.url).searchParams.get('error')).toMatch(/consent_required|interaction_required/);
  });

  it('shows the program’s own apps in use, which cannot be disconnected', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    await grocery.silently(agent);
    const page = await agent.open(applicationsPath);
    expect(page.text).toContain('Test grocery');
    expect(page.text).toContain('One of our own brands');
    expect(page.forms.some(({ action }) => action.endsWith('/revoke'))).toBe(false);
    const token = (await agent.open('/account/profile')).forms.find(({ action }) =>
      action.endsWith('/profile'),
    );
    const forced = await agent.request(`${applicationsPath}/grocery/revoke`, {
      form: { _csrf: token?.fields._csrf ?? '' },
    });
    expect(forced.status).toBe(422);
    expect((await grocery.silently(agent)).claims()?.sub).toBe(member.id);
  });
});

describe('the overview', () => {
  it('says who, how safe, and what was agreed', async () => {
    const member = await world.member({ name: 'Mika Lind' });
    await allow(member);
    await world.signedIn(member);
    world.issuer.clock.advance(60_000);
    const agent = await world.signedIn(member);
    const page = await agent.open('/account');
    expect(page.text).toContain('Mika Lind');
    expect(page.text).toContain(member.email);
    expect(page.text).toContain('Password last changed on');
    expect(page.text).toContain('Signed in on 2 devices');
    expect(page.text).toContain('Last sign-in before this one:');
    expect(page.text).toContain('1 connected application');
    expect(page.text).toContain('accepted on');
  });

  it('wears the brand of the app the member came from, and acts on nobody’s behalf', async () => {
    const member = await world.member();
    const agent = world.issuer.agent();
    await grocery.open(agent);
    const page = await signIn(agent, await agent.open('/account'), member);
    expect(page.title).toContain('Greenleaf');
    const form = await agent.open('/account/profile');
    await post(agent, form, '/account/profile', { name: 'Mika' });
    const [event] = await world.issuer.issuer.core.events.ofMember(member.id, 1);
    expect(event).toMatchObject({ brand: 'greenleaf', actor: { kind: 'member', id: member.id } });
    expect(event?.clientId).toBeUndefined();
  });
});
