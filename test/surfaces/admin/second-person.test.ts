/** Four eyes are those of two people: what a machine drafts counts as drafted by whoever holds its secret. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { type Caller, type Desk, type Seen, startDesk } from './world.ts';

let desk: Desk;
let ann: Caller;
let ben: Caller;
let cem: Caller;

beforeAll(async () => {
  desk = await startDesk();
  ann = await desk.person('ann', ['*']);
  ben = await desk.person('ben', ['*']);
  cem = await desk.person('cem', ['*']);
});

let length = 14;

async function handedIn(by: Caller): Promise<Seen> {
  const draft = await by.draft('Longer passwords');
  length += 1;
  const { json } = await by.patch(draft, 'brands/volt/brand', { password: { minLength: length } });
  return (await by.step(json as never, 'submit')).json as never;
}

describe('a draft of a machine', () => {
  it('is not approved by whoever answers for it', async () => {
    const draft = await handedIn(await desk.machine('of-ann', ['*'], [ann]));
    const own = await ann.step(draft, 'approve');
    expect([own.status, own.json.code]).toEqual([403, 'draft.approval_refused']);
    const other = await ben.step(draft, 'approve');
    expect(other.json).toMatchObject({ state: 'approved', approvals: [{ by: { id: ben.id } }] });
  });

  it('is approved by nobody while nobody answers for it', async () => {
    const draft = await handedIn(await desk.machine('of-nobody', ['*']));
    const refused = await ben.step(draft, 'approve');
    expect([refused.status, refused.json.code]).toEqual([409, 'draft.nobody_responsible']);
  });
});

describe('an approval', () => {
  it('ends with the right to give it', async () => {
    const { staff } = desk.issuer.issuer.people;
    const draft = await handedIn(ann);
    await cem.step(draft, 'approve');
    const principal = { kind: 'member' as const, id: cem.id, home: 'eu' };
    await staff.revoke(principal, { permissions: ['approve'] }, systemVisit('test'));
    const seen = await ann.seen(draft);
    expect(seen).toMatchObject({ state: 'submitted', approvals: [] });
    const refused = await ben.step(seen, 'publish', {});
    expect([refused.status, refused.json.code]).toEqual([409, 'draft.not_approved']);
    await staff.grant(principal, [{ permission: 'approve', layers: ['brand:volt'] }], systemVisit('test'));
    expect((await ben.step(seen, 'publish', {})).json).toMatchObject({ draft: { state: 'published' } });
  });

  it('ends with the account that gave it', async () => {
    const { issuer, db } = desk.issuer;
    const dan = await desk.person('dan', ['*']);
    const draft = await handedIn(ann);
    await dan.step(draft, 'approve');
    const member = await issuer.people.members.get(dan.id);
    if (!member) throw new Error('no member');
    await inTransaction(db, (tx) =>
      issuer.people.members.setStatus(tx, member, 'locked', 'fraud', systemVisit('test')),
    );
    expect(await ann.seen(draft)).toMatchObject({ state: 'submitted', approvals: [] });
  });
});
