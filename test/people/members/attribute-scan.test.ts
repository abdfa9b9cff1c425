import { beforeAll, describe, expect, it } from '@jest/globals';
import { countFailing } from '../../../src/business/profiles/attribute-changes.ts';
import type { AttributeValue } from '../../../src/business/profiles/attribute-values.ts';
import { createAttributeScan } from '../../../src/people/members/attribute-scan.ts';
import { context, define } from '../../business/profiles/definitions.ts';
import { memberParts } from './parts.ts';

describe('the values of one attribute over all members', () => {
  let parts: Awaited<ReturnType<typeof memberParts>>;
  const scan = () => createAttributeScan(parts);
  const mottos = ['a', 'b', 'cc', 'dd', 'eee'];

  beforeAll(async () => {
    parts = await memberParts();
    for (const motto of mottos) await parts.someone({ motto, diet: motto.length > 1 ? ['vegan'] : null });
  });

  it('are there or not, plain or sealed', async () => {
    expect(await scan().hasValues('motto')).toBe(true);
    expect(await scan().hasValues('diet')).toBe(true);
    expect(await scan().hasValues('seat')).toBe(false);
    await expect(scan().hasValues('$where')).rejects.toThrow();
  });

  it('come in pages that go on where the one before ended', async () => {
    const found: AttributeValue[] = [];
    const sizes: number[] = [];
    let after: string | undefined;
    do {
      const { values, next } = await scan().page('motto', { after, size: 2 });
      found.push(...values);
      sizes.push(values.length);
      after = next;
    } while (after !== undefined);
    expect(found.map(String).sort()).toEqual(mottos);
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('are opened where they are sealed, and left out where the key is gone', async () => {
    const forgotten = await parts.someone({ diet: ['halal'] });
    const all = async () => {
      const found: AttributeValue[] = [];
      for await (const value of scan().values('diet')) found.push(value);
      return found;
    };
    expect(await all()).toHaveLength(4);
    await parts.keys.destroy(forgotten._id);
    expect(await all()).toEqual([['vegan'], ['vegan'], ['vegan']]);
  });

  it('tell how many would fail under another definition', async () => {
    const shorter = define('text', { maxLength: 2 });
    expect(await countFailing(shorter, scan().values('motto'), context)).toEqual({ checked: 5, failing: 1 });
  });
});
