import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { signIn } from '../../support/people.ts';
import { goodPassword, linkOn, startWorld, type World, words } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

/** Goes as far as the answer to a wrong password. */
async function fail(email: string): Promise<{ asked: Page; refused: Page; agent: Agent }> {
  const { agent, page } = await world.start();
  const asked = await agent.submit(page, { identifier: email }, '/identifier');
  const refused = await agent.submit(asked, { username: email, password: 'not the password' }, '/password');
  return { asked, refused, agent };
}

async function lock(id: string): Promise<void> {
  const { members } = world.issuer.issuer.people;
  const member = await members.get(id);
  if (!member) throw new Error('no member');
  await inTransaction(world.issuer.db, (tx) =>
    members.setStatus(tx, member, 'locked', 'test', systemVisit('test')),
  );
}

describe('signing in', () => {
  it('looks the same for somebody unknown, known, locked, and without a password', async () => {
    const known = await world.member();
    const locked = await world.member();
    await lock(locked.id);
    const social = await world.member();
    await inTransaction(world.issuer.db, (tx) => world.issuer.issuer.people.passwords.remove(tx, social.id));
    const answers = [];
    for (const email of ['pnobody@example.com', known.email, locked.email, social.email]) {
      const { asked, refused } = await fail(email);
      answers.push({
        statuses: [asked.status, refused.status],
        words: [words(asked), words(refused)],
        headers: [...refused.headers.keys()].sort(),
        length: refused.text.length - 3 * email.length,
      });
    }
    expect(answers[0]?.statuses).toEqual([200, 401]);
    for (const answer of answers.slice(1)) {
      expect(answer.words).toEqual(answers[0]?.words);
      expect(answer.headers).toEqual(answers[0]?.headers);
    }
  });

  it('says what to do next when the password was wrong, not which part was', async () => {
    const { refused } = await fail('nobody@example.com');
    expect(refused.title).toMatch(/^Error:/);
    expect(refused.text).toContain('view=recover');
    expect(refused.text).toContain('view=sign-in');
    expect(refused.text).not.toContain('not the password');
  });

  it('takes case, spaces and full-width letters of the address as they were meant', async () => {
    const { email } = await world.member();
    const { agent, page, begun } = await world.start();
    const back = await signIn(agent, page, { email: ` ${email.toUpperCase()} ` });
    expect((await world.airline.finish(back, begun)).claims()?.amr).toEqual(['pwd']);
  });

  it('tells somebody with the right password that the account is locked, and nobody else', async () => {
    const { email, id } = await world.member();
    await lock(id);
    const { agent, page } = await world.start();
    const refused = await signIn(agent, page, { email });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(refused.headers.get('trace-id') ?? 'no reference');
  });

  it('is prefilled by login_hint, which proves nothing', async () => {
    const { page } = await world.start({ login_hint: 'hint@example.com' });
    expect(page.forms[0]?.fields.identifier).toBe('hint@example.com');
  });

  it('can be cancelled at every step; the app hears access_denied with its state', async () => {
    const { agent, page, begun } = await world.start();
    const asked = await agent.submit(page, { identifier: 'someone@example.com' }, '/identifier');
    for (const each of [page, asked])
      expect(each.forms.some(({ action }) => action.endsWith('/cancel'))).toBe(true);
    const back = new URL((await agent.submit(asked, {}, '/cancel')).url);
    expect(back.origin).toBe('https://airline.example');
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe(begun.state);
  });

  it('remembers on the browser which way was used, and believes no other word', async () => {
    const { email, agent } = await world.member();
    await signIn(agent, (await world.airline.open(agent, { prompt: 'login' })).page, { email });
    const again = await world.airline.open(agent, { prompt: 'login' });
    expect(again.page.text).toContain('Last time you signed in here with your password');
    const other = world.issuer.agent();
    other.cookies.push({
      name: 'last_used',
      value: 'myspace',
      path: '/',
      host: new URL(world.issuer.url).hostname,
    });
    const forged = await world.start({}, other);
    expect(forged.page.status).toBe(200);
    expect(forged.page.text).not.toContain('Last time');
  });
});

describe('throttling', () => {
  it('answers 429 with Retry-After and says when to come back', async () => {
    const { agent, page } = await world.start();
    let asked = await agent.submit(page, { identifier: 'victim@example.com' }, '/identifier');
    for (let n = 0; n < 20 && asked.status !== 429; n += 1) {
      asked = await agent.submit(
        asked,
        { username: 'victim@example.com', password: `guess ${n}` },
        '/password',
      );
    }
    expect(asked.status).toBe(429);
    expect(Number(asked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(asked.text).toMatch(/try again in \d+ (second|minute)/);
    expect(asked.text).toContain('view=recover');
  });

  it('never keeps a member out of a browser they have used before', async () => {
    const { email, agent } = await world.member();
    const stranger = await world.start();
    let asked = await stranger.agent.submit(stranger.page, { identifier: email }, '/identifier');
    for (let n = 0; n < 20 && asked.status !== 429; n += 1) {
      asked = await stranger.agent.submit(asked, { username: email, password: `guess ${n}` }, '/password');
    }
    expect(asked.status).toBe(429);
    const { page, begun } = await world.airline.open(agent, { prompt: 'login' });
    const back = await signIn(agent, page, { email });
    expect((await world.airline.finish(back, begun)).claims()?.amr).toEqual(['pwd']);
  });
});

describe('the language', () => {
  it('follows ui_locales before what the browser accepts', async () => {
    const agent = world.issuer.agent({ 'accept-language': 'en' });
    const { page } = await world.start({ ui_locales: 'xx ja' }, agent);
    expect(page.text).toContain('<html lang="ja"');
  });

  it('chosen on the page is stronger than ui_locales and survives the flow', async () => {
    const { agent, page } = await world.start({ ui_locales: 'ja' });
    const english = await agent.submit(page, { locale: 'en' }, '/language');
    expect(english.text).toContain('<html lang="en"');
    const asked = await agent.submit(english, { identifier: 'a@example.com' }, '/identifier');
    expect(asked.text).toContain('<html lang="en"');
    const register = await agent.open(linkOn(asked, 'view=sign-in').replace('sign-in', 'register'));
    expect(register.text).toContain('<html lang="en"');
    const next = await world.airline.open(agent);
    expect(next.page.text).toContain('<html lang="en"');
  });

  it('leads back to the page of this very flow only', async () => {
    const { agent, page } = await world.start();
    const base = new URL(page.url).pathname;
    for (const target of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/account',
      'javascript:alert(1)',
    ]) {
      const form = page.forms.find(({ action }) => action.endsWith('/language'));
      const answer = await agent.request(form?.action ?? '', {
        form: { ...form?.fields, locale: 'en', return_to: target, n: target },
      });
      expect(answer.headers.get('location')).toBe(base);
    }
  });
});

describe('tabs and the back button', () => {
  it('keeps two flows of one browser apart, and both end well', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const older = await world.airline.open(agent);
    const newer = await world.grocery.open(agent);
    expect(newer.page.text).toContain('Greenleaf');
    const newerBack = await signIn(agent, newer.page, { email });
    expect((await world.grocery.finish(newerBack, newer.begun)).claims()?.amr).toEqual(['pwd']);
    const olderBack = await signIn(agent, older.page, { email });
    expect((await world.airline.finish(olderBack, older.begun)).claims()?.amr).toEqual(['pwd']);
  });

  it('leads whoever goes back after the end on to the app, once they are signed in', async () => {
    const { email } = await world.member();
    const { agent, page } = await world.start();
    const asked = await agent.submit(page, { identifier: email }, '/identifier');
    await agent.submit(asked, { username: email, password: goodPassword }, '/password');
    const again = await agent.open(page.url);
    expect(again.status).toBe(200);
    expect(again.text).toContain('You are already signed in');
    expect(linkOn(again, 'airline.example')).toBe('https://airline.example/');
    world.issuer.clock.advance(10_000);
    const sentAgain = await agent.submit(asked, { username: email, password: goodPassword }, '/password');
    expect(sentAgain.status).toBe(200);
    expect(sentAgain.text).toContain('You are already signed in');
  });

  it('shows nobody else an interaction, whether it waits or is over', async () => {
    const { email } = await world.member();
    const { agent, page } = await world.start();
    const stranger = (await world.member()).agent;
    const waiting = await stranger.open(page.url);
    expect(waiting.status).toBe(400);
    await signIn(agent, page, { email });
    const over = await stranger.open(page.url);
    expect(over.status).toBe(400);
    expect(over.text).not.toContain('already signed in');
  });

  it('leads the address of a form to its page, and says of any other address that it is none', async () => {
    const { agent, page } = await world.start();
    const reloaded = await agent.open(`${page.url}/password`);
    expect(reloaded.url).toBe(page.url);
    const missing = await agent.open(`${page.url}/no/such/step`);
    expect(missing.status).toBe(404);
    expect(linkOn(missing, 'airline.example')).toBe('https://airline.example/');
  });
});
