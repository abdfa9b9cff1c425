import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Keeping } from '../../../src/business/experiences/keeping.ts';
import { createAttributeKeeping } from '../../../src/people/members/attribute-keeping.ts';
import { memberParts } from './parts.ts';

const day = 86_400_000;
const rule = (retentionDays?: number, sealed = false): Keeping => ({ retentionDays, sealed });

describe('stored attributes and the definitions of today', () => {
  let parts: Awaited<ReturnType<typeof memberParts>>;
  let rules: Map<string, Map<string, Keeping>>;

  beforeEach(async () => {
    parts = await memberParts();
    rules = new Map([
      [
        'de',
        new Map([
          ['motto', rule(30)],
          ['diet', rule(30, true)],
          ['seat', rule()],
        ]),
      ],
      ['us', new Map([['motto', rule(60)]])],
    ]);
  });

  const keep = async (size = 100) => {
    const keeping = createAttributeKeeping({
      ...parts,
      rules: { markets: () => [...rules.keys()], in: (market) => rules.get(market) ?? new Map() },
    });
    const done = { removed: 0, sealed: 0, batches: 0 };
    let after: string | undefined;
    do {
      const { removed, sealed, next } = await keeping.keep({ after, size }, parts.visit);
      done.removed += removed;
      done.sealed += sealed;
      done.batches += 1;
      after = next;
    } while (after !== undefined);
    return done;
  };

  it('a value goes when its time is over, with an event, and others stay', async () => {
    const member = await parts.someone({ motto: 'Go!', seat: 'vegan', diet: ['vegan'] });
    parts.clock.move(30 * day);
    expect(await keep()).toMatchObject({ removed: 0 });
    parts.clock.move(1);
    expect(await keep()).toMatchObject({ removed: 2 });
    const { member: left, values } = await parts.stored(member);
    expect(values).toEqual({ seat: 'vegan' });
    expect(left.sources).not.toHaveProperty('motto');
    const [event] = await parts.events.ofMember(member._id, 1);
    expect(event).toMatchObject({
      type: 'member.attributes_changed',
      data: { fields: 'motto diet', source: 'program' },
      actor: { kind: 'system' },
    });
    expect(await keep()).toMatchObject({ removed: 0 });
  });

  it('a value that was renewed meanwhile stays', async () => {
    const member = await parts.someone({ motto: 'Go!', diet: ['vegan'] });
    parts.clock.move(29 * day);
    await parts.write(member, { motto: 'On!' });
    parts.clock.move(2 * day);
    await keep();
    expect((await parts.stored(member)).values).toEqual({ motto: 'On!' });
  });

  it('the rule of the member’s market counts', async () => {
    const american = await parts.someone({ motto: 'Go!' }, 'us');
    const stranger = await parts.someone({ motto: 'Go!' }, 'gone');
    parts.clock.move(31 * day);
    expect(await keep()).toMatchObject({ removed: 0 });
    parts.clock.move(30 * day);
    expect(await keep()).toMatchObject({ removed: 1 });
    expect((await parts.stored(american)).values).toEqual({});
    expect((await parts.stored(stranger)).values).toEqual({ motto: 'Go!' });
  });

  it('the work goes on in batches, wherever it was interrupted', async () => {
    for (let each = 0; each < 5; each += 1) await parts.someone({ motto: 'Go!' });
    parts.clock.move(31 * day);
    const keeping = createAttributeKeeping({
      ...parts,
      rules: { markets: () => [...rules.keys()], in: (market) => rules.get(market) ?? new Map() },
    });
    expect(await keeping.keep({ size: 2 }, parts.visit)).toMatchObject({
      removed: 2,
      next: expect.any(String),
    });
    expect(await keep(2)).toMatchObject({ removed: 3, batches: 2 });
  });

  it('a trait that has become sensitive is sealed, with the same source and no event', async () => {
    const member = await parts.someone({ motto: 'Go!', seat: 'vegan' });
    const before = (await parts.stored(member)).member;
    rules.get('de')?.set('seat', rule(undefined, true));
    expect(await keep()).toMatchObject({ sealed: 1, removed: 0 });
    const { member: after, values } = await parts.stored(member);
    expect(values).toEqual({ motto: 'Go!', seat: 'vegan' });
    expect(after.traits).toEqual({ motto: 'Go!' });
    expect(after.sources).toEqual(before.sources);
    expect(await parts.events.ofMember(member._id, 9)).toHaveLength(1);
    expect(await keep()).toMatchObject({ sealed: 0 });
  });

  it('of an erased member nothing is looked at', async () => {
    const member = await parts.someone({ motto: 'Go!' });
    await parts.db.main
      .collection('members')
      .updateOne({ _id: member._id as never }, { $set: { status: 'erased' } });
    parts.clock.move(99 * day);
    expect(await keep()).toMatchObject({ removed: 0 });
  });
});
