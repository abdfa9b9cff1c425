import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createEvents } from '../../../src/base/events/record.ts';
import { systemClock } from '../../../src/base/kernel/clock.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { staffPersonalData } from '../../../src/people/staff/personal-data.ts';
import { createStaff, type Staff } from '../../../src/people/staff/staff.ts';
import { testDatabase } from '../../support/database.ts';

let db: Database;
let staff: Staff;
let number = 0;
const visit = systemVisit('test');
const someone = () => {
  number += 1;
  return { kind: 'member' as const, id: `mbr_${number}`, home: 'eu' };
};
const read = (...layers: string[]) => [{ permission: 'read' as const, layers }];

beforeAll(async () => {
  db = await testDatabase();
  for (const name of ['staff', 'events', 'eventHeads']) await db.main.createCollection(name);
  const events = createEvents({ connection: db.main, clock: systemClock, ids: createIds() });
  staff = createStaff({ db, clock: systemClock, events });
});

describe('the staff', () => {
  it('keeps both of two grants at the same instant', async () => {
    const ann = someone();
    await Promise.all([staff.grant(ann, read('brand:a'), visit), staff.grant(ann, read('brand:b'), visit)]);
    expect(await staff.grantsOf(ann)).toEqual(read('brand:a', 'brand:b'));
  });

  it('records nothing where nothing changes', async () => {
    const ann = someone();
    await staff.grant(ann, read('*'), visit);
    await staff.grant(ann, read('*'), visit);
    await staff.revoke(ann, { permissions: ['publish'] }, visit);
    const events = await db.main.collection('events').find({ memberId: ann.id }).toArray();
    expect(events.map(({ type }) => type)).toEqual(['staff.granted']);
  });

  it('refuses what is no grant', async () => {
    expect(() => staff.grant(someone(), [{ permission: 'read', layers: ['brand:$x'] }], visit)).toThrow();
    expect(() => staff.grant(someone(), [{ permission: 'all' as never, layers: ['*'] }], visit)).toThrow();
  });

  it('knows members and clients of the same id apart', async () => {
    const ann = someone();
    await staff.grant({ kind: 'client', id: ann.id }, read('*'), visit);
    expect(await staff.grantsOf(ann)).toEqual([]);
  });
});

describe('whoever answers for a machine', () => {
  const eventsOf = (memberId: string) =>
    db.main.collection('events').find({ memberId }).project({ type: 1, data: 1, _id: 0 }).toArray();

  it('is named with an event, once, in the place of others', async () => {
    const [ann, ben] = [someone(), someone()];
    const machine = { kind: 'client' as const, id: 'pipeline' };
    await staff.nameResponsible(machine, [ann, ann], visit);
    await staff.nameResponsible(machine, [ann, ben], visit);
    expect(await staff.responsibleFor('pipeline')).toEqual([ann.id, ben.id]);
    expect(await staff.grantsOf(machine)).toEqual([]);
    await staff.nameResponsible(machine, [ben], visit);
    expect(await staff.responsibleFor('pipeline')).toEqual([ben.id]);
    expect(await eventsOf(ann.id)).toEqual([
      { type: 'staff.responsible_named', data: { client: 'pipeline' } },
    ]);
    expect(await db.main.collection('events').countDocuments({ type: 'staff.responsible_released' })).toBe(1);
  });

  it('is still known when the machine may do nothing any more', async () => {
    const ann = someone();
    const machine = { kind: 'client' as const, id: 'retired' };
    await staff.grant(machine, read('*'), visit);
    await staff.nameResponsible(machine, [ann], visit);
    expect(await staff.revoke(machine, {}, visit)).toEqual([]);
    expect(await staff.responsibleFor('retired')).toEqual([ann.id]);
  });

  it('shows, is forgotten and carried over with the account', async () => {
    const data = staffPersonalData(db.main);
    const [ann, other] = [someone(), someone()];
    await staff.nameResponsible({ kind: 'client', id: 'of-ann' }, [ann], visit);
    expect(await data.export(ann.id)).toEqual({ staff: { answersFor: ['of-ann'] } });
    expect((await data.reassign(ann.id, other.id)).moved).toEqual([
      { collection: 'staff', id: 'client:of-ann' },
    ]);
    expect(await staff.responsibleFor('of-ann')).toEqual([other.id]);
    await data.erase(other.id, new Set());
    expect(await staff.responsibleFor('of-ann')).toEqual([]);
  });
});

describe('the rights of a member of the staff', () => {
  const data = () => staffPersonalData(db.main);

  it('show, forget and carry over what they may do', async () => {
    const [ann, other] = [someone(), someone()];
    await staff.grant(ann, read('brand:a'), visit);
    await staff.grant(other, read('brand:b'), visit);
    expect(await data().export(ann.id)).toMatchObject({ staff: { grants: read('brand:a') } });
    const undo = await data().reassign(ann.id, other.id);
    expect(undo.moved).toHaveLength(1);
    expect((await data().reassign(ann.id, other.id)).moved).toEqual([]);
    expect([await staff.grantsOf(ann), await staff.grantsOf(other)]).toEqual([
      [],
      read('brand:a', 'brand:b'),
    ]);
    await data().erase(other.id, new Set());
    await data().erase(other.id, new Set());
    expect(await staff.grantsOf(other)).toEqual([]);
    expect(await data().export(other.id)).toEqual({});
  });
});
