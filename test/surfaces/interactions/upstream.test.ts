import { beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamAccount } from '../../../examples/upstream/accounts.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { registrationForm } from '../../support/people.ts';
import { answerOf, choose, goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

const google = (sub: string, email?: string, more: object = {}): UpstreamAccount => ({
  provider: 'google',
  sub,
  name: 'Someone',
  note: '',
  ...(email && { email, email_verified: true }),
  ...more,
});
const facebook = (id: string, email?: string): UpstreamAccount => ({
  provider: 'facebook',
  id,
  name: 'Someone',
  note: '',
  ...(email && { email }),
});

const people: UpstreamAccount[] = [
  google('1', 'first_one@gmail.com'),
  google('2', 'two@elsewhere.example'),
  google('3'),
  google('4', 'first_four@gmail.com'),
  google('5', 'first_five@gmail.com'),
  google('6', 'first_six@gmail.com'),
  google('7', 'first_seven@gmail.com'),
  google('8', 'first_eight@gmail.com'),
  facebook('11', 'eleven@elsewhere.example'),
  facebook('12'),
  facebook('13', 'victim@elsewhere.example'),
];

let world: World;
beforeAll(async () => {
  world = await startWorld({ people });
});

/** Leaves for an upstream from a new browser and comes back as one of its people. */
async function come(provider: 'google' | 'facebook', account: string) {
  const { agent, page, begun } = await world.start();
  const left = await agent.submit(page, {}, `/upstream/${provider}`);
  return { agent, begun, page: await choose(agent, left, { account }) };
}

/** Answers the details page. */
async function agree({ agent, page }: Awaited<ReturnType<typeof come>>) {
  return agent.submit(page, registrationForm(page), '/details');
}

describe('an address the upstream has proven', () => {
  it('registers with nothing but what is missing, and signs in at once the next time', async () => {
    const first = await come('google', '1');
    expect(first.page.status).toBe(200);
    expect(first.page.text).toContain('first_one@gmail.com');
    expect(first.page.forms.some(({ fields }) => 'password' in fields)).toBe(false);
    const refused = await first.agent.submit(first.page, {}, '/details');
    expect(refused.status).toBe(422);
    const tokens = await world.airline.finish(await agree(first), first.begun);
    const again = await come('google', '1');
    expect((await world.airline.finish(again.page, again.begun)).claims()?.sub).toBe(tokens.claims()?.sub);
  });

  it('that a member has already is linked once the password is proven', async () => {
    const member = await memberWith('first_four@gmail.com');
    const came = await come('google', '4');
    expect(came.page.text).toContain('first_four@gmail.com');
    const wrong = await came.agent.submit(came.page, { password: 'not the password' }, '/link/password');
    expect(wrong.status).toBe(401);
    const back = await came.agent.submit(wrong, { password: goodPassword }, '/link/password');
    expect((await world.airline.finish(back, came.begun)).claims()?.sub).toBe(member);
    const again = await come('google', '4');
    expect((await world.airline.finish(again.page, again.begun)).claims()?.sub).toBe(member);
    const mails = await world.mailsTo('first_four@gmail.com');
    expect(mails.some(({ subject }) => subject.includes('Google'))).toBe(true);
  });

  it('that a member has already is linked once a mailed code is proven', async () => {
    const member = await memberWith('first_five@gmail.com');
    const came = await come('google', '5');
    const asked = await came.agent.submit(came.page, {}, '/link/code');
    await world.mailsTo('first_five@gmail.com');
    const code = await mailedCode(world.issuer, 'first_five@gmail.com');
    const back = await came.agent.submit(asked, { code }, '/upstream-code');
    expect((await world.airline.finish(back, came.begun)).claims()?.sub).toBe(member);
  });
});

describe('an address the upstream has not proven', () => {
  it.each([
    ['google', '2', 'two@elsewhere.example'],
    ['facebook', '11', 'eleven@elsewhere.example'],
  ] as const)('of %s is proven by our own mail first', async (provider, account, email) => {
    const came = await come(provider, account);
    expect(came.page.forms.some(({ action }) => action.endsWith('/upstream-code'))).toBe(true);
    const skipped = await came.agent.request(came.page.url.replace(/\/[^/]*$|$/, '/details'), {
      form: { ...registrationForm(came.page), _csrf: came.page.forms[0]?.fields._csrf ?? '' },
    });
    expect(skipped.status).toBeGreaterThanOrEqual(400);
    const code = await mailedCode(world.issuer, email);
    const details = await came.agent.submit(came.page, { code }, '/upstream-code');
    const tokens = await world.airline.finish(await agree({ ...came, page: details }), came.begun);
    expect(tokens.claims()?.sub).toMatch(/^mbr_/);
  });

  it('tells a stranger nothing about an account, and joins it only after both proofs', async () => {
    const member = await memberWith('victim@elsewhere.example');
    const came = await come('facebook', '13');
    expect(came.page.text).toMatch(/code/);
    expect(came.page.forms.some(({ action }) => action.includes('/link/'))).toBe(false);
    await world.mailsTo('victim@elsewhere.example');
    const code = await mailedCode(world.issuer, 'victim@elsewhere.example');
    const known = await came.agent.submit(came.page, { code }, '/upstream-code');
    const back = await came.agent.submit(known, { password: goodPassword }, '/link/password');
    expect((await world.airline.finish(back, came.begun)).claims()?.sub).toBe(member);
  });

  it('is asked for where the upstream gave none', async () => {
    const came = await come('facebook', '12');
    const email = world.newAddress();
    const wrong = await came.agent.submit(came.page, { email: 'nothing' }, '/upstream-email');
    expect(wrong.status).toBe(422);
    const asked = await came.agent.submit(wrong, { email }, '/upstream-email');
    const details = await came.agent.submit(
      asked,
      { code: await mailedCode(world.issuer, email) },
      '/upstream-code',
    );
    const tokens = await world.airline.finish(await agree({ ...came, page: details }), came.begun);
    expect(tokens.claims()?.sub).toMatch(/^mbr_/);
  });
});

describe('an upstream that does not work out', () => {
  it('by refusal leads to words, the same upstream again, and the other ways', async () => {
    const { agent, page } = await world.start();
    const left = await agent.submit(page, {}, '/upstream/facebook');
    const problem = await choose(agent, left, { refuse: 'yes' });
    expect(problem.text).toContain('Facebook');
    expect(problem.forms.some(({ action }) => action.endsWith('/upstream/facebook'))).toBe(true);
    expect((await agent.open(linkOn(problem, 'view=sign-in'))).status).toBe(200);
  });

  it.each(['unavailable', 'html', 'wrong-types', 'huge', 'redirect', 'null', 'reset'] as const)(
    'by being %s leads to words and a way back',
    async (mode) => {
      world.upstream.behave(mode);
      const came = await come('google', '6');
      world.upstream.behave('normal');
      expect(came.page.status).toBe(200);
      expect(came.page.text).toContain('Google');
      expect((await came.agent.open(linkOn(came.page, 'view=sign-in'))).status).toBe(200);
      expect(
        await world.issuer.issuer.people.members.findByIdentifier({ type: 'google', value: '6' }),
      ).toBeUndefined();
    },
  );

  it('for a locked member says so, with a way on', async () => {
    const first = await come('google', '7');
    const tokens = await world.airline.finish(await agree(first), first.begun);
    const { members } = world.issuer.issuer.people;
    const member = await members.get(tokens.claims()?.sub ?? '');
    if (!member) throw new Error('no member');
    await inTransaction(world.issuer.db, (tx) =>
      members.setStatus(tx, member, 'locked', 'test', systemVisit('test')),
    );
    const again = await come('google', '7');
    expect(again.page.status).toBe(403);
    expect(again.page.text).toContain('href="https://airline.example');
  });
});

describe('an answer that is not the one we asked for', () => {
  it('is refused in another browser, and signs nobody in there', async () => {
    const attacker = await world.start();
    const left = await attacker.agent.submit(attacker.page, {}, '/upstream/google');
    const callback = await answerOf(left, { account: '1' });
    const victim = await world.start();
    const page = await victim.agent.open(callback);
    expect(page.status).toBe(400);
    await expect(world.airline.silently(victim.agent)).rejects.toThrow();
  });

  it('counts once', async () => {
    await agree(await come('google', '8'));
    const { agent, page } = await world.start();
    const left = await agent.submit(page, {}, '/upstream/google');
    const callback = await answerOf(left, { account: '8' });
    await agent.open(callback);
    const again = await agent.open(callback);
    expect(again.url.startsWith('https://airline.example')).toBe(false);
    expect(again.text).toContain('already signed in');
  });

  it.each([
    ['without a state', (url: URL) => url.searchParams.delete('state')],
    ['with the state of nobody', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    [
      'with a state that was not asked for',
      (url: URL) =>
        url.searchParams.set('state', `${url.searchParams.get('state')?.split('.')[0]}.${'A'.repeat(32)}`),
    ],
    ['with two states', (url: URL) => url.searchParams.append('state', 'other')],
    ['of the other provider', (url: URL) => (url.pathname = '/callback/facebook')],
  ])('%s is refused', async (_how, spoil) => {
    const { agent, page } = await world.start();
    const left = await agent.submit(page, {}, '/upstream/google');
    const callback = new URL(await answerOf(left, { account: '1' }));
    spoil(callback);
    const answer = await agent.open(callback.href);
    expect(answer.url.startsWith('https://')).toBe(false);
    expect(answer.text).not.toContain('Someone');
    await expect(world.airline.silently(agent)).rejects.toThrow();
  });
});

describe('the page that leads to an upstream', () => {
  it('allows its forms to end there, and at the app', async () => {
    const { page } = await world.start();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/form-action 'self' https:\/\/airline\.example http:\/\/social\.localhost:\d+/);
  });

  it('knows only the upstreams of the brand', async () => {
    const { agent, page } = await world.start();
    const form = page.forms.find(({ action }) => action.includes('/upstream/google'));
    const answer = await agent.request((form?.action ?? '').replace('google', 'myspace'), {
      form: form?.fields ?? {},
    });
    expect(answer.status).toBe(404);
  });
});

/** A member with a password, made by registering. */
async function memberWith(email: string): Promise<string> {
  const { agent, page, begun } = await world.start();
  const form = await agent.open(linkOn(page, 'view=register'));
  const asked = await agent.submit(
    form,
    registrationForm(form, { email, password: goodPassword }),
    '/register',
  );
  const back = await agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/verify');
  return (await world.airline.finish(back, begun)).claims()?.sub ?? '';
}
