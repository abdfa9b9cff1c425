import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from '../../support/agent.ts';
import { collectionsHolding } from '../../support/everything.ts';
import { register, registrationForm } from '../../support/people.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';
import { goodPassword, linkOn, startWorld, type World } from './world.ts';

const label = { en: 'Label', de: 'Beschriftung' };
const options = ['vegan', 'halal', 'no-nuts'].map((value) => ({ value, label: { en: value } }));

/** What the airline asks here. */
const attributes = {
  motto: { type: 'text', class: 'trait', label, constraints: { maxLength: 5 } },
  cars: { type: 'number', class: 'trait', label, constraints: { min: 0, step: 1 } },
  news: { type: 'boolean', class: 'trait', label },
  birthdate: { type: 'date', class: 'identifier', label, constraints: { max: 'today' } },
  fodder: { type: 'choices', class: 'sensitive', label, constraints: { options } },
  phone_number: { type: 'phone', class: 'identifier', label },
  address: { type: 'address', class: 'identifier', label },
};
const form = {
  title: { en: 'Join' },
  steps: [
    { fields: Object.keys(attributes).map((attribute) => ({ attribute, required: attribute === 'cars' })) },
  ],
};
const answers = {
  'field.motto': ' Go! ',
  'field.cars': '2',
  'field.birthdate': '1990-01-01',
  'field.fodder.vegan': 'yes',
  'field.fodder.no-nuts': 'yes',
  'field.phone_number': '(212) 555-0123',
  'field.address.street_address': '1 Lime Street\r\nFloor 2',
  'field.address.locality': 'Springfield',
  'field.address.country': 'US',
};

describe('a registration that asks attributes of many types', () => {
  let program: ProgramFolder;
  let world: World;

  beforeAll(async () => {
    program = copyOfProgram();
    program.edit('brands/aurora-air/brand.json', (brand) => {
      Object.assign(brand, { attributes, forms: { registration: form }, profiling: {} });
    });
    world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
  });
  afterAll(() => program.remove());

  const openForm = async () => {
    const { agent, page } = await world.start();
    return { agent, page: await agent.open(linkOn(page, 'view=register')) };
  };
  const send = async (fields: Record<string, string>) => {
    const { agent, page } = await openForm();
    const person = { email: world.newAddress(), password: goodPassword };
    return agent.submit(page, registrationForm(page, { ...person, ...fields }), '/register');
  };
  const faultsOn = (page: Page) => {
    const summary = /class="summary"[\s\S]*?<\/div>/.exec(page.text)?.[0] ?? '';
    return [...summary.matchAll(/href="#([\w-]+)"/g)].map(([, id]) => id);
  };

  it('keeps them typed, those that say who somebody is sealed, and each with its source', async () => {
    const { agent, page, begun } = await world.start();
    const back = await register(world.issuer, agent, page, { email: world.newAddress(), fields: answers });
    const { sub = '' } = (await world.airline.finish(back, begun)).claims() ?? {};
    const { members } = world.issuer.issuer.people;
    const member = await members.get(sub);
    expect(member && (await members.attributes(member))).toEqual({
      motto: 'Go!',
      cars: 2,
      news: false,
      birthdate: '1990-01-01',
      fodder: ['vegan', 'no-nuts'],
      phone_number: '+12125550123',
      address: { street_address: '1 Lime Street\nFloor 2', locality: 'Springfield', country: 'US' },
    });
    expect(member?.traits).toEqual({ motto: 'Go!', cars: 2, news: false });
    const { experiences } = world.issuer.issuer.core;
    const { release } = experiences.experienceFor({ brand: 'aurora-air', market: 'us' });
    expect(member?.sources?.fodder).toEqual({
      by: 'member',
      release,
      brand: 'aurora-air',
      client: 'airline',
      at: expect.any(Date),
    });
    for (const secret of ['Lime Street', '5550123', '1990-01-01', 'no-nuts'])
      expect(
        (await collectionsHolding(world.issuer.db, secret)).filter(
          (name) => !/^(configuration|release)/i.test(name),
        ),
      ).toEqual([]);
  });

  it('names every fault at its input, and shows what was entered again', async () => {
    const again = await send({
      ...answers,
      'field.motto': 'too long',
      'field.cars': '1.5',
      'field.birthdate': '2999-01-01',
      'field.phone_number': '12',
      'field.address.locality': '',
    });
    expect(again.status).toBe(422);
    expect(faultsOn(again)).toEqual([
      'field-motto',
      'field-cars',
      'field-birthdate',
      'field-phone_number',
      'field-address-locality',
    ]);
    const shown = again.forms.find(({ action }) => action.endsWith('/register'))?.fields ?? {};
    expect(shown).toMatchObject({
      'field.motto': 'too long',
      'field.fodder.vegan': 'yes',
      'field.address.street_address': expect.stringContaining('1 Lime Street'),
      'field.address.country': 'US',
    });
    expect(shown).not.toHaveProperty('field.fodder.halal');
  });

  it('asks for what is required, and takes no for an answer elsewhere', async () => {
    expect(faultsOn(await send({}))).toEqual(['field-cars']);
  });
});
