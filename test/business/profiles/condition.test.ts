import { describe, expect, it } from '@jest/globals';
import {
  type Condition,
  conditionShape,
  holds,
  impossible,
} from '../../../src/business/profiles/condition.ts';
import { everyType } from './definitions.ts';

const when = (comparison: Omit<Condition, 'attribute'>): Condition => ({ attribute: 'seat', ...comparison });

describe('a condition', () => {
  it.each<[string, Omit<Condition, 'attribute'>, unknown, boolean]>([
    ['the value itself', { equals: 'window' }, 'window', true],
    ['another value', { equals: 'window' }, 'aisle', false],
    ['one of many choices', { equals: 'vegan' }, ['halal', 'vegan'], true],
    ['none of many choices', { equals: 'vegan' }, ['halal'], false],
    ['one of a list', { oneOf: ['window', 'aisle'] }, 'aisle', true],
    ['none of a list', { oneOf: ['window', 'aisle'] }, 'any', false],
    ['a number, not its text', { equals: 2 }, 2, true],
    ['a text that looks like the number', { equals: 2 }, '2', false],
    ['a box that is ticked', { equals: true }, true, true],
    ['a box that is not', { equals: false }, false, true],
    ['nothing, where nothing was answered', { equals: false }, undefined, false],
    ['something', { present: true }, 'aisle', true],
    ['something, where a box is not ticked', { present: true }, false, true],
    ['something, where it was left open', { present: true }, null, false],
    ['nothing', { present: false }, undefined, true],
    ['nothing, where there is something', { present: false }, 'aisle', false],
  ])('holds for %s or not', (_what, comparison, value, expected) => {
    expect(holds(when(comparison), { seat: value as string })).toBe(expected);
  });

  it('reads no value that an object has of its own', () => {
    expect(holds({ attribute: 'constructor', present: true }, {})).toBe(false);
  });

  it.each([[{}], [{ equals: 'a', present: true }], [{ equals: null }], [{ oneOf: [] }], [{ like: 'a' }]])(
    'is refused as %j',
    (comparison) => {
      expect(conditionShape.safeParse({ attribute: 'seat', ...comparison }).success).toBe(false);
    },
  );

  it.each<[Condition, string | undefined]>([
    [{ attribute: 'seat', equals: 'vegan' }, undefined],
    [{ attribute: 'seat', equals: 'roof' }, 'one of vegan, halal, no-nuts'],
    [{ attribute: 'diet', oneOf: ['vegan', 'roof'] }, 'one of vegan, halal, no-nuts'],
    [{ attribute: 'adult', equals: 'yes' }, 'a boolean'],
    [{ attribute: 'cars', equals: '2' }, 'a number'],
    [{ attribute: 'motto', equals: true }, 'a string'],
    [{ attribute: 'address', equals: 'Berlin' }, 'present: an address is compared with nothing'],
    [{ attribute: 'address', present: true }, undefined],
  ])('that can never hold is noticed: %j', (condition, expected) => {
    const definition = everyType[condition.attribute];
    if (!definition) throw new Error('no such attribute');
    expect(impossible(condition, definition)).toBe(expected);
  });
});
