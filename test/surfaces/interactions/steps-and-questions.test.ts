import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { registrationForm, signIn } from '../../support/people.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

const label = (en: string) => ({ en });
const options = ['dog', 'cat', 'none'].map((value) => ({ value, label: label(value) }));

let world: World;
let walker: RelyingParty;
let program: ProgramFolder;
beforeAll(async () => {
  program = copyOfProgram();
  program.edit('brands/aurora-air/brand.json', (brand) => {
    brand.attributes = {
      pet: { type: 'choice', class: 'trait', label: label('Pet?'), constraints: { options } },
      pet_name: { type: 'text', class: 'sensitive', label: label('Its name?') },
      seat: { type: 'text', class: 'trait', label: label('Seat?') },
      meal: { type: 'text', class: 'trait', label: label('Meal?') },
      lounge: { type: 'text', class: 'trait', label: label('Lounge?') },
    };
    brand.forms = {
      registration: {
        steps: [
          { fields: [{ attribute: 'pet' }] },
          {
            title: label('Your pet'),
            fields: [
              { attribute: 'pet_name', required: true, when: { attribute: 'pet', oneOf: ['dog', 'cat'] } },
            ],
          },
          { fields: [{ consent: 'personalisation' }] },
        ],
      },
    };
    brand.profiling = {
      trips: {
        ask: ['seat', 'meal'],
        when: { signIns: 2, clients: ['airline'] },
        lead: label('For your trip.'),
      },
      lounges: { ask: ['lounge'], when: { scopes: ['points:read'] }, required: true },
      walks: { ask: ['seat', 'meal', 'lounge'], when: { clients: ['walker'] } },
    };
  });
  world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
  walker = await RelyingParty.register(world.issuer, { id: 'walker' });
});
afterAll(() => program.remove());

/** Registers up to the second page. */
async function begin(pet: string, email = world.newAddress()) {
  const { agent, page, begun } = await world.start();
  const first = await agent.open(linkOn(page, 'view=register'));
  const form = { email, password: goodPassword, 'field.pet': pet };
  return { agent, email, begun, first, second: await agent.submit(first, form, '/register') };
}

/** Goes on from the page of the law's questions to the end. */
async function finish(agent: Agent, last: Page, email: string, more: Record<string, string> = {}) {
  const asked = await agent.submit(last, registrationForm(last, more), '/register');
  expect([asked.status, asked.text.includes(email)]).toEqual([200, true]);
  return agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/verify');
}

const memberOf = async (email: string) => {
  const { members } = world.issuer.issuer.people;
  const member = await members.findByIdentifier({ type: 'email', value: email });
  if (!member) throw new Error('no member');
  return { member, values: await members.attributes(member), state: await stateOf(member._id) };
};
const stateOf = (id: string) =>
  world.issuer.db.main
    .collection<{ _id: string; signIns: number; asked: Record<string, { outcome: string }> }>(
      'profilingStates',
    )
    .findOne({ _id: id });

describe('a registration of several pages', () => {
  it('asks each page by what came before it, keeps what was answered, and records consents asked as fields', async () => {
    const { agent, email, second, begun } = await begin('dog');
    expect(second.title).toContain('step 2 of 3');
    expect(second.text).toContain('Its name?');
    const refused = await agent.submit(second, {}, '/register');
    expect(refused.status).toBe(422);
    const third = await agent.submit(refused, { 'field.pet_name': 'Rex' }, '/register');
    expect(third.title).toContain('step 3 of 3');
    const back = await finish(agent, third, email, { 'purpose.personalisation': 'yes' });
    await world.airline.finish(back, begun);
    const { member, values } = await memberOf(email);
    expect(values).toEqual({ pet: 'dog', pet_name: 'Rex' });
    expect(member.traits).toEqual({ pet: 'dog' });
    const { purposes } = await world.issuer.issuer.people.consents.current(member._id);
    expect(purposes.find(({ purposeId }) => purposeId === 'personalisation')?.kind).toBe('given');
  });

  it('passes over a page without a question', async () => {
    const { second } = await begin('none');
    expect(second.text).not.toContain('Its name?');
    expect(second.text).toContain('terms.program-terms');
  });

  it('leads back without losing anything but the secret, and forwards without asking it again', async () => {
    const { agent, email, second } = await begin('cat');
    const first = await agent.submit(second, { go: 'back', 'field.pet_name': 'Tom' }, '/register');
    const form = first.forms.find(({ action }) => action.endsWith('/register'));
    expect(form?.fields).toMatchObject({ email, password: '', 'field.pet': 'cat' });
    const again = await agent.submit(first, {}, '/register');
    expect(again.text).toContain('value="Tom"');
    const other = await agent.submit(first, { email: world.newAddress() }, '/register');
    expect(other.status).toBe(422);
  });

  it('takes no page that was not reached, and no answer to what was not asked', async () => {
    const { agent, email, first } = await begin('none');
    const ahead = await agent.submit(first, { step: '2' }, '/register');
    expect(ahead.title).not.toContain('Check');
    const page = await agent.open(linkOn(first, 'view=sign-in').replace('sign-in', 'register'));
    const back = await finish(agent, page, email, { 'field.pet_name': 'Ghost' });
    expect(new URL(back.url).searchParams.has('code')).toBe(true);
    expect((await memberOf(email)).values).toEqual({ pet: 'none' });
  });
});

describe('progressive questions', () => {
  async function newMember() {
    const { agent, email, second, begun } = await begin('none');
    await world.airline.finish(await finish(agent, second, email), begun);
    return { agent, email };
  }
  const again = async (email: string) => {
    const agent = world.issuer.agent();
    const { page, begun } = await world.airline.open(agent);
    return { agent, begun, page: await signIn(agent, page, { email }) };
  };

  it('are put after the second sign-in, can be skipped, and never come again', async () => {
    const { email, agent: first } = await newMember();
    await world.airline.silently(first);
    const { agent, page, begun } = await again(email);
    expect(page.text).toContain('Tell us a little more');
    expect(page.text).toContain('For your trip.');
    const back = await agent.submit(page, {}, '/questions/skip');
    await world.airline.finish(back, begun);
    const { state, values } = await memberOf(email);
    expect(values).toEqual({ pet: 'none' });
    expect(state?.signIns).toBe(2);
    expect(state?.asked).toMatchObject({ seat: { outcome: 'skipped' }, meal: { outcome: 'skipped' } });
    const third = await again(email);
    await world.airline.finish(third.page, third.begun);
  });

  it('keep what is answered with its source, and what is left open as skipped', async () => {
    const { email } = await newMember();
    const { agent, page, begun } = await again(email);
    const wrong = await agent.submit(page, { 'field.seat': 'x'.repeat(101) }, '/questions');
    expect(wrong.status).toBe(422);
    const back = await agent.submit(wrong, { 'field.seat': '12A' }, '/questions');
    await world.airline.finish(back, begun);
    const { member, values, state } = await memberOf(email);
    expect(values).toEqual({ pet: 'none', seat: '12A' });
    expect(member.sources?.seat).toMatchObject({
      by: 'member',
      client: 'airline',
      release: expect.any(String),
    });
    expect(state?.asked).toMatchObject({ seat: { outcome: 'answered' }, meal: { outcome: 'skipped' } });
  });

  it.each(['/questions', '/questions/skip'])(
    'are not passed over by another tab that never asked them (%s)',
    async (sent) => {
      const { email, agent } = await newMember();
      const tabs = [await walker.open(agent), await walker.open(agent)];
      for (const { page } of tabs) expect(page.text).toMatch(/Seat\?[\s\S]*Meal\?/);
      const [first, second] = tabs.map(({ page }) => page) as [Page, Page];
      await agent.submit(first, { 'field.seat': '12A', 'field.meal': 'vegan' }, '/questions');
      const back = await agent.submit(second, { 'field.seat': '1C' }, sent);
      expect(new URL(back.url).searchParams.has('code')).toBe(true);
      const { values, state } = await memberOf(email);
      expect(values).toMatchObject({ seat: '12A', meal: 'vegan' });
      expect(Object.keys(state?.asked ?? {}).sort()).toEqual(['meal', 'seat']);
      expect((await walker.open(agent)).page.text).toContain('Lounge?');
    },
  );

  it('that a scope needs are answered before anything is issued', async () => {
    const { email, agent } = await newMember();
    const points = { scope: 'openid points:read', resource: 'https://points.xenia.example/api' };
    const none = await world.airline.open(agent, { ...points, prompt: 'none' });
    expect(new URL(none.page.url).searchParams.get('error')).toBe('interaction_required');
    const { page, begun } = await world.airline.open(agent, points);
    expect(page.text).toContain('Lounge?');
    expect(page.text).not.toContain('/questions/skip');
    const open = await agent.submit(page, {}, '/questions');
    expect(open.status).toBe(422);
    const back = await agent.submit(open, { 'field.lounge': 'Berlin' }, '/questions');
    expect(new URL(back.url).searchParams.get('state')).toBe(begun.state);
    expect((await memberOf(email)).values).toMatchObject({ lounge: 'Berlin' });
  });

  it('that a scope needs are needed by a refresh as well: without the answer it goes without the scope', async () => {
    const { email, agent } = await newMember();
    const resource = 'https://points.xenia.example/api';
    const asked = { scope: 'openid points:read points:redeem', resource };
    const { page, begun } = await world.airline.open(agent, asked);
    const back = await agent.submit(page, { 'field.lounge': 'Berlin' }, '/questions');
    const tokens = await world.airline.finish(back, begun);
    const refresh = (token = '', more: Record<string, string> = {}) =>
      client.refreshTokenGrant(world.airline.config, token, { resource, ...more });
    const whole = await refresh(tokens.refresh_token);
    expect(whole.scope?.split(' ')).toEqual(expect.arrayContaining(['points:read', 'points:redeem']));

    const { member } = await memberOf(email);
    const { members } = world.issuer.issuer.people;
    const gone = { values: { lounge: null }, definitions: {}, source: { by: 'member' as const } };
    await inTransaction(world.issuer.db, (tx) =>
      members.setAttributes(tx, member, gone, systemVisit('test')),
    );
    const less = await refresh(whole.refresh_token ?? tokens.refresh_token);
    expect(less.scope?.split(' ')).toContain('points:redeem');
    expect(less.scope?.split(' ')).not.toContain('points:read');
    const named = refresh(less.refresh_token ?? whole.refresh_token, { scope: 'points:read' });
    await expect(named).rejects.toMatchObject({ error: 'invalid_scope' });
  });
});
