/** Attributes in userinfo and ID tokens: what the app's own experience releases, allowed, and with consent where it needs one. */
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Attributes } from '../../../src/business/profiles/attribute-shape.ts';
import type { AttributeChanges } from '../../../src/people/members/attributes.ts';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn } from '../world.ts';

const option = (value: string) => ({ value, label: { en: value } });
const attributes: Attributes = {
  seat: {
    type: 'choice',
    class: 'trait',
    label: { en: 'Preferred seat', ja: 'ご希望の座席' },
    constraints: { options: [option('window'), option('aisle')] },
    read: ['member', 'scope:travel', 'scope:profile'],
  },
  allergens: {
    type: 'text',
    class: 'sensitive',
    label: { en: 'Allergies' },
    purpose: 'personalisation',
    read: ['member', 'scope:travel'],
  },
  birthdate: {
    type: 'date',
    class: 'identifier',
    label: { en: 'Date of birth' },
    read: ['member', 'client:airline', 'client:partner'],
  },
  meal: { type: 'text', class: 'trait', label: { en: 'Meal' }, read: ['member', 'scope:travel'] },
  notes: { type: 'text', class: 'trait', label: { en: 'Notes' } },
};
const values = { seat: 'aisle', allergens: 'nuts', birthdate: '1990-05-01', meal: 'vegan', notes: 'x' };
const travel = { scope: 'openid travel' };

let issuer: TestIssuer;
let airline: RelyingParty;
let lounge: RelyingParty;
let partner: RelyingParty;
let grocery: RelyingParty;

// The scope that the attributes name is there in any case.
const release = (claims: Record<string, string[]>) =>
  publishLayers(issuer, { 'brands/aurora-air/brand': { attributes, claims: { travel: [], ...claims } } });

beforeAll(async () => {
  issuer = await startIssuer();
  airline = await RelyingParty.register(issuer, { id: 'airline' });
  lounge = await RelyingParty.register(issuer, { id: 'lounge' });
  partner = await RelyingParty.register(issuer, { id: 'partner', firstParty: false });
  grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
});
beforeEach(() => release({ travel: ['seat', 'allergens'] }));

let count = 0;
async function memberWith(said: AttributeChanges = values): Promise<SignedIn> {
  count += 1;
  const someone = await newMember(issuer, airline, `traveller${count}@example.com`);
  const { core, people } = issuer.issuer;
  const member = await people.members.get(someone.memberId);
  if (!member) throw new Error('no member');
  const write = { values: said, definitions: attributes, source: { by: 'member' as const } };
  await inTransaction(core.db, (tx) => people.members.setAttributes(tx, member, write, systemVisit('test')));
  return someone;
}

async function decide(memberId: string, kind: 'given' | 'withdrawn'): Promise<void> {
  const { core, people } = issuer.issuer;
  if (kind === 'withdrawn') {
    await people.consents.withdraw(memberId, 'personalisation', systemVisit('test'));
    return;
  }
  const query = { brand: 'aurora-air', jurisdiction: 'US', locale: 'en' };
  const text = core.purposes.find('personalisation', query);
  if (text?.kind !== 'purpose') throw new Error('no purpose');
  const visit = { ...systemVisit('test'), brand: 'aurora-air', market: 'us' };
  const about = { memberId, home: 'americas', visit, channel: 'web' as const };
  await people.consents.decide({ ...about, decisions: [{ text, kind: 'given' }] });
}

async function userinfo(token: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${issuer.url}/userinfo`, { headers })).json() as never;
}

/** Allows what the page asks, except what is named. */
async function allow(agent: Agent, parameters: Record<string, string>, but: readonly string[] = []) {
  const { page, begun } = await partner.open(agent, parameters);
  const names = [...page.text.matchAll(/name="((?:scope|claim)\.[\w:]+)"/g)].map(([, name = '']) => name);
  const ticked = names.filter((name) => !but.includes(name)).map((name) => [name, 'yes']);
  const back = await agent.submit(page, { ...Object.fromEntries(ticked), decision: 'allow' }, '/consent');
  return { page, tokens: await partner.finish(back, begun) };
}

const errorOf = async (site: RelyingParty, agent: Agent, parameters: Record<string, string>) => {
  const { page } = await site.open(agent, { prompt: 'none', ...parameters });
  return new URL(page.url).searchParams.get('error');
};

describe('attributes of a scope', () => {
  it('reach the app that asks for the scope, and no other', async () => {
    const { agent, memberId: id } = await memberWith();
    const tokens = await airline.silently(agent, travel);
    expect(tokens.scope).toBe('openid travel');
    expect(await userinfo(tokens.access_token)).toEqual({ sub: id, seat: 'aisle' });
    expect(tokens.claims()).not.toHaveProperty('seat');
    const without = await airline.silently(agent, { scope: 'openid profile' });
    expect(await userinfo(without.access_token)).not.toHaveProperty('seat');
  });

  it('may be added to a scope of the standard', async () => {
    await release({ profile: ['seat'] });
    const { agent } = await memberWith();
    const tokens = await airline.silently(agent, { scope: 'openid profile' });
    expect(await userinfo(tokens.access_token)).toMatchObject({ seat: 'aisle', locale: 'en' });
  });

  it('bound to a purpose are said only while the member’s consent to it counts', async () => {
    const { agent, memberId: id } = await memberWith();
    const { access_token: token } = await airline.silently(agent, travel);
    expect(await userinfo(token)).not.toHaveProperty('allergens');
    await decide(id, 'given');
    expect(await userinfo(token)).toMatchObject({ seat: 'aisle', allergens: 'nuts' });
    await decide(id, 'withdrawn');
    expect(await userinfo(token)).not.toHaveProperty('allergens');
  });

  it('that the member’s home market guards stay with those whom it names, wherever the app stands', async () => {
    const claims = { travel: ['seat', 'meal'] };
    await publishLayers(issuer, {
      'brands/aurora-air/brand': { attributes, claims },
      'brands/aurora-air/markets/de': {
        attributes: { meal: { class: 'sensitive', read: ['member'] }, seat: { purpose: 'personalisation' } },
        claims: { travel: ['seat'] },
      },
    });
    const atHome = await RelyingParty.register(issuer, { id: 'airline-de', market: 'de' });
    const someone = await newMember(issuer, atHome, 'zuhause@example.com');
    const { core, people } = issuer.issuer;
    const record = await people.members.get(someone.memberId);
    if (!record) throw new Error('no member');
    const write = { values, definitions: attributes, source: { by: 'member' as const } };
    await inTransaction(core.db, (tx) =>
      people.members.setAttributes(tx, record, write, systemVisit('test')),
    );
    const told = async ({ agent }: Pick<SignedIn, 'agent'>) =>
      userinfo((await airline.silently(agent, travel)).access_token);
    expect(await told(someone)).toEqual({ sub: someone.memberId });
    await decide(someone.memberId, 'given');
    expect(await told(someone)).toEqual({ sub: someone.memberId, seat: 'aisle' });
    expect(await told(await memberWith())).toMatchObject({ seat: 'aisle', meal: 'vegan' });
  });

  it('stop being said, also to a token issued before, once the layers release them no longer', async () => {
    const { agent } = await memberWith();
    const { access_token: token } = await airline.silently(agent, travel);
    await release({ travel: ['allergens'] });
    expect(await userinfo(token)).not.toHaveProperty('seat');
  });

  it('belong to the sites whose layers say so: another brand’s are told that the scope is not theirs', async () => {
    const { agent } = await memberWith();
    expect(await errorOf(grocery, agent, travel)).toBe('invalid_scope');
    const discovered = (await (
      await fetch(`${issuer.url}/.well-known/openid-configuration`)
    ).json()) as Record<string, string[]>;
    expect(discovered.scopes_supported).toContain('travel');
    expect(discovered.claims_supported).toEqual(expect.arrayContaining(['seat', 'allergens', 'birthdate']));
    expect(discovered.claims_supported).not.toContain('notes');
  });
});

describe('attributes asked for by name', () => {
  const byName = (claim: string) => ({
    scope: 'openid',
    claims: JSON.stringify({ userinfo: { [claim]: null }, id_token: { [claim]: null } }),
  });

  it('reach the apps that their definition names, in the ID token too', async () => {
    const { agent } = await memberWith();
    const tokens = await airline.silently(agent, byName('birthdate'));
    expect(tokens.claims()?.birthdate).toBe('1990-05-01');
    expect(await userinfo(tokens.access_token)).toMatchObject({ birthdate: '1990-05-01' });
    const others = await lounge.silently(agent, byName('birthdate'));
    expect(others.claims()).not.toHaveProperty('birthdate');
    expect(await userinfo(others.access_token)).not.toHaveProperty('birthdate');
  });

  it('never reach an app when only the member may read them', async () => {
    const { agent } = await memberWith();
    const tokens = await airline.silently(agent, byName('notes'));
    expect(await userinfo(tokens.access_token)).not.toHaveProperty('notes');
  });

  it('are a question of their own for a third party', async () => {
    const { agent } = await memberWith();
    const { page, tokens } = await allow(agent, byName('birthdate'));
    expect(page.text).toContain('See in your profile: Date of birth');
    expect(await userinfo(tokens.access_token)).toMatchObject({ birthdate: '1990-05-01' });
    const other = await memberWith();
    const { tokens: less } = await allow(other.agent, byName('birthdate'), ['claim.birthdate']);
    expect(await userinfo(less.access_token)).not.toHaveProperty('birthdate');
  });

  it('that a third party can never get are not asked about', async () => {
    const { agent } = await memberWith();
    await allow(agent, { scope: 'openid' });
    expect(await errorOf(partner, agent, byName('notes'))).toBeNull();
  });
});

describe('a third party', () => {
  it('gets what the member has seen and ticked, and the member finds it among what they allowed', async () => {
    const { agent, memberId: id } = await memberWith();
    const { page, tokens } = await allow(agent, travel);
    expect(page.text).toContain('See in your profile: Preferred seat and Allergies');
    const said = await userinfo(tokens.access_token);
    expect(said).toMatchObject({ seat: 'aisle' });
    expect(said.sub).not.toBe(id);
    const [grant] = await issuer.issuer.people.consents.grants(id);
    expect([...(grant?.claims ?? [])].sort()).toEqual(['allergens', 'seat']);
    expect((await agent.open('/account/applications')).text).toContain('See in your profile: Preferred seat');
  });

  it('gets nothing more when the scope gives more one day, until the member has been asked', async () => {
    const { agent } = await memberWith();
    const { tokens } = await allow(agent, travel);
    await release({ travel: ['seat', 'allergens', 'meal'] });
    expect(await userinfo(tokens.access_token)).not.toHaveProperty('meal');
    expect(await errorOf(partner, agent, travel)).toBe('consent_required');
    const { page, tokens: more } = await allow(agent, travel);
    expect(page.text).toContain('class="badge"');
    expect(await userinfo(more.access_token)).toMatchObject({ seat: 'aisle', meal: 'vegan' });
    expect(await errorOf(partner, agent, travel)).toBeNull();
  });

  it('gets nothing of a scope that the member left out', async () => {
    const { agent } = await memberWith();
    const { tokens } = await allow(agent, travel, ['scope.travel']);
    expect(Object.keys(await userinfo(tokens.access_token))).toEqual(['sub']);
  });
});

describe('a scope that releases attributes', () => {
  it.each([
    [{ openid: ['seat'] }, 'claims.openid: expected a scope that gives something of the member'],
    [{ 'points:read': ['seat'] }, 'claims.points:read: expected a scope of its own'],
    [{ travel: ['seta'] }, 'claims.travel.0: expected a known key (did you mean seat?)'],
    [{ travel: ['notes'] }, 'claims.travel.0: expected an attribute that apps may read'],
    [{ meal: ['seat'] }, 'claims.meal: expected a scope whose name is no attribute'],
  ])('is refused as %j', async (claims, why) => {
    await expect(release(claims as never)).rejects.toThrow(why);
  });
});
