/** What the tests of the members share: the module on a fresh database, with a clock that moves. */
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createEvents } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { type NamedKey, seal, unseal } from '../../../src/base/kernel/sealing.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Attributes } from '../../../src/business/profiles/attribute-shape.ts';
import type { AttributeChanges } from '../../../src/people/members/attributes.ts';
import { createMemberKeys } from '../../../src/people/members/member-keys.ts';
import { createMembers, type Member } from '../../../src/people/members/members.ts';
import { everyType } from '../../business/profiles/definitions.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

const ids = createIds();

/** The members module on a fresh database. */
export async function memberParts() {
  const db = await testDatabase();
  const clock = movableClock();
  const key: NamedKey = { id: 'k1', key: ids.bytes(32) };
  const keys = createMemberKeys({
    keys: db.keys,
    keysInTransaction: db.keysInTransaction,
    wrap: {
      seal: (plain, context) => seal(key, plain, context),
      open: (sealed, context) => unseal({ all: [key] }, sealed, context),
    },
    clock,
    ids,
  });
  const events = createEvents({ connection: db.main, clock, ids });
  const members = createMembers({
    db,
    clock,
    ids,
    identifierKeys: { all: [key] } as never,
    keys,
    events,
  });
  const visit = systemVisit('test');

  /** A member with attributes, in a market. */
  const someone = (values: AttributeChanges, market = 'de', definitions: Attributes = everyType) =>
    inTransaction(db, (tx) =>
      members.create(
        tx,
        {
          home: 'eu',
          market,
          brand: undefined,
          locale: 'en',
          via: 'password',
          email: 'somebody@members.example',
          name: undefined,
          identifiers: [],
          attributes: { values, definitions, source: { by: 'member' } },
        },
        visit,
      ),
    );
  const write = (member: Member, values: AttributeChanges) =>
    inTransaction(db, (tx) =>
      members.setAttributes(tx, member, { values, definitions: everyType, source: { by: 'member' } }, visit),
    );
  /** What is stored of a member now, opened. */
  const stored = async ({ _id }: Member) => {
    const member = await members.get(_id);
    if (!member) throw new Error('gone');
    return { member, values: await members.attributes(member) };
  };
  return { db, clock, keys, events, members, visit, someone, write, stored };
}
