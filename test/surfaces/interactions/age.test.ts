/** The youngest age a market's law lets register (GDPR Art. 8): stated by a tick, or told by a day of birth. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Agent } from '../../support/agent.ts';
import { registrationForm } from '../../support/people.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

let world: World;
/** Their form asks the day of birth: of everybody, or of whoever wants to tell it. */
let told: RelyingParty;
let free: RelyingParty;
/** The law of this market sets no age. */
let anyAge: RelyingParty;

beforeAll(async () => {
  const program = copyOfProgram();
  const born = { type: 'date', class: 'identifier', label: { en: 'Day of birth' } };
  for (const [brand, required] of [
    ['volt', true],
    ['spring', false],
  ] as const) {
    program.edit(`brands/${brand}/brand.json`, (value) => {
      value.attributes = { birthdate: born };
      value.profiling = {};
      value.forms = { registration: { steps: [{ fields: [{ attribute: 'birthdate', required }] }] } };
    });
  }
  program.edit('brands/greenleaf/brand.json', (value) => {
    value.attributes = { birthdate: born };
    value.profiling = {};
    const asked = { attribute: 'birthdate', required: true };
    const pages = [[{ core: 'name' }], [asked], [{ core: 'locale' }]];
    value.forms = { registration: { steps: pages.map((fields) => ({ fields })) } };
  });
  program.edit('markets/jp.json', (market) => {
    Object.assign(market.legal as object, { minimumAge: 0 });
  });
  world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
  program.remove();
  told = await RelyingParty.register(world.issuer, { id: 'told', brand: 'volt', market: 'us' });
  free = await RelyingParty.register(world.issuer, { id: 'free', brand: 'spring', market: 'us' });
  anyAge = await RelyingParty.register(world.issuer, { id: 'any-age', brand: 'aurora-air', market: 'jp' });
});

async function openAt(site: RelyingParty, agent: Agent = world.issuer.agent()) {
  const { page, begun } = await site.open(agent);
  return { agent, begun, form: await agent.open(linkOn(page, 'view=register')) };
}

/** Sends the form and, where it is taken, proves the address. */
async function send(site: RelyingParty, more: Record<string, string>) {
  const { agent, form, begun } = await openAt(site);
  const email = world.newAddress();
  const fields = { ...registrationForm(form), age: '', email, password: goodPassword, ...more };
  const waiting = await agent.submit(form, fields, '/register');
  if (waiting.status !== 200) return { refused: waiting };
  const back = await agent.submit(waiting, { code: await mailedCode(world.issuer, email) }, '/verify');
  const memberId = String((await site.finish(back, begun)).claims()?.sub);
  const events = await world.issuer.issuer.core.events.ofMember(memberId, 100);
  return { registered: events.find(({ type }) => type === 'member.registered')?.data };
}

describe('the age that a market asks for', () => {
  it('is stated by a tick where no day of birth is asked, and kept with the registration', async () => {
    const { form } = await openAt(world.airline);
    expect(form.text).toContain('I am at least 13 years old');
    const { registered } = await send(world.airline, { age: 'stated' });
    expect(registered).toEqual({ via: 'password', stated_age: 13 });
  });

  it.each(['', 'yes', '12'])('makes no member when it is left out (%j)', async (age) => {
    const before = await world.count('members');
    const { refused } = await send(world.airline, { age });
    expect(refused?.status).toBe(422);
    expect(refused?.text).toContain('href="#age"');
    expect(refused?.text).toContain('Please confirm that you are at least 13 years old.');
    expect(await world.count('members')).toBe(before);
  });

  it('is told by a day of birth that everybody must give: no tick is asked', async () => {
    const { form } = await openAt(told);
    expect(form.text).not.toContain('name="age"');
    const { refused } = await send(told, { 'field.birthdate': '2024-05-01' });
    expect(refused?.status).toBe(422);
    expect(refused?.text).toContain('href="#field-birthdate"');
    expect((await send(told, { 'field.birthdate': '1990-05-01' })).registered).toEqual({ via: 'password' });
  });

  it('is stated as well where the day of birth may be left out, and a day that is told still counts', async () => {
    expect((await send(free, {})).refused?.text).toContain('href="#age"');
    expect((await send(free, { age: 'stated' })).registered).toMatchObject({ stated_age: 13 });
    const { refused } = await send(free, { age: 'stated', 'field.birthdate': '2024-05-01' });
    expect(refused?.text).toContain('href="#field-birthdate"');
  });

  it('counts for a day that is entered on the way back, too', async () => {
    const { agent, form } = await openAt(world.grocery);
    const email = world.newAddress();
    const second = await agent.submit(form, { email, password: goodPassword }, '/register');
    const last = await agent.submit(second, { 'field.birthdate': '1990-05-01' }, '/register');
    expect(last.text).toContain('terms.program-terms');
    const before = await agent.submit(last, { go: 'back' }, '/register');
    await agent.submit(before, { go: 'back', 'field.birthdate': '2024-05-01' }, '/register');
    // The page of the terms is still open in another tab.
    const again = await agent.submit(last, registrationForm(last), '/register');
    expect(again.text).toContain('value="2024-05-01"');
    expect((await agent.submit(again, {}, '/register')).status).toBe(422);
  });

  it('is asked of nobody where the law sets none', async () => {
    const { form } = await openAt(anyAge);
    expect(form.text).not.toContain('name="age"');
    expect((await send(anyAge, {})).registered).toEqual({ via: 'password' });
  });
});
