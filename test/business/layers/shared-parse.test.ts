import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  configurationFaults,
  configurationFaultsInTurns,
} from '../../../src/business/layers/check-configuration.ts';
import type { Json } from '../../../src/business/layers/json.ts';
import { parsed } from '../../../src/business/layers/shape-faults.ts';
import { createSharedParse } from '../../../src/business/layers/shared-parse.ts';
import { shippedItems, surroundings } from '../../support/configuration.ts';

const shape = z.strictObject({
  name: z.string().min(2),
  colours: z.strictObject({ front: z.string(), back: z.string().default('white') }),
  sizes: z.array(z.number()).default([]),
  note: z.string().optional(),
});

describe('parsing what values have in common', () => {
  it.each<[string, Json]>([
    ['a right value', { name: 'one', colours: { front: 'red', back: 'blue' }, sizes: [1] }],
    ['one with defaults', { name: 'one', colours: { front: 'red' } }],
    ['wrong parts', { name: 'o', colours: { front: 1 }, sizes: ['a'] }],
    ['missing parts', { colours: {} }],
    ['unknown keys', { name: 'one', colours: { front: 'red', font: 'x' }, more: 1 }],
    ['no object', 'one'],
  ])('yields for %s what parsing it alone does', (_what, value) => {
    expect(createSharedParse()(shape, value, 'program')).toEqual(parsed(shape, value, 'program'));
  });

  it('yields the same object for the same part', () => {
    const parse = createSharedParse();
    const colours = { front: 'red' };
    const one = parse(shape, { name: 'one', colours }, 'program').value;
    const two = parse(shape, { name: 'two', colours }, 'program').value;
    expect(one?.colours).toBe(two?.colours);
    expect([one?.name, two?.name]).toEqual(['one', 'two']);
  });
});

describe('judging a configuration in turns', () => {
  it('finds what judging it at once finds, and lets others have their turn', async () => {
    const items = shippedItems();
    const pale = { theme: { light: { text: '#ffffff' } } };
    for (let site = 0; site < 120; site += 1) items.set(`sites/site-${site}`, { look: pale });
    let turns = 0;
    const faults = await configurationFaultsInTurns(items, surroundings, async () => {
      turns += 1;
    });
    expect(faults).toEqual(configurationFaults(items, surroundings));
    expect(new Set(faults.map(({ item }) => item)).size).toBe(120);
    expect(turns).toBeGreaterThan(2);
  });
});
