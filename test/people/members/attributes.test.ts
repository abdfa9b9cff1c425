import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { AttributeValue } from '../../../src/business/profiles/attribute-values.ts';
import type { AttributeChanges } from '../../../src/people/members/attributes.ts';
import type { Member } from '../../../src/people/members/members.ts';
import { everyType } from '../../business/profiles/definitions.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { collectionsHolding, everythingStored } from '../../support/everything.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { startWriter } from './attribute-writer.ts';
import { addMember } from './member.ts';

const visit = systemVisit('test');
const source = { by: 'member', release: 'rel-1' } as const;
const values = {
  motto: 'Go!',
  cars: 2,
  adult: true,
  seat: 'vegan',
  store: 'de-001',
  birthdate: '1990-01-01',
  diet: ['vegan', 'no-nuts'],
  work_email: 'mika.work@attributes.example',
  phone_number: '+4930123456',
  address: { street_address: 'Lindenstr. 1', locality: 'Ulm', country: 'DE' },
} satisfies Record<string, AttributeValue>;

describe('the attributes of a member', () => {
  let issuer: TestIssuer;
  const database = freshDatabaseAddress();

  beforeAll(async () => {
    issuer = await startIssuer({ database });
  });

  const members = () => issuer.issuer.people.members;
  const write = (member: Member, changes: AttributeChanges) =>
    inTransaction(issuer.db, (tx) =>
      members().setAttributes(tx, member, { values: changes, definitions: everyType, source }, visit),
    );
  const again = async ({ _id }: Member) => {
    const member = await members().get(_id);
    if (!member) throw new Error('gone');
    return member;
  };

  it('of every type come back as they were, typed', async () => {
    const member = await addMember(issuer, 'typed');
    await write(member, values);
    const stored = await again(member);
    expect(await members().attributes(stored)).toEqual(values);
    expect(stored.traits).toEqual({ motto: 'Go!', cars: 2, adult: true, seat: 'vegan', store: 'de-001' });
    expect(stored.sources?.birthdate).toEqual({ ...source, at: expect.any(Date) });
  });

  it('that say who somebody is, or are sensitive, are readable nowhere in the database', async () => {
    await write(await addMember(issuer, 'hidden'), values);
    for (const secret of ['mika.work', '30123456', 'Lindenstr', '1990-01-01', 'no-nuts'])
      expect(await collectionsHolding(issuer.db, secret)).toEqual([]);
  });

  it('can be given at the first moment, and are sealed from then on', async () => {
    const given = { definitions: everyType, source, values: { ...values, seat: null } };
    const stored = await again(await addMember(issuer, 'first', given));
    const { seat: _seat, ...rest } = values;
    expect(await members().attributes(stored)).toEqual(rest);
    expect(Object.keys(stored.sealed)).toContain('attribute:address');
    expect(stored.sources?.seat).toBeUndefined();
  });

  it('are removed by null, with where they came from, also when they are no longer defined', async () => {
    const member = await addMember(issuer, 'removed');
    await write(member, values);
    await inTransaction(issuer.db, (tx) =>
      members().setAttributes(
        tx,
        member,
        { values: { motto: null, diet: null }, definitions: {}, source },
        visit,
      ),
    );
    const stored = await again(member);
    expect(Object.keys(await members().attributes(stored))).not.toEqual(expect.arrayContaining(['motto']));
    expect(await members().attributes(stored)).not.toHaveProperty('diet');
    expect(stored.sources).not.toHaveProperty('diet');
  });

  it('stand in one place when their class has changed meanwhile', async () => {
    const member = await addMember(issuer, 'moved');
    const as = (kind: 'trait' | 'sensitive') => ({ motto: { ...everyType.motto, class: kind } as never });
    for (const kind of ['trait', 'sensitive', 'trait', 'sensitive'] as const) {
      await inTransaction(issuer.db, (tx) =>
        members().setAttributes(
          tx,
          member,
          { values: { motto: kind }, definitions: as(kind), source },
          visit,
        ),
      );
      const stored = await again(member);
      expect(await members().attributes(stored)).toEqual({ motto: kind });
      expect('motto' in stored.traits).toBe(kind === 'trait');
      expect('attribute:motto' in stored.sealed).toBe(kind === 'sensitive');
    }
  });

  it.each(['unheard_of', '__proto__', 'a.b', '$set', 'constructor'])(
    'are refused under the name %s, and nothing is written',
    async (name) => {
      const member = await addMember(issuer, 'refused');
      const changes = JSON.parse(`{"motto": "Go!", ${JSON.stringify(name)}: "x"}`);
      await expect(write(member, changes)).rejects.toMatchObject({ code: 'attribute.unknown' });
      expect((await again(member)).traits).toEqual({});
    },
  );

  it('leave an event that names them and says nothing of their values', async () => {
    const member = await addMember(issuer, 'told');
    await write(member, { motto: 'Secret', seat: null });
    const [event] = await issuer.issuer.core.events.ofMember(member._id, 1);
    expect(event).toMatchObject({
      type: 'member.attributes_changed',
      data: { fields: 'motto seat', source: 'member' },
    });
    expect(JSON.stringify(event)).not.toContain('Secret');
  });

  it('cannot be written once the member was erased', async () => {
    const member = await addMember(issuer, 'erased');
    await write(member, values);
    for (const room of issuer.issuer.people.personalData) await room.erase(member._id, new Set());
    await expect(write(member, { motto: 'Back' })).rejects.toMatchObject({ code: 'member.unavailable' });
    await expect(write(member, { diet: ['vegan'] })).rejects.toMatchObject({ code: 'member.unavailable' });
    const stored = (await everythingStored(issuer.db)).get('members')?.find(({ _id }) => _id === member._id);
    expect(stored).toMatchObject({ sealed: {}, traits: {}, sources: {} });
  });

  it('are kept through an erasure where a hold says so, and only those', async () => {
    const member = await addMember(issuer, 'held');
    await write(member, values);
    const keep = new Set(['members.attribute:address', 'members.attribute:seat']);
    for (const room of issuer.issuer.people.personalData) await room.erase(member._id, keep);
    const stored = await again(member);
    expect(await members().attributes(stored)).toEqual({ address: values.address, seat: values.seat });
    expect(Object.keys(stored.sources ?? {}).sort()).toEqual(['address', 'seat']);
  });

  it('are handed out whole', async () => {
    const member = await addMember(issuer, 'exported');
    await write(member, values);
    const room = issuer.issuer.people.personalData.find(({ room: name }) => name === 'members');
    expect(await room?.export(member._id)).toMatchObject({
      member: { attributes: values, sources: { address: { by: 'member' } } },
    });
  });

  it('move with a merge where the other has none, readable by the other’s key', async () => {
    const [from, to] = [await addMember(issuer, 'merged'), await addMember(issuer, 'kept')];
    await write(from, values);
    await write(to, { motto: 'Mine', diet: ['no-nuts'] });
    const room = issuer.issuer.people.personalData.find(({ room: name }) => name === 'members');
    const undo = await room?.reassign(from._id, to._id);
    expect(await members().attributes(await again(to))).toEqual({
      ...values,
      motto: 'Mine',
      diet: ['no-nuts'],
    });
    expect(await members().attributes(await again(from))).toEqual({
      motto: 'Go!',
      diet: ['vegan', 'no-nuts'],
    });
    expect(undo?.moved).toContainEqual({ collection: 'members', id: 'attribute:address' });
    const repeated = await room?.reassign(from._id, to._id);
    expect(repeated?.moved.filter(({ collection }) => collection === 'members')).toEqual([]);
  });

  it('of two processes that write at the same moment are all there', async () => {
    const member = await addMember(issuer, 'raced');
    const rounds = 40;
    const other = await startWriter(database, { memberId: member._id, rounds });
    const mine = (async () => {
      for (let round = 1; round <= rounds; round += 1) await write(member, { motto: `m${round}` });
    })();
    await Promise.all([mine, other.write()]);
    const stored = await again(member);
    expect(await members().attributes(stored)).toEqual({ motto: `m${rounds}`, cars: 10 });
    const events = await issuer.issuer.core.events.ofMember(member._id, 200);
    expect(events.filter(({ type }) => type === 'member.attributes_changed')).toHaveLength(2 * rounds);
  });
});
