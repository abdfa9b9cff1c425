import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Agent, Page } from '../../support/agent.ts';
import { registrationForm } from '../../support/people.ts';
import {
  askForProof,
  goodPassword,
  linkOn,
  mailedCode,
  mailedLink,
  startWorld,
  type World,
  words,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

async function registerPage(): Promise<{ agent: Agent; form: Page }> {
  const { agent, page } = await world.start();
  return { agent, form: await agent.open(linkOn(page, 'view=register')) };
}

describe('the registration form', () => {
  it('names every fault at once, first in a summary that leads to the fields, and answers 422', async () => {
    const { agent, form } = await registerPage();
    const again = await agent.submit(form, { email: 'nobody', password: 'short' }, '/register');
    expect(again.status).toBe(422);
    expect(again.title).toMatch(/^Error:/);
    const summary = /class="summary"[\s\S]*?<\/div>/.exec(again.text)?.[0] ?? '';
    expect(summary.match(/href="#[\w-]+"/g)).toEqual([
      'href="#email"',
      'href="#password"',
      'href="#age"',
      'href="#terms-program-terms"',
    ]);
    expect(again.text).toMatch(/id="email"[^>]*aria-describedby="[^"]*email-fault"[^>]*aria-invalid="true"/);
  });

  it('keeps what was entered, but never the password', async () => {
    const { agent, form } = await registerPage();
    const again = await agent.submit(
      form,
      { email: 'kept@example.com', password: 'quite a secret', 'purpose.marketing-email': 'yes' },
      '/register',
    );
    expect(again.status).toBe(422);
    expect(again.text).toContain('value="kept@example.com"');
    expect(
      again.forms.find(({ action }) => action.endsWith('/register'))?.fields['purpose.marketing-email'],
    ).toBe('yes');
    expect(again.text).not.toContain('quite a secret');
  });

  it('asks no purpose with an answer chosen before', async () => {
    const { form } = await registerPage();
    const fields = form.forms.find(({ action }) => action.endsWith('/register'))?.fields ?? {};
    expect(
      Object.keys(fields).filter((name) => !['_csrf', 'texts'].includes(name) && fields[name] !== ''),
    ).toEqual([]);
  });

  it.each([
    ['too long', 'p'.repeat(257), 'password.too_long'],
    ['too common', 'password1', 'password.too_weak'],
    ['missing', '', 'password.required'],
  ])('refuses a password that is %s', async (_why, password, code) => {
    const { agent, form } = await registerPage();
    const again = await agent.submit(
      form,
      registrationForm(form, { email: world.newAddress(), password }),
      '/register',
    );
    expect(again.status).toBe(422);
    expect(world.issuer.logLines.some((line) => line.includes(code))).toBe(true);
  });
});

describe('a registration', () => {
  it('is pending until its address is proven', async () => {
    const email = world.newAddress();
    const { agent, page } = await world.start();
    const before = await world.count('members');
    const asked = await askForProof(agent, page, email);
    expect(asked.status).toBe(200);
    expect(asked.text).toContain(email);
    expect(await world.count('members')).toBe(before);
    const other = await world.start();
    const refused = await other.agent.submit(
      await other.agent.submit(other.page, { identifier: email }, '/identifier'),
      { username: email, password: goodPassword },
      '/password',
    );
    expect(refused.status).toBe(401);
  });

  it('may be begun several times for one address; the first proof ends the others', async () => {
    const email = world.newAddress();
    const before = await world.count('registrations');
    const first = await world.start();
    const firstAsked = await askForProof(first.agent, first.page, email);
    const firstCode = await mailedCode(world.issuer, email);
    const second = await world.start();
    const secondAsked = await askForProof(second.agent, second.page, email);
    await world.mailsTo(email);
    const secondCode = await mailedCode(world.issuer, email);
    const back = await second.agent.submit(secondAsked, { code: secondCode }, '/verify');
    expect(new URL(back.url).searchParams.has('code')).toBe(true);
    const late = await first.agent.submit(firstAsked, { code: firstCode }, '/verify');
    expect(late.status).toBe(422);
    expect(await world.count('registrations')).toBe(before);
  });

  it('shows a known address the same page, and only the mail says that it is known', async () => {
    const { email } = await world.member();
    const known = await world.start();
    const unknown = await world.start();
    const stranger = world.newAddress();
    const pages = [
      await askForProof(known.agent, known.page, email),
      await askForProof(unknown.agent, unknown.page, stranger),
    ] as const;
    expect(pages[0].status).toBe(pages[1].status);
    expect(words(pages[0])).toBe(words(pages[1]));
    const headers = pages.map((page) => [...page.headers.keys()].sort());
    expect(headers[0]).toEqual(headers[1]);
    const mails = await world.mailsTo(email);
    expect(mails.at(-1)?.text).not.toMatch(/\d{4} ?\d{4}/);
    expect(mails.at(-1)?.text).toContain(`${world.issuer.url}/account`);
  });

  it('is proven by the mailed link in the browser it began in', async () => {
    const email = world.newAddress();
    const { agent, page, begun } = await world.start();
    await askForProof(agent, page, email);
    const link = await mailedLink(world, email, '/confirm');
    const landing = await agent.open(link);
    expect(landing.status).toBe(200);
    const back = await agent.submit(landing, {}, '/confirm');
    expect((await world.airline.finish(back, begun)).claims()?.sub).toMatch(/^mbr_/);
  });

  it('is not proven by the link anywhere else: that page says where to type the code', async () => {
    const email = world.newAddress();
    const { agent, page } = await world.start();
    const asked = await askForProof(agent, page, email);
    const link = await mailedLink(world, email, '/confirm');
    const elsewhere = await world.issuer.agent().open(link);
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.forms.some(({ action }) => action.includes('/confirm'))).toBe(false);
    const back = await agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/verify');
    expect(new URL(back.url).searchParams.has('code')).toBe(true);
  });

  it('forgives spaces and dashes in the code', async () => {
    const email = world.newAddress();
    const { agent, page } = await world.start();
    const asked = await askForProof(agent, page, email);
    const code = (await mailedCode(world.issuer, email)).replaceAll(' ', '');
    const typed = ` ${code.slice(0, 2)}-${code.slice(2, 4)} ${code.slice(4)} `;
    const back = await agent.submit(asked, { code: typed }, '/verify');
    expect(new URL(back.url).searchParams.has('code')).toBe(true);
  });

  it('burns a code after five wrong tries, and another code helps only as far as the budget goes', async () => {
    const email = world.newAddress();
    const { agent, page } = await world.start();
    let asked = await askForProof(agent, page, email);
    const code = await mailedCode(world.issuer, email);
    const wrong = (n: number) => ({ code: `0000000${n}` });
    for (let n = 0; n < 5; n += 1) asked = await agent.submit(asked, wrong(n), '/verify');
    expect((await agent.submit(asked, { code }, '/verify')).status).toBe(422);
    asked = await agent.submit(asked, {}, '/verify/resend');
    expect(asked.status).toBe(200);
    for (let n = 5; n < 10; n += 1) asked = await agent.submit(asked, wrong(n), '/verify');
    world.issuer.clock.advance(5_000);
    await world.mailsTo(email);
    asked = await agent.submit(asked, {}, '/verify/resend');
    await world.mailsTo(email);
    const third = await agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/verify');
    expect(third.status).toBe(422);
    expect(
      await world.issuer.issuer.people.members.findByIdentifier({ type: 'email', value: email }),
    ).toBeUndefined();
  });

  it('lets the address be corrected', async () => {
    const { agent, page } = await world.start();
    const asked = await askForProof(agent, page, 'tpyo@example.com');
    const form = await agent.open(linkOn(asked, 'view=register'));
    expect(form.forms.find(({ action }) => action.endsWith('/register'))?.fields.email).toBe(
      'tpyo@example.com',
    );
  });

  it('records terms, notice and purposes as they were answered', async () => {
    const email = world.newAddress();
    const { agent, page } = await world.start();
    const form = await agent.open(linkOn(page, 'view=register'));
    const asked = await agent.submit(
      form,
      registrationForm(form, { email, password: goodPassword, 'purpose.marketing-email': 'yes' }),
      '/register',
    );
    await agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/verify');
    const { people } = world.issuer.issuer;
    const member = await people.members.findByIdentifier({ type: 'email', value: email });
    const rows = await people.consents.history(member?._id ?? '');
    const kinds = Object.fromEntries(rows.map((row) => [row.subjectId, row.kind]));
    expect(kinds).toEqual({
      'program-terms': 'accepted',
      'privacy-notice': 'acknowledged',
      'marketing-email': 'given',
      personalisation: 'refused',
      'partner-sharing': 'refused',
    });
  });
});
