/** The rights of a person over the whole product: everything is handed out, and everything is forgotten. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PersonalData } from '../../src/base/kernel/personal-data.ts';
import { collectionsHolding, everythingStored } from '../support/everything.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { goodPassword, register, signIn } from '../support/people.ts';
import { RelyingParty } from '../support/relying-party.ts';

const nobody = new Set<string>();

/** Opaque, and kept on purpose: history and evidence say what happened, not to whom. */
const keepsTheId = ['consents', 'eventHeads', 'events', 'members'];

describe('the rights of a person', () => {
  let issuer: TestIssuer;
  let shop: RelyingParty;
  let partner: RelyingParty;
  let rooms: readonly PersonalData[];

  beforeAll(async () => {
    issuer = await startIssuer();
    shop = await RelyingParty.register(issuer, { id: 'rights-airline' });
    partner = await RelyingParty.register(issuer, { id: 'rights-partner', firstParty: false });
    rooms = issuer.issuer.people.personalData;
  });

  /** A member with something in every module: profile, trait, device, sessions, consents, an open recovery. */
  async function someone(mark: string) {
    const email = `${mark.toLowerCase()}.mailbox@rights.example`;
    const name = `${mark} Namensträger`;
    const agent = issuer.agent({
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    });
    const { page, begun } = await shop.open(agent);
    const back = await register(issuer, agent, page, {
      email,
      fields: { 'field.seat': 'window' },
    });
    const tokens = await shop.finish(back, begun);
    const profile = await agent.open('/account/profile');
    await agent.submit(profile, { name }, '/account/profile');
    const asked = await partner.open(agent);
    const allowed = await agent.submit(asked.page, { decision: 'allow', 'scope.email': 'yes' }, '/consent');
    expect(allowed.url).toContain('rights-partner.example');
    const other = issuer.agent();
    const again = await shop.open(other);
    await signIn(other, again.page, { email });
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
    return { id: tokens.claims()?.sub ?? '', email, name, agent, tokens };
  }

  const eraseAll = async (id: string, upTo = rooms.length) => {
    for (const room of rooms.slice(0, upTo)) await room.erase(id, nobody);
  };

  async function exported(id: string): Promise<string> {
    const parts = await Promise.all(rooms.map(async (room) => [room.room, await room.export(id)]));
    return JSON.stringify(Object.fromEntries(parts));
  }

  it('hand out every value that was given and no secret', async () => {
    const person = await someone('Exporta');
    const bundle = await exported(person.id);
    const given = [person.email, person.name, 'window', 'Firefox', 'rights-airline', 'rights-partner'];
    expect(given.filter((value) => !bundle.includes(value))).toEqual([]);
    const parts = ['member', 'identifiers', 'events', 'decisions', 'devices', 'grants'];
    expect(parts.filter((part) => !bundle.includes(`"${part}":`))).toEqual([]);
    const cookies = person.agent.cookies.map(({ value }) => value).filter((value) => value.length > 20);
    expect(cookies.length).toBeGreaterThan(0);
    const { access_token: access, refresh_token: refresh = 'none' } = person.tokens;
    const secrets = [goodPassword, '$argon2', '"sealed"', '"wrapped"', access, refresh, ...cookies];
    expect(secrets.filter((secret) => bundle.includes(secret))).toEqual([]);
  });

  it('keep whatever leads to the member in collections whose module joined', async () => {
    const person = await someone('Sammla');
    const joined = new Set(rooms.flatMap(({ collections }) => collections));
    const holding = await collectionsHolding(issuer.db, person.id);
    expect(holding).toEqual(
      expect.arrayContaining(['members', 'credentials', 'artefacts', 'devices', 'memberKeys']),
    );
    // The head of a stream is named after it and holds a number.
    expect(holding.filter((name) => !joined.has(name) && name !== 'eventHeads')).toEqual([]);
  });

  it('forget everything, and can be asked again', async () => {
    const person = await someone('Vergissa');
    await eraseAll(person.id);
    const after = await everythingStored(issuer.db);
    for (const value of [person.email, 'vergissa', person.name])
      expect(await collectionsHolding(issuer.db, value)).toEqual([]);
    expect(
      (await collectionsHolding(issuer.db, person.id)).filter((name) => !keepsTheId.includes(name)),
    ).toEqual([]);
    const member = after.get('members')?.find(({ _id }) => _id === person.id);
    expect(member).toMatchObject({ status: 'erased', sealed: {}, traits: {} });

    await eraseAll(person.id);
    const again = await everythingStored(issuer.db);
    for (const name of [
      'identifiers',
      'credentials',
      'devices',
      'memberKeys',
      'consentStates',
      'events',
      'consents',
    ])
      expect([name, again.get(name)?.length]).toEqual([name, after.get(name)?.length]);
    expect(await exported(person.id)).not.toContain(person.name);
  });

  it('go on where they were interrupted, from any point', async () => {
    const person = await someone('Halba');
    for (let upTo = 0; upTo <= rooms.length; upTo += 1) await eraseAll(person.id, upTo);
    expect(await collectionsHolding(issuer.db, 'halba')).toEqual([]);
    expect(
      (await collectionsHolding(issuer.db, person.id)).filter((name) => !keepsTheId.includes(name)),
    ).toEqual([]);
  });

  it('leave no way in: neither password, session nor token', async () => {
    const person = await someone('Raussa');
    await eraseAll(person.id);
    const account = await person.agent.open('/account');
    expect(account.text).not.toContain(person.name);
    await expect(shop.silently(person.agent)).rejects.toThrow();
    const visitor = issuer.agent();
    const refused = await signIn(visitor, (await shop.open(visitor)).page, { email: person.email });
    expect(refused.status).toBe(401);
    const info = await fetch(`${issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${person.tokens.access_token}` },
    });
    expect(info.status).toBe(401);
  });
});
