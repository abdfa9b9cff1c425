/** A change and the event that tells of it stand or fall together, whichever of the two cannot be written. */
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../src/base/kernel/visit.ts';
import type { Page } from '../support/agent.ts';
import { everythingStored } from '../support/everything.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { goodPassword, mailedCode, register, registrationForm, signIn } from '../support/people.ts';
import { RelyingParty } from '../support/relying-party.ts';

/** Collections in which a change about a person or the program stands. */
const changed = [
  'members',
  'identifiers',
  'credentials',
  'consents',
  'consentStates',
  'memberKeys',
  'clients',
  'events',
  'eventHeads',
];

describe('a change and its event', () => {
  let issuer: TestIssuer;
  let shop: RelyingParty;
  const refusing = new Set<string>();

  beforeAll(async () => {
    issuer = await startIssuer();
    shop = await RelyingParty.register(issuer, { id: 'atomic-shop' });
  });

  afterEach(async () => {
    for (const collection of [...refusing]) await refuse(collection, {});
    refusing.clear();
  });

  /** Lets the server refuse documents that do not fit, in the middle of whatever transaction writes them. */
  async function refuse(collection: string, validator: Record<string, unknown>): Promise<void> {
    refusing.add(collection);
    await issuer.db.main.db?.command({ collMod: collection, validator });
  }

  async function standing(): Promise<Record<string, string>> {
    const all = await everythingStored(issuer.db);
    return Object.fromEntries(changed.map((name) => [name, JSON.stringify(all.get(name) ?? [])]));
  }

  /** The page that asks for the mailed code of a registration. */
  async function unproven(
    email: string,
  ): Promise<{ page: Page; code: string; agent: ReturnType<TestIssuer['agent']> }> {
    const agent = issuer.agent();
    const { page } = await shop.open(agent);
    const href = /href="([^"]*view=register[^"]*)"/.exec(page.text)?.[1] ?? '';
    const form = await agent.open(new URL(href.replaceAll('&amp;', '&'), page.url).href);
    const sent = await agent.submit(
      form,
      registrationForm(form, { email, password: goodPassword }),
      '/register',
    );
    return { page: sent, code: await mailedCode(issuer, email), agent };
  }

  it.each([
    ['member.registered', 'events', { type: { $ne: 'member.registered' } }],
    ['identifier.claimed', 'events', { type: { $ne: 'identifier.claimed' } }],
    ['password.set', 'events', { type: { $ne: 'password.set' } }],
    ['consent.recorded', 'events', { type: { $ne: 'consent.recorded' } }],
    ['the password itself', 'credentials', { type: 'never' }],
    ['the identifier itself', 'identifiers', { type: 'never' }],
  ])(
    'of a registration: without %s nothing is written, and a later try succeeds',
    async (what, collection, validator) => {
      const { page, code, agent } = await unproven(`${what.replace(/\W/g, '-')}@atomic.example`);
      const before = await standing();
      await refuse(collection, validator);
      const failed = await agent.submit(page, { code }, '/verify');
      expect(failed.status).toBeGreaterThanOrEqual(500);
      expect(await standing()).toEqual(before);
      await refuse(collection, {});
      const fresh = issuer.agent();
      const opened = await shop.open(fresh);
      const back = await register(issuer, fresh, opened.page, {
        email: `${what.replace(/\W/g, '-')}-2@atomic.example`,
      });
      expect(back.url).toContain('atomic-shop.example');
    },
  );

  it('of the profile, the language, the preferences and the password', async () => {
    const email = 'profile@atomic.example';
    const agent = issuer.agent();
    const { page } = await shop.open(agent);
    await register(issuer, agent, page, { email });
    const profile = await agent.open('/account/profile');
    const security = await agent.open('/account/security');
    const preferences = await agent.open('/account/preferences');
    const grocery = '/account/preferences';
    const answers = { 'greenleaf.field.store': '4711', 'greenleaf.purpose.personalisation': 'yes' };
    const before = await standing();
    for (const [type, form, values, action] of [
      ['member.profile_changed', profile, { name: 'New Name' }, '/account/profile'],
      ['member.locale_changed', profile, { locale: 'ja' }, '/account/profile'],
      ['member.attributes_changed', preferences, answers, grocery],
      ['consent.recorded', preferences, answers, grocery],
      [
        'password.set',
        security,
        { current_password: goodPassword, password: 'walrus kettle bonfire twelve' },
        '/account/security/password',
      ],
    ] as const) {
      await refuse('events', { type: { $ne: type } });
      const failed = await agent.submit(form, values, action);
      expect([type, failed.status]).toEqual([type, 500]);
      expect(await standing()).toEqual(before);
      await refuse('events', {});
    }
    const again = issuer.agent();
    const back = await signIn(again, (await shop.open(again)).page, { email });
    expect(back.url).toContain('atomic-shop.example');
  });

  it('of a client', async () => {
    const { clients } = issuer.issuer.core;
    const draft = {
      id: 'atomic-new',
      name: 'New',
      brand: 'volt',
      metadata: { redirect_uris: ['https://new.example/cb'] },
    };
    const visit = systemVisit('test');
    const before = await standing();
    await refuse('events', { type: { $nin: ['client.added', 'client.disabled', 'client.secret_rotated'] } });
    await expect(clients.add(draft, visit)).rejects.toThrow();
    await expect(clients.disable('atomic-shop', visit)).rejects.toThrow();
    await expect(clients.rotateSecret('atomic-shop', visit)).rejects.toThrow();
    expect(await standing()).toEqual(before);
  });

  it('number the events of each stream without gaps, in the order of what happened', async () => {
    const agent = issuer.agent();
    const { page, begun } = await shop.open(agent);
    const tokens = await shop.finish(
      await register(issuer, agent, page, { email: 'numbers@atomic.example' }),
      begun,
    );
    const events = await issuer.issuer.core.events.ofMember(tokens.claims()?.sub ?? '', 100);
    const numbers = events.map(({ sequence }) => sequence).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const types = events.sort((a, b) => a.sequence - b.sequence).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'member.registered',
        'identifier.claimed',
        'password.set',
        'consent.recorded',
        'member.signed_in',
      ]),
    );
    expect(types[0]).toBe('member.registered');
  });
});
