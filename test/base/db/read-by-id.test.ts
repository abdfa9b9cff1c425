import { describe, expect, it } from '@jest/globals';
import { readById } from '../../../src/base/db/read-by-id.ts';
import { testDatabase } from '../../support/database.ts';

describe('gathered reads by _id', () => {
  it('give each caller its own document, and nothing where there is none', async () => {
    const { main } = await testDatabase();
    const things = main.collection<{ _id: string; name: string }>('things');
    await things.insertMany([
      { _id: 'a', name: 'first' },
      { _id: 'b', name: 'second' },
    ]);
    const read = readById<{ _id: string; name: string }>(main, 'things');

    const found = await Promise.all(['b', 'missing', 'a', 'b'].map(read));

    expect(found.map((each) => each?.name)).toEqual(['second', undefined, 'first', 'second']);
  });

  it('never remember: a change is seen by the next read', async () => {
    const { main } = await testDatabase();
    const things = main.collection<{ _id: string; name: string }>('things');
    await things.insertOne({ _id: 'a', name: 'before' });
    const read = readById<{ _id: string; name: string }>(main, 'things');
    await read('a');

    await things.updateOne({ _id: 'a' }, { $set: { name: 'after' } });

    expect((await read('a'))?.name).toBe('after');
  });
});
