import { describe, expect, it } from '@jest/globals';
import type { Agent, Page } from '../../support/agent.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post, type Someone, startWorld } from './world.ts';

const world = await startWorld({ database: watchedDatabaseAddress() });
const commands = await commandsOf(world.issuer.db);
const path = '/account/preferences';
const program = '_program';
const airline = 'aurora-air';
const grocery = 'greenleaf';
const fuel = 'volt';

/** A new member at the page. */
async function atPage() {
  const member = await world.member();
  const agent = await world.signedIn(member);
  const before = (await world.eventsOf(member)).length;
  return { member, agent, page: await agent.open(path), since: () => world.eventsOf(member, before) };
}

/** The inputs of one section. */
const inputsOf = (page: Page, scope: string): Record<string, string> => {
  const all = Object.entries(page.forms.find((form) => form.action.endsWith(path))?.fields ?? {});
  const own = all.filter(([name]) => name.startsWith(`${scope}.`));
  return Object.fromEntries(own.map(([name, text]) => [name.slice(scope.length + 1), text]));
};
const within = (scope: string, values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name === '_csrf' ? name : `${scope}.${name}`, text]),
  );
/** Changes one section and saves the page. */
const save = (agent: Agent, page: Page, scope: string, values: Record<string, string>) =>
  post(agent, page, path, within(scope, values));
const sections = ({ text }: Page) =>
  [...text.matchAll(/<h2 id="([\w-]+)-heading"><bdi>([^<]*)/g)].map(([, , name]) => name);

async function storedOf({ id }: Someone) {
  const { members, consents } = world.issuer.issuer.people;
  const member = await members.get(id);
  if (!member) throw new Error('no member');
  const { purposes } = await consents.current(id);
  return {
    values: await members.attributes(member),
    sources: member.sources ?? {},
    consents: Object.fromEntries(purposes.map(({ purposeId, kind, brand }) => [purposeId, [kind, brand]])),
  };
}

describe('the preferences page', () => {
  it('asks for the whole program first, then by brand, all in one form', async () => {
    const { page } = await atPage();
    expect(sections(page)).toEqual([
      'How we may reach you',
      'Aurora Air',
      'Greenleaf Markets',
      'Spring Drinks',
      'Volt Fuel',
    ]);
    expect(page.forms.filter(({ action }) => action.endsWith(path))).toHaveLength(1);
    expect(page.text.match(/>Save all changes</g)).toHaveLength(5);
    expect(page.text).toContain('aria-current="page">Preferences');
  });

  it('puts the brand first whose site the member came from', async () => {
    const volt = await RelyingParty.register(world.issuer, { id: 'station', brand: 'volt' });
    const member = await world.member();
    const agent = world.issuer.agent();
    await signIn(agent, (await volt.open(agent)).page, member);
    expect(sections(await agent.open(path))[1]).toBe('Volt Fuel');
  });

  it('keeps what a brand asks, as one event, with the brand as its source, and tells so once', async () => {
    const { member, agent, page, since } = await atPage();
    const saved = await save(agent, page, airline, { 'field.seat': 'window', 'field.meal': 'vegan' });
    expect([saved.status, saved.headers.get('location')]).toEqual([303, path]);
    const after = await agent.open(path);
    expect(after.text).toMatch(/role="status"[\s\S]*Your preferences are saved: [^<]*Aurora Air/);
    expect((await agent.open(path)).text).not.toContain('role="status"');
    expect(inputsOf(after, airline)).toMatchObject({ 'field.seat': 'window', 'field.meal': 'vegan' });
    expect(after.text).toMatch(/Where do you like to sit\?<\/bdi> · <bdi>You, at [^<]*Aurora Air/);
    expect(await since()).toEqual(['member.attributes_changed seat meal member']);
    const { sources } = await storedOf(member);
    expect(sources.seat).toMatchObject({ by: 'member', brand: 'aurora-air', release: expect.any(String) });
  });

  it('seals what is sensitive', async () => {
    const { member, agent, page } = await atPage();
    await save(agent, page, grocery, { 'field.allergies.nuts': 'yes', 'field.allergies.milk': 'yes' });
    const record = await world.issuer.issuer.people.members.get(member.id);
    expect(record?.traits).toEqual({});
    expect((await storedOf(member)).values).toEqual({ allergies: ['nuts', 'milk'] });
  });

  it('takes a value away where the member clears it, whatever its kind', async () => {
    const { member, agent, page, since } = await atPage();
    await save(agent, page, airline, { 'field.seat': 'aisle', 'field.meal': 'halal' });
    await save(agent, page, grocery, { 'field.store': '4711', 'field.diet.vegan': 'yes' });
    const again = await agent.open(path);
    expect(again.text).toContain('No answer');
    await save(agent, again, airline, { 'field.seat': '', 'field.meal': '' });
    const third = await agent.open(path);
    const form = third.forms.find(({ action }) => action.endsWith(path))?.fields ?? {};
    const { 'greenleaf.field.diet.vegan': _unticked, ...others } = form;
    await agent.request(path, { form: { ...others, 'greenleaf.field.store': '' } });
    expect((await storedOf(member)).values).toEqual({});
    expect((await since()).slice(2)).toEqual([
      'member.attributes_changed seat meal member',
      'member.attributes_changed store diet member',
    ]);
  });

  it('asks of a field only where its condition holds', async () => {
    const { member, agent, page } = await atPage();
    await save(agent, page, fuel, { 'field.fuel_grade': 'diesel', 'field.connector': 'ccs' });
    expect((await storedOf(member)).values).toEqual({ fuel_grade: 'diesel' });
    await save(agent, await agent.open(path), fuel, {
      'field.fuel_grade': 'electric',
      'field.connector': 'ccs',
    });
    expect((await storedOf(member)).values).toEqual({ fuel_grade: 'electric', connector: 'ccs' });
  });

  it('follows the member’s home market', async () => {
    await publishLayers(world.issuer, { 'brands/volt/markets/us': { forms: { preferences: null } } });
    const { agent, page } = await atPage();
    expect(sections(page)).not.toContain('Volt Fuel');
    await publishLayers(world.issuer, {});
    expect(sections(await agent.open(path))).toContain('Volt Fuel');
  });

  it('says so where no brand asks anything', async () => {
    const none = { forms: {} };
    const brands = ['aurora-air', 'greenleaf', 'spring', 'volt'].map((id) => [`brands/${id}/brand`, none]);
    await publishLayers(world.issuer, { program: none, ...Object.fromEntries(brands) });
    const { page } = await atPage();
    expect(page.text).toContain('Nothing is asked here');
    await publishLayers(world.issuer, {});
  });

  it('reads the member once, however many brands ask', async () => {
    const { agent, page } = await atPage();
    await save(agent, page, airline, { 'field.meal': 'vegan' });
    await save(agent, page, grocery, { 'field.allergies.nuts': 'yes' });
    await agent.open(path);
    commands.length = 0;
    await agent.open(path);
    expect([...commands].sort()).toEqual([
      'aggregate artefacts',
      'find consentStates',
      'find memberKeys',
      'find members',
    ]);
  });
});

describe('a consent among the preferences', () => {
  const toMarketing = 'purpose.marketing-email';
  const toPersonal = 'purpose.personalisation';

  it('is given for the brand that asks, and taken back, each a decision with its event', async () => {
    const { member, agent, page, since } = await atPage();
    await save(agent, page, grocery, { [toPersonal]: 'yes' });
    expect((await storedOf(member)).consents.personalisation).toEqual(['given', 'greenleaf']);
    await save(agent, await agent.open(path), grocery, { [toPersonal]: 'no' });
    expect((await storedOf(member)).consents.personalisation?.[0]).toBe('withdrawn');
    expect(await since()).toEqual([
      'consent.recorded personalisation 1.0 given',
      'consent.recorded personalisation 1.0 withdrawn',
    ]);
  });

  it('stays open where nothing is chosen', async () => {
    const { member, agent, page, since } = await atPage();
    await save(agent, page, program, { 'field.contact_channels.email': 'yes' });
    expect(await since()).toEqual(['member.attributes_changed contact_channels member']);
    expect((await storedOf(member)).consents).not.toHaveProperty('marketing-email');
  });

  it.each([
    ['another text', (seen: string) => seen.replace(/text\.marketing-email=[^&]*/, 'text.marketing-email=x')],
    ['no text', (seen: string) => seen.replace(/&text\.marketing-email=[^&]*/, '')],
  ])('is not taken from a page that showed %s, and is asked again', async (_name, change) => {
    const { agent, page, since } = await atPage();
    const seen = change(inputsOf(page, program).seen ?? '');
    const sent = { seen, [toMarketing]: 'yes', 'field.contact_channels.sms': 'yes' };
    const refused = await save(agent, page, program, sent);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('id="_program-purpose-marketing-email-fault"');
    expect(await since()).toEqual([]);
    await save(agent, refused, program, { [toMarketing]: 'yes' });
    expect(await since()).toEqual([
      'member.attributes_changed contact_channels member',
      'consent.recorded marketing-email 1.0 given',
    ]);
  });
});

describe('of two sendings', () => {
  it('of the same page one has an effect, also at the same moment', async () => {
    const { agent, page, since } = await atPage();
    const once = { 'field.seat': 'window' };
    for (let times = 0; times < 2; times += 1)
      expect((await save(agent, page, airline, once)).status).toBe(303);
    expect(await since()).toEqual(['member.attributes_changed seat member']);
    const both = await Promise.all(
      [1, 2, 3].flatMap(() => [
        save(agent, page, fuel, { 'field.vehicle': 'car' }),
        save(agent, page, grocery, { 'purpose.personalisation': 'yes' }),
      ]),
    );
    expect(both.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303, 303]);
    expect((await since()).slice(1).sort()).toEqual([
      'consent.recorded personalisation 1.0 given',
      'member.attributes_changed vehicle member',
    ]);
  });

  it('of two pages each keeps what it changed, and undoes nothing of the other', async () => {
    const { member, agent, page } = await atPage();
    await save(agent, page, airline, { 'field.seat': 'window', 'field.meal': 'vegan' });
    await save(agent, page, grocery, { 'purpose.personalisation': 'yes' });
    const older = await agent.open(path);
    const newer = await agent.open(path);
    await save(agent, newer, airline, { 'field.meal': 'kosher' });
    await save(agent, newer, grocery, { 'purpose.personalisation': 'no' });
    await save(agent, older, airline, { 'field.seat': 'aisle' });
    await save(agent, older, grocery, { 'field.store': '12' });
    const { values, consents } = await storedOf(member);
    expect(values).toEqual({ seat: 'aisle', meal: 'kosher', store: '12' });
    expect(consents.personalisation?.[0]).toBe('withdrawn');
  });

  it('of a page from before a release, nothing is lost that the page did not show', async () => {
    const { member, agent, page } = await atPage();
    await save(agent, page, airline, { 'field.meal': 'vegan' });
    const title = { en: 'Trips' };
    const only = { preferences: { title, steps: [{ fields: [{ attribute: 'seat' }] }] } };
    await publishLayers(world.issuer, { 'brands/aurora-air/brand': { forms: only } });
    const older = await agent.open(path);
    await publishLayers(world.issuer, {});
    expect((await save(agent, older, airline, { 'field.seat': 'window' })).status).toBe(303);
    expect((await storedOf(member)).values).toEqual({ seat: 'window', meal: 'vegan' });
  });
});

describe('what was typed in several sections', () => {
  it('is saved together, each for its brand and as an event of its own', async () => {
    const { member, agent, page, since } = await atPage();
    const both = {
      ...within(airline, { 'field.seat': 'aisle' }),
      ...within(grocery, { 'field.pet': 'cat' }),
    };
    const saved = await post(agent, page, path, both);
    expect(saved.status).toBe(303);
    expect((await agent.open(path)).text).toMatch(/role="status"[^>]*><p>Your preferences are saved\.</);
    expect(await since()).toEqual([
      'member.attributes_changed seat member',
      'member.attributes_changed pet member',
    ]);
    const { sources } = await storedOf(member);
    expect([sources.seat?.brand, sources.pet?.brand]).toEqual(['aurora-air', 'greenleaf']);
  });

  it('is saved but for the section with a fault, which keeps what was typed and says that it is not saved', async () => {
    const { member, agent, page, since } = await atPage();
    const typed = {
      ...within(program, { 'field.contact_channels.sms': 'yes' }),
      ...within(airline, { 'field.seat': 'aisle' }),
      ...within(grocery, { 'field.store': 'no such number!', 'field.pet': 'cat' }),
    };
    const refused = await post(agent, page, path, typed);
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(/Saved: [^.]*How we may reach you[^.]*Aurora Air/);
    expect(refused.text).toContain('href="#greenleaf-field-store"');
    expect(inputsOf(refused, grocery)).toMatchObject({
      'field.store': 'no such number!',
      'field.pet': 'cat',
    });
    expect(await since()).toEqual([
      'member.attributes_changed contact_channels member',
      'member.attributes_changed seat member',
    ]);
    await save(agent, refused, grocery, { 'field.store': '4711' });
    expect((await since()).slice(2)).toEqual(['member.attributes_changed store pet member']);
    expect((await storedOf(member)).values).toMatchObject({ seat: 'aisle', store: '4711', pet: 'cat' });
  });
});

describe('what is wrong with the preferences of one brand', () => {
  it('stands at its field, beside what was entered, and leaves the other brands as they are', async () => {
    const { agent, page, since } = await atPage();
    await save(agent, page, airline, { 'field.seat': 'aisle' });
    const refused = await save(agent, await agent.open(path), grocery, {
      'field.store': 'no such number!',
      'field.pet': 'cat',
    });
    expect(refused.status).toBe(422);
    expect(refused.title).toMatch(/^Error/);
    expect(refused.text).toContain('href="#greenleaf-field-store"');
    expect(refused.text).toContain('id="greenleaf-field-store-fault"');
    expect(inputsOf(refused, grocery)).toMatchObject({
      'field.store': 'no such number!',
      'field.pet': 'cat',
    });
    expect(inputsOf(refused, airline)).toMatchObject({ 'field.seat': 'aisle' });
    expect(await since()).toEqual(['member.attributes_changed seat member']);
    await save(agent, refused, grocery, { 'field.store': '4711' });
    expect((await since()).slice(1)).toEqual(['member.attributes_changed store pet member']);
  });

  it.each([
    ['an unknown field', { 'field.tier': 'gold' }, 422],
    ['a field of another brand', { 'field.seat': 'window' }, 422],
    ['a field of every member', { name: 'Mika' }, 422],
    ['a name of the record', { status: 'locked' }, 422],
    ['an option that is not offered', { 'field.pet': 'dragon' }, 422],
    ['an option of many that is not offered', { 'field.diet.stones': 'yes' }, 422],
    ['a text that is too long', { 'field.store': '1'.repeat(200) }, 422],
    ['an answer to a consent that is neither yes nor no', { 'purpose.personalisation': 'maybe' }, 422],
    ['a consent that is not on the form', { 'purpose.partner-sharing': 'yes' }, 422],
    ['terms', { 'purpose.program-terms': 'yes' }, 422],
    ['marks that are too long', { seen: 'x'.repeat(30_001) }, 422],
    ['a form without its token', { _csrf: '' }, 403],
    ['another form’s token', { _csrf: 'x'.repeat(43) }, 403],
    ['an operator', { 'field.pet[$ne]': 'x' }, 400],
    ['a prototype', { 'field.__proto__': 'x' }, 400],
  ])('as %s is refused as a whole', async (_name, values, status) => {
    const { member, agent, page, since } = await atPage();
    const before = await storedOf(member);
    const refused = await save(agent, page, grocery, { 'field.diet.vegan': 'yes', ...values });
    expect(refused.status).toBe(status);
    expect(await since()).toEqual([]);
    expect(await storedOf(member)).toEqual(before);
  });

  it.each(['no-such-brand', 'AURORA', 'volt2'])(
    'as a section named %j is refused with everything else, and nothing of it is lost',
    async (scope) => {
      const { agent, page, since } = await atPage();
      const strange = { [`${scope}.field.pet`]: 'cat', [`${grocery}.field.pet`]: 'dog' };
      const refused = await post(agent, page, path, strange);
      expect(refused.status).toBe(422);
      expect(inputsOf(refused, grocery)).toMatchObject({ 'field.pet': 'dog' });
      expect(await since()).toEqual([]);
      await save(agent, refused, grocery, {});
      expect(await since()).toEqual(['member.attributes_changed pet member']);
    },
  );

  it('is told to nobody who is not signed in', async () => {
    const { page } = await atPage();
    const stranger = world.issuer.agent();
    expect((await stranger.open(path)).title).toContain('Sign in');
    const form = page.forms.find(({ action }) => action.endsWith(path))?.fields ?? {};
    const sent = await stranger.request(path, { form });
    expect(sent.status).toBeGreaterThanOrEqual(400);
  });
});
