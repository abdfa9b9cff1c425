import { afterEach, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { publishLayers } from '../../support/publishing.ts';
import { post, startWorld } from './world.ts';

const world = await startWorld();
const path = '/account/profile';
const answers = `${path}/answers`;

const label = { en: 'Status' };
const options = ['Gold', 'Blue'].map((en) => ({ value: en.toLowerCase(), label: { en } }));
const tier = { type: 'choice', class: 'trait', label, constraints: { options } };
const ledger = { write: ['client:points-ledger'] };
const bare = { attributes: {}, forms: {}, profiling: {} };
/** In place of the shipped attributes and the forms that ask them. */
const withTier = {
  ...Object.fromEntries(
    ['aurora-air', 'greenleaf', 'spring', 'volt'].map((id) => [`brands/${id}/brand`, bare]),
  ),
  program: {
    attributes: {
      tier: { ...tier, read: ['member'], ...ledger },
      secret_score: { ...tier, read: ['client:points-ledger'], ...ledger },
      nickname: { type: 'text', class: 'trait', label: { en: 'Nickname' }, constraints: { maxLength: 5 } },
      motto: { type: 'text', class: 'trait', label: { en: 'Motto' } },
    },
    forms: {
      profile: {
        title: { en: 'About you' },
        steps: [
          { fields: [{ core: 'name' }, { core: 'locale' }, { attribute: 'nickname', required: true }] },
          {
            title: { en: 'More' },
            fields: [{ attribute: 'motto', when: { attribute: 'nickname', present: true } }],
          },
        ],
      },
    },
  },
};

async function atPage() {
  const member = await world.member({ name: 'Mika' });
  const agent = await world.signedIn(member);
  const before = (await world.eventsOf(member)).length;
  return { member, agent, page: await agent.open(path), since: () => world.eventsOf(member, before) };
}

/** As the points ledger writes it. */
async function writeTier(memberId: string): Promise<void> {
  const { core, people } = world.issuer.issuer;
  const member = await people.members.get(memberId);
  if (!member) throw new Error('no member');
  const write = {
    values: { tier: 'gold', secret_score: 'gold' },
    definitions: core.experiences.experienceFor({}).attributes,
    source: { by: 'client' as const, client: 'points-ledger' },
  };
  await inTransaction(core.db, (tx) => people.members.setAttributes(tx, member, write, systemVisit('test')));
}

afterEach(() => publishLayers(world.issuer, {}));

describe('the profile form on the profile page', () => {
  it('stands beside name and language in its sections, is kept, and says where answers come from', async () => {
    const { agent, page, since } = await atPage();
    for (const words of ['About you', 'Contact', 'Where you are', 'Mobile phone'])
      expect(page.text).toContain(words);
    expect(page.text).not.toContain('Where these answers come from');
    const sent = { 'field.phone_number': '(212) 555-0123', 'field.city': 'Albany' };
    const saved = await post(agent, page, answers, sent);
    expect([saved.status, saved.headers.get('location')]).toEqual([303, path]);
    const after = await agent.open(path);
    expect(after.text).toContain('Your profile is saved.');
    expect(after.forms.find(({ action }) => action.endsWith(answers))?.fields).toMatchObject({
      'field.phone_number': '+12125550123',
      'field.city': 'Albany',
    });
    expect(after.text).toMatch(/City<\/bdi> · <bdi>You, at [^<]*Aurora Air[\s\S]*<time/);
    await post(agent, after, answers, { 'field.phone_number': '' });
    expect(await since()).toEqual([
      'member.attributes_changed phone_number city member',
      'member.attributes_changed phone_number member',
    ]);
  });

  it('names a fault at its field, keeps what was entered, and leaves name and language alone', async () => {
    const { agent, page, since } = await atPage();
    const refused = await post(agent, page, answers, {
      'field.phone_number': 'call me',
      'field.city': 'Rome',
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('id="field-phone_number-fault"');
    expect(refused.text).toContain('value="call me"');
    expect(refused.text).toContain('value="Rome"');
    expect(refused.text).toContain('value="Mika"');
    expect(await since()).toEqual([]);
  });

  it.each([
    ['a field that is not on the form', { 'field.seat': 'window' }, 422],
    ['the name, which has a form of its own', { name: 'Eve' }, 422],
    ['a text that is too long', { 'field.city': 'x'.repeat(81) }, 422],
    ['a form without its token', { _csrf: '' }, 403],
  ])('refuses %s as a whole', async (_name, values, status) => {
    const { agent, page, since } = await atPage();
    const sent = { 'field.phone_number': '+12125550123', ...values };
    expect((await post(agent, page, answers, sent)).status).toBe(status);
    expect(await since()).toEqual([]);
  });

  it('shows what the member may see and not change, as text with its source, and takes no other', async () => {
    await publishLayers(world.issuer, withTier);
    await world.issuer.client({
      id: 'points-ledger',
      name: 'Points ledger',
      brand: 'aurora-air',
      firstParty: true,
      metadata: { grant_types: ['client_credentials'], redirect_uris: [] },
    });
    const { member, agent, page, since } = await atPage();
    expect(page.text).not.toContain('What our brands have noted');
    await writeTier(member.id);
    const after = await agent.open(path);
    expect(after.text).toMatch(/<dt><bdi>Status<\/bdi><\/dt><dd><bdi>Gold<\/bdi>[\s\S]*Points ledger/);
    expect(after.text.match(/>Status</g)).toHaveLength(1);
    expect(after.text).not.toContain('field.tier');
    const forged = { 'field.nickname': 'Mi', 'field.tier': 'gold' };
    expect((await post(agent, after, answers, forged)).status).toBe(422);
    expect(await since()).toEqual(['member.attributes_changed tier secret_score client']);
  });

  it('asks name and language once, and what is required and conditional as the form says', async () => {
    await publishLayers(world.issuer, withTier);
    const { agent, page, since } = await atPage();
    expect(page.text.match(/<(?:input|select)[^>]* name="(?:name|locale)"/g)).toHaveLength(2);
    expect((await post(agent, page, answers, { 'field.motto': 'Onward' })).status).toBe(422);
    expect((await post(agent, page, answers, { 'field.nickname': 'Mikaela' })).status).toBe(422);
    await post(agent, page, answers, { 'field.nickname': 'Mi', 'field.motto': 'Onward' });
    expect(await since()).toEqual(['member.attributes_changed nickname motto member']);
    const again = await agent.open(path);
    expect((await post(agent, again, answers, { 'field.nickname': '' })).status).toBe(422);
  });

  it('is not there where the configuration has none', async () => {
    await publishLayers(world.issuer, { program: { forms: {} } });
    const { agent, page } = await atPage();
    expect(page.forms.some(({ action }) => action.endsWith(answers))).toBe(false);
    const csrf = page.forms.find(({ action }) => action.endsWith(path))?.fields._csrf ?? '';
    expect((await agent.request(answers, { form: { _csrf: csrf, seen: '' } })).status).toBe(404);
  });
});
