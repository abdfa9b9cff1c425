import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { eventually } from '../../support/browser.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { signIn } from '../../support/people.ts';
import { linkOn, mailedCode, startWorld, type World, words } from './world.ts';

/** Collections that jobs work on beside the requests; what the limits ask must not differ either. */
const background = new Set(['configurationDrafts', 'deliveries', 'jobs', 'outbox', 'recordedJourneys']);
/** How counts of networks settle, in their own time. */
const settling = /^(find|update) throttles$/;
/** What a known member's history costs, when the answer no longer waits for it. */
const afterwards = / (events|eventHeads|members)$|^commitTransaction/;

let world: World;
let commands: string[];
beforeAll(async () => {
  world = await startWorld({ database: watchedDatabaseAddress() });
  commands = await commandsOf(world.issuer.db, background);
});

/** Goes as far as the page that asks for the code. */
async function ask(email: string, agent = world.issuer.agent()) {
  const { page, begun } = await world.airline.open(agent, { prompt: 'login' });
  const choice = await agent.submit(page, { identifier: email }, '/identifier');
  return { agent, begun, choice, asked: await agent.submit(choice, {}, '/sign-in-code/send') };
}

const give = (agent: Agent, asked: Page, code: string) =>
  agent.submit(asked, { code }, '/sign-in-code/verify');

/** The code of the newest mail, once it has come. */
async function newestCode(email: string): Promise<string> {
  await world.mailsTo(email);
  return mailedCode(world.issuer, email);
}

async function setStatus(id: string, status: 'active' | 'locked'): Promise<void> {
  const { members } = world.issuer.issuer.people;
  const member = await members.get(id);
  if (!member) throw new Error('no member');
  await inTransaction(world.issuer.db, (tx) =>
    members.setStatus(tx, member, status, 'test', systemVisit('test')),
  );
}

async function eventsOf(id: string): Promise<string[]> {
  const rows = await world.issuer.issuer.core.events.ofMember(id, 100);
  return rows.map(({ type, data }) => [type, data.method].join(' '));
}

describe('signing in by a mailed code', () => {
  it('is offered beside the password, and proves the person by `otp`', async () => {
    const { email, id } = await world.member();
    const { agent, begun, choice, asked } = await ask(email);
    expect(choice.text).toContain('E-mail me a code instead');
    expect(asked.text).toContain('8 digits. It works for 15 minutes.');
    const back = await give(agent, asked, await newestCode(email));
    const claims = (await world.airline.finish(back, begun)).claims();
    expect([claims?.sub, claims?.amr, claims?.acr]).toEqual([id, ['otp'], 'urn:symbolon:acr:one-factor']);
    expect(await eventsOf(id)).toContain('member.signed_in mail-code');
  });

  it('is remembered on the browser as the way used last', async () => {
    const { email } = await world.member();
    const { agent, asked } = await ask(email);
    await give(agent, asked, await newestCode(email));
    const { page } = await world.airline.open(agent, { prompt: 'login' });
    expect(page.text).toContain('Last time you signed in here with a code by e-mail.');
  });

  it('leads back to the password, and the code still works', async () => {
    const { email } = await world.member();
    const { agent, begun, asked } = await ask(email);
    const password = await agent.open(linkOn(asked, 'view=password'));
    const refused = await agent.submit(password, { username: email, password: 'no' }, '/password');
    expect(refused.status).toBe(401);
    const back = await give(agent, asked, await newestCode(email));
    expect((await world.airline.finish(back, begun)).claims()?.amr).toEqual(['otp']);
  });

  it('says of a code that is wrong, missing or too old what to do, and keeps a record of the wrong one', async () => {
    const { email, id } = await world.member();
    const { agent, asked } = await ask(email);
    const code = await newestCode(email);
    expect((await give(agent, asked, '')).status).toBe(422);
    const wrong = await give(agent, asked, '0000 0000');
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('This code is not right');
    world.issuer.clock.advance(15 * 60_000);
    const late = await give(agent, asked, code);
    expect(late.text).toContain('This code has expired');
    const renewed = await agent.submit(late, {}, '/sign-in-code/send');
    expect(renewed.text).toContain('It works for 15 minutes.');
    await world.mailsTo(email);
    const failures = (await eventsOf(id)).filter((event) => event === 'member.sign_in_failed mail-code');
    expect(failures).toHaveLength(2);
    const { text } = await world.issuer.issuer.core.metrics.render();
    expect(text).toMatch(/sign_ins_total\{method="mail-code",outcome="failure",reason="code.invalid"\} \d/);
  });

  it('burns a code after five wrong tries', async () => {
    const { email } = await world.member();
    const { agent, asked } = await ask(email);
    const code = await newestCode(email);
    for (let n = 0; n < 5; n += 1) await give(agent, asked, `0000 000${n}`);
    expect((await give(agent, asked, code)).text).toContain('tried too often');
  });
});

describe('whether an account exists', () => {
  it('is told by no page, status, header or command, before and after a wrong code', async () => {
    const known = await world.member();
    const locked = await world.member();
    await setStatus(locked.id, 'locked');
    const stranger = world.newAddress();
    const answers = [];
    for (const { email, id } of [{ email: stranger, id: undefined }, known, locked]) {
      await world.issuer.issuer.outbox.idle();
      const agent = world.issuer.agent();
      const { page } = await world.airline.open(agent);
      const choice = await agent.submit(page, { identifier: email }, '/identifier');
      commands.length = 0;
      const asked = await agent.submit(choice, {}, '/sign-in-code/send');
      const sending = [...commands].filter((command) => !settling.test(command)).sort();
      await world.mailsTo(email);
      commands.length = 0;
      const form = asked.forms.find(({ action }) => action.endsWith('/verify'));
      const refused = await agent.request(form?.action ?? '', {
        form: { ...form?.fields, code: '1234 5678' },
      });
      const refusing = [...new Set(commands)]
        .filter((command) => !settling.test(command) && !afterwards.test(command))
        .sort();
      answers.push({
        statuses: [asked.status, refused.status],
        words: [words(asked), words(refused)],
        headers: [...refused.headers.keys()].sort(),
        sending,
        refusing,
      });
      // It is written in its own time, and must not be counted among what the next one costs.
      if (id !== undefined)
        await eventually('a record of the wrong code', async () =>
          (await eventsOf(id)).includes('member.sign_in_failed mail-code'),
        );
    }
    expect(answers[0]?.statuses).toEqual([200, 422]);
    for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0]);
  });

  it('is told by the mail alone: nobody gets a code for an address that is not registered', async () => {
    const stranger = world.newAddress();
    await ask(stranger);
    const mails = await world.mailsTo(stranger);
    expect(mails.map(({ subject }) => subject)).toEqual(['No account with this address at Aurora Air']);
    expect(mails[0]?.text).not.toMatch(/\d{4} ?\d{4}/);
  });

  it('is throttled alike: after five codes in an hour the next one waits', async () => {
    const { email } = await world.member();
    const waits = [];
    for (const address of [world.newAddress(), email]) {
      const { agent, asked } = await ask(address);
      let page = asked;
      const statuses = [];
      for (let n = 0; n < 6 && page.status === 200; n += 1) {
        // The same form within a moment would be one double click.
        world.issuer.clock.advance(4_000);
        page = await agent.submit(page, {}, '/sign-in-code/send');
        statuses.push(page.status);
      }
      waits.push({ statuses, words: words(page).replaceAll(/\d+ (seconds?|minutes?)/g, '') });
      expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(waits[0]?.statuses).toEqual([200, 200, 200, 200, 429]);
    expect(waits[1]).toEqual(waits[0]);
  });
});

describe('a code that was mailed before the account changed', () => {
  it('signs nobody in after a lock, and a new one tells the owner of it', async () => {
    const { email, id } = await world.member();
    const { agent, asked } = await ask(email);
    const code = await newestCode(email);
    await setStatus(id, 'locked');
    expect((await give(agent, asked, code)).text).toContain('This code has expired');
    const again = await ask(email);
    const told = await give(again.agent, again.asked, await newestCode(email));
    expect(told.status).toBe(403);
  });

  it('signs nobody in after everything else was ended', async () => {
    const { email, id } = await world.member();
    const { agent, asked } = await ask(email);
    const code = await newestCode(email);
    await inTransaction(world.issuer.db, (tx) => world.issuer.issuer.people.members.raiseEpoch(tx, id));
    expect((await give(agent, asked, code)).status).toBe(422);
  });

  it('belongs to its address, whatever the flow says since', async () => {
    const attacker = await world.member();
    const victim = await world.member();
    const { agent, asked } = await ask(attacker.email);
    const code = await newestCode(attacker.email);
    const password = await agent.open(linkOn(asked, 'view=password'));
    await agent.submit(password, { username: victim.email, password: 'no' }, '/password');
    const led = await give(agent, asked, code);
    expect(led.url.startsWith('https:')).toBe(false);
    await expect(world.airline.silently(agent)).rejects.toThrow();
  });
});

describe('a second click', () => {
  it('mails one code and signs in once', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const { page, begun } = await world.airline.open(agent);
    const choice = await agent.submit(page, { identifier: email }, '/identifier');
    await world.forgetMails();
    const [asked] = await Promise.all([
      agent.submit(choice, {}, '/sign-in-code/send'),
      agent.submit(choice, {}, '/sign-in-code/send'),
    ]);
    const mails = await world.mailsTo(email);
    expect(mails).toHaveLength(1);
    const code = await newestCode(email);
    const { action = '', fields } = asked.forms.find((form) => form.action.endsWith('/verify')) ?? {};
    const click = () => agent.request(action, { form: { ...fields, code } });
    const [first, second] = await Promise.all([click(), click()]);
    expect([first.status, second.status]).toEqual([303, 303]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const back = await agent.open(first.headers.get('location') ?? '');
    expect((await world.airline.finish(back, begun)).claims()?.amr).toEqual(['otp']);
  });
});

it('a member who came by code can still sign in by password', async () => {
  const { email } = await world.member();
  const { agent, asked } = await ask(email);
  await give(agent, asked, await newestCode(email));
  const { page, begun } = await world.airline.open(agent, { prompt: 'login' });
  const back = await signIn(agent, page, { email });
  expect((await world.airline.finish(back, begun)).claims()?.amr).toEqual(['pwd']);
});
