/** Brands that differ in their ways to sign in: what each offers, and what nobody reaches by posting by hand. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type FlowStep,
  type FlowView,
  nextStep,
  type StepFacts,
} from '../../../src/surfaces/interactions/flow.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { mailedCode, registrationForm, signIn } from '../../support/people.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { askForProof, goodPassword, linkOn, startWorld, type World } from './world.ts';

/** The ways of each brand that is not as it is shipped. */
const methods = {
  greenleaf: ['mail-code', 'google'],
  spring: ['password', 'facebook'],
  volt: ['google'],
};

let world: World;
let drinks: RelyingParty;
let fuel: RelyingParty;
beforeAll(async () => {
  const program = copyOfProgram();
  for (const [brand, offered] of Object.entries(methods)) {
    program.edit(`brands/${brand}/brand.json`, (value) => {
      Object.assign(value.signIn as object, { methods: offered });
    });
  }
  world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
  program.remove();
  drinks = await RelyingParty.register(world.issuer, { id: 'drinks', brand: 'spring' });
  fuel = await RelyingParty.register(world.issuer, { id: 'fuel', brand: 'volt' });
});

const actionsOf = (page: Page) =>
  page.forms.map(({ action }) => new URL(action).pathname.split('/').slice(3).join('/'));

/** Posts to a step of the interaction that its page has no form for. */
function postByHand(
  agent: Agent,
  page: Page,
  step: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  const [, base = ''] = /(\/interaction\/[\w-]+)/.exec(page.forms[0]?.action ?? page.url) ?? [];
  const csrf = page.forms[0]?.fields._csrf ?? '';
  return agent.request(`${base}/${step}`, { form: { ...fields, _csrf: csrf } });
}

describe('a brand without passwords', () => {
  it('mails a code when the address is entered, and signs in by it', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const { page, begun } = await world.grocery.open(agent);
    expect(page.text).toContain('We e-mail you a code to sign in with');
    await world.forgetMails();
    const asked = await agent.submit(page, { identifier: email }, '/identifier');
    expect(asked.text).toContain('Enter the code from it to sign in');
    expect(asked.text).not.toMatch(/password/i);
    const code = await mailedCode(world.issuer, email);
    const back = await agent.submit(asked, { code }, '/sign-in-code/verify');
    expect((await world.grocery.finish(back, begun)).claims()?.amr).toEqual(['otp']);
  });

  it('registers by the code alone, and neither asks for a password nor makes one', async () => {
    const email = world.newAddress();
    const agent = world.issuer.agent();
    const { page, begun } = await world.grocery.open(agent);
    const form = await agent.open(linkOn(page, 'view=register'));
    expect(form.text).not.toMatch(/type="password"/);
    const waiting = await agent.submit(
      form,
      registrationForm(form, { email, password: goodPassword }),
      '/register',
    );
    const code = await mailedCode(world.issuer, email);
    const back = await agent.submit(waiting, { code }, '/verify');
    const claims = (await world.grocery.finish(back, begun)).claims();
    expect(claims?.amr).toEqual(['otp']);
    const { passwords } = world.issuer.issuer.people;
    expect(await passwords.has(String(claims?.sub))).toBe(false);
    const account = await agent.open('/account/security');
    expect(account.status).toBe(200);
  });

  it('tells a registered address so without a word on passwords, and shows the same page', async () => {
    const { email } = await world.member();
    await world.forgetMails();
    const agent = world.issuer.agent();
    const { page } = await world.grocery.open(agent);
    const waiting = await askForProof(agent, page, email);
    expect(waiting.title).toContain('Check your e-mail');
    const [mail] = await world.mailsTo(email);
    expect(mail?.subject).toContain('already have an account');
    expect(mail?.text).not.toMatch(/password|\/recover/);
  });

  it('has no way to a password or to recovery', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const { page } = await world.grocery.open(agent);
    for (const view of ['password', 'recover']) {
      const shown = await agent.open(`${page.url}?view=${view}`);
      expect(actionsOf(shown)).toContain('identifier');
      expect(shown.text).not.toMatch(/type="password"/);
    }
    await world.forgetMails();
    const steps: [string, Record<string, string>][] = [
      ['password', { username: email, password: goodPassword }],
      ['recover', { identifier: email }],
      ['recover/resend', {}],
      ['recover/code', { code: '1234 5678' }],
      ['new-password', { password: goodPassword }],
      ['link/password', { password: goodPassword }],
    ];
    for (const [step, fields] of steps) {
      const answer = await postByHand(agent, page, step, fields);
      expect([step, answer.status, answer.headers.get('location')]).toEqual([
        step,
        303,
        new URL(page.url).pathname,
      ]);
    }
    expect(await world.mailsTo(email)).toEqual([]);
    expect(actionsOf(await agent.open(page.url))).toContain('identifier');
  });
});

describe('a brand without mailed codes', () => {
  it('offers none, and mails none to whoever posts by hand', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const { page } = await drinks.open(agent);
    const asked = await agent.submit(page, { identifier: email }, '/identifier');
    expect(actionsOf(asked)).toContain('password');
    expect(actionsOf(asked).some((action) => action.startsWith('sign-in-code'))).toBe(false);
    await world.forgetMails();
    const base = new URL(page.url).pathname;
    for (const step of ['sign-in-code/send', 'sign-in-code/verify']) {
      const answer = await postByHand(agent, asked, step, { code: '1234 5678' });
      expect([step, answer.status, answer.headers.get('location')]).toEqual([step, 303, base]);
    }
    expect(await world.mailsTo(email)).toEqual([]);
    expect(actionsOf(await agent.open(page.url))).toContain('password');
  });

  it('does not take the code of another brand of the same browser', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const { page } = await world.grocery.open(agent);
    await world.forgetMails();
    await agent.submit(page, { identifier: email }, '/identifier');
    const code = await mailedCode(world.issuer, email);
    const other = await drinks.open(agent);
    const asked = await agent.submit(other.page, { identifier: email }, '/identifier');
    const answer = await postByHand(agent, asked, 'sign-in-code/verify', { code });
    expect(answer.headers.get('location')).toBe(new URL(other.page.url).pathname);
  });
});

describe('a brand with an upstream only', () => {
  it('shows its button and no field, and takes no address from whoever posts by hand', async () => {
    const agent = world.issuer.agent();
    const before = await world.count('registrations');
    const { page } = await fuel.open(agent);
    expect(actionsOf(page)).toContain('upstream/google');
    expect(actionsOf(page)).not.toContain('upstream/facebook');
    expect(page.text).not.toContain('name="identifier"');
    const joining = await agent.open(linkOn(page, 'view=register'));
    expect(actionsOf(joining)).toContain('upstream/google');
    expect(joining.text).not.toContain('name="email"');
    const email = world.newAddress();
    for (const [step, fields] of [
      ['identifier', { identifier: email }],
      ['register', registrationForm(joining, { email, password: goodPassword })],
    ] as const) {
      const answer = await postByHand(agent, page, step, fields);
      expect(answer.headers.get('location')).toBe(new URL(page.url).pathname);
    }
    const refused = await postByHand(agent, page, 'upstream/facebook');
    expect(refused.status).toBe(404);
    expect(await world.mailsTo(email)).toEqual([]);
    expect(await world.count('registrations')).toBe(before);
  });
});

describe('one account', () => {
  it('is entered by password at one brand and by code at another', async () => {
    const { email, agent, id } = await world.member();
    await world.forgetMails();
    const there = await world.grocery.open(agent, { prompt: 'login' });
    const asked = await agent.submit(there.page, { identifier: email }, '/identifier');
    const code = await mailedCode(world.issuer, email);
    const back = await agent.submit(asked, { code }, '/sign-in-code/verify');
    expect((await world.grocery.finish(back, there.begun)).claims()?.sub).toBe(id);
    const here = await drinks.open(agent, { prompt: 'login' });
    const again = await signIn(agent, here.page, { email });
    expect((await drinks.finish(again, here.begun)).claims()?.sub).toBe(id);
  });
});

describe('the next step', () => {
  const facts = (change: Partial<StepFacts>): StepFacts => ({
    prompt: 'login',
    answered: false,
    firstParty: true,
    redeeming: false,
    flow: {},
    view: undefined,
    joining: false,
    methods: ['password', 'mail-code'],
    ...change,
  });
  const at = (step: FlowStep) => ({ step, email: 'a@example.com' });

  it.each<[FlowStep, string[], string]>([
    ['password', ['password'], 'password'],
    ['password', ['mail-code'], 'sign-in'],
    ['sign-in-code', ['mail-code'], 'sign-in-code'],
    ['sign-in-code', ['password', 'google'], 'sign-in'],
    ['recover-code', ['mail-code'], 'sign-in'],
    ['new-password', ['mail-code'], 'sign-in'],
    ['verify', ['mail-code'], 'verify'],
    ['upstream-code', ['google'], 'upstream-code'],
  ])('of a flow at %s where %j are offered is %s', (step, offered, next) => {
    expect(nextStep(facts({ flow: at(step), methods: offered }))).toBe(next);
  });

  it.each<[FlowView, string[], string]>([
    ['recover', ['password'], 'recover'],
    ['recover', ['mail-code'], 'sign-in'],
    ['password', ['password', 'mail-code'], 'password'],
    ['password', ['mail-code'], 'sign-in'],
    ['register', ['google'], 'register'],
  ])('of the link to %s where %j are offered is %s', (view, offered, next) => {
    expect(nextStep(facts({ flow: at('sign-in-code'), view, methods: offered }))).toBe(next);
  });

  it('asks nobody in particular for a password', () => {
    expect(nextStep(facts({ view: 'password' }))).toBe('sign-in');
  });
});
