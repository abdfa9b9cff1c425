/** Counting what members really do: by shape, within bounds, and nothing of a person. */
import { describe, expect, it } from '@jest/globals';
import type { RecordedShape } from '../../../src/business/dry-runs/journey.ts';
import {
  createRecordedJourneys,
  type RecordedJourneysDeps,
} from '../../../src/business/dry-runs/recorded.ts';
import { testDatabase } from '../../support/database.ts';

const day = 86_400_000;
const shape: RecordedShape = {
  kind: 'sign-in',
  brand: 'volt',
  market: 'de',
  client: 'pump',
  method: 'password',
  locale: 'de',
};

async function recordedIn(choices: Partial<RecordedJourneysDeps> = {}) {
  const { main: connection } = await testDatabase();
  let now = Date.parse('2026-11-01T15:00:00Z');
  const lost: number[] = [];
  const deps = {
    connection,
    clock: { now: () => now },
    onLost: (count: number) => count > 0 && lost.push(count),
  };
  return {
    connection,
    deps,
    lost,
    advance: (ms: number) => {
      now += ms;
    },
    journeys: createRecordedJourneys({ ...deps, flushEveryMs: 60_000, ...choices }),
  };
}

describe('recorded journeys', () => {
  it('are counted by shape, and kept for ninety days after the last one', async () => {
    const { journeys, connection, advance } = await recordedIn();
    for (let times = 0; times < 3; times += 1) journeys.note(shape);
    journeys.note({ ...shape, locale: 'en' });
    await journeys.flush();
    advance(day);
    journeys.note(shape);
    await journeys.flush();
    expect(await journeys.list()).toEqual([
      { ...shape, count: 4 },
      { ...shape, locale: 'en', count: 1 },
    ]);
    const stored = await connection.collection('recordedJourneys').find().sort({ count: -1 }).toArray();
    expect(stored[0]).toMatchObject({
      lastDay: new Date('2026-11-02T00:00:00Z'),
      expiresAt: new Date('2027-01-31T00:00:00Z'),
    });
    advance(91 * day);
    expect(await journeys.list()).toEqual([]);
  });

  it('keep nothing that is no part of a shape', async () => {
    const { journeys, connection } = await recordedIn();
    journeys.note({ ...shape, memberId: 'mbr_secret', ip: '203.0.113.7' } as RecordedShape);
    await journeys.flush();
    const [stored = {}] = await connection.collection('recordedJourneys').find().toArray();
    expect(Object.keys(stored).sort()).toEqual(
      [
        '_id',
        'brand',
        'client',
        'count',
        'expiresAt',
        'kind',
        'lastDay',
        'locale',
        'market',
        'method',
      ].sort(),
    );
  });

  it('write by themselves a little later, and at the end', async () => {
    const { journeys, deps } = await recordedIn({ flushEveryMs: 1 });
    journeys.note(shape);
    const found = async () => (await createRecordedJourneys(deps).list()).length;
    const until = performance.now() + 30_000;
    while ((await found()) === 0 && performance.now() < until);
    expect(await found()).toBe(1);
    journeys.note({ ...shape, kind: 'recover' });
    await journeys.close();
    expect(await found()).toBe(2);
  });

  it('never are more than so many, also where two processes count; what is too many is lost and told', async () => {
    const { journeys, deps, lost } = await recordedIn({ most: 3 });
    const other = createRecordedJourneys({ ...deps, most: 3 });
    for (const market of ['a', 'b', 'c', 'd']) journeys.note({ ...shape, market });
    for (const market of ['x', 'y', 'y']) other.note({ ...shape, market });
    await Promise.all([journeys.flush(), other.flush()]);
    await journeys.flush();
    const kept = await journeys.list();
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    expect(kept.length).toBeLessThanOrEqual(3);
    expect(sum(kept.map(({ count }) => count)) + sum(lost)).toBe(7);
  });

  it('are lost, and told so, when they cannot be written', async () => {
    const { journeys, connection, lost } = await recordedIn();
    journeys.note(shape);
    await connection.close();
    await journeys.flush();
    expect(lost).toEqual([1]);
  });
});
