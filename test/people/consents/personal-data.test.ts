import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { consentsPersonalData } from '../../../src/people/consents/personal-data.ts';
import { type ConsentWorld, consentWorld } from '../../support/consents.ts';
import { visitOf } from '../../support/visit.ts';

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});

async function memberWithDecisions(): Promise<string> {
  const memberId = world.member();
  const [purpose] = world.texts().purposes;
  if (!purpose) throw new Error('a purpose was expected');
  const visit = visitOf();
  const decisions = [{ text: purpose, kind: 'given' as const }];
  await world.consents.decide({ memberId, home: 'us', decisions, visit, channel: 'web' });
  await inTransaction(world.db, (tx) =>
    world.consents.recordGrant(tx, { memberId, home: 'us', clientId: 'trips', scopes: ['openid'], visit }),
  );
  return memberId;
}

describe('the rights of a person over their consents', () => {
  it('the copy of their data holds every decision and where they stand', async () => {
    const memberId = await memberWithDecisions();
    const copy = await consentsPersonalData(world.db.main).export(memberId);
    expect(copy).toMatchObject({
      decisions: [
        { sequence: 1, kind: 'given' },
        { sequence: 2, subject: 'grant' },
      ],
      standing: { purposes: [{ kind: 'given' }], grants: [{ clientId: 'trips' }] },
    });
  });

  it('erasure takes the standing away and keeps the decisions, which name nobody; twice is the same', async () => {
    const memberId = await memberWithDecisions();
    const port = consentsPersonalData(world.db.main);
    await port.erase(memberId, new Set());
    await port.erase(memberId, new Set());
    expect(await world.consents.current(memberId)).toMatchObject({ purposes: [], grants: [] });
    const rows = await world.consents.history(memberId);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toMatch(/203\.0\.113|Chrome|device-of-test/);
  });

  it('a merge never widens what the other account agreed to', async () => {
    const [from, to] = [await memberWithDecisions(), world.member()];
    const undo = await consentsPersonalData(world.db.main).reassign(from, to);
    expect(undo).toEqual({ room: 'consents', moved: [] });
    expect((await world.consents.current(to)).purposes).toEqual([]);
    expect(await world.consents.history(from)).toHaveLength(2);
  });
});
