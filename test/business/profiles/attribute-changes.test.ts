import { describe, expect, it } from '@jest/globals';
import {
  type ChangeKind,
  countFailing,
  endangersValues,
  schemaChanges,
} from '../../../src/business/profiles/attribute-changes.ts';
import { attributeSchema } from '../../../src/business/profiles/attribute-shape.ts';
import { context, define, everyType } from './definitions.ts';

const label = { en: 'Label' };
const options = (...values: string[]) => ({ options: values.map((value) => ({ value, label })) });

describe('a change of one attribute', () => {
  it.each<[string, object, object, ChangeKind | 'none', string]>([
    ['text', { maxLength: 50 }, { maxLength: 60 }, 'widening', 'maxLength'],
    ['text', {}, { maxLength: 99 }, 'narrowing', 'maxLength'],
    ['text', {}, { maxLength: 100 }, 'none', ''],
    ['text', {}, { minLength: 2 }, 'narrowing', 'minLength'],
    ['text', { pattern: 'a' }, {}, 'widening', 'pattern'],
    ['text', { pattern: 'a' }, { pattern: 'ab?' }, 'narrowing', 'pattern'],
    ['text', { maxLength: 50 }, { maxLength: 60, minLength: 2 }, 'narrowing', 'minLength'],
    ['number', { min: 0 }, { min: -1 }, 'widening', 'min'],
    ['number', {}, { max: 9 }, 'narrowing', 'max'],
    ['number', { max: 9 }, { max: 10 }, 'widening', 'max'],
    ['number', { step: 1 }, { step: 0.5 }, 'widening', 'step'],
    ['number', { step: 1 }, { step: 2 }, 'narrowing', 'step'],
    ['number', {}, { step: 1 }, 'narrowing', 'step'],
    ['number', { min: 1, step: 2 }, { min: 0, step: 2 }, 'narrowing', 'step'],
    ['date', { max: '2030-01-01' }, { max: '2031-01-01' }, 'widening', 'max'],
    ['date', { max: '2030-01-01' }, { max: 'today' }, 'narrowing', 'max'],
    ['choice', options('a', 'b'), options('b', 'a'), 'none', ''],
    ['choice', options('a', 'b'), options('a', 'b', 'c'), 'widening', 'options'],
    ['choice', options('a', 'b'), options('a', 'c'), 'narrowing', 'options'],
    ['choices', options('a', 'b'), { ...options('a', 'b'), max: 1 }, 'narrowing', 'max'],
    ['address', { parts: ['locality'] }, { parts: ['locality', 'region'] }, 'widening', 'parts'],
    ['address', { parts: ['locality'] }, { parts: ['locality', 'country'] }, 'narrowing', 'parts'],
    ['address', {}, { parts: ['locality', 'country'] }, 'narrowing', 'parts'],
    ['reference', { reference: { list: 'a' } }, { reference: { list: 'b' } }, 'retyping', 'reference'],
    [
      'reference',
      { reference: { list: 'a' } },
      { reference: { list: 'a', pattern: 'x' } },
      'narrowing',
      'reference',
    ],
  ])('of a %s from %j to %j', (type, before, after, kind, detail) => {
    const of = (constraints: object) =>
      attributeSchema.parse({ type, class: 'identifier', label, constraints });
    expect(schemaChanges({ it: of(before) }, { it: of(after) })).toEqual(
      kind === 'none' ? [] : [{ attribute: 'it', kind, details: [detail] }],
    );
  });

  it('into another type, or in or out of sealing, is retyping', () => {
    const text = define('text', {});
    expect(schemaChanges({ it: text }, { it: define('number', {}) })).toEqual([
      { attribute: 'it', kind: 'retyping', details: ['type'] },
    ]);
    expect(schemaChanges({ it: text }, { it: { ...text, class: 'sensitive' } })).toEqual([
      { attribute: 'it', kind: 'retyping', details: ['class'] },
    ]);
    const [sensitive, identifier] = [
      { ...text, class: 'sensitive' as const },
      { ...text, class: 'identifier' as const },
    ];
    expect(schemaChanges({ it: sensitive }, { it: identifier })).toEqual([]);
  });

  it('that keeps values for a shorter time narrows, for a longer one widens', () => {
    const text = define('text', {});
    const days = (retentionDays: number) => ({ it: { ...text, retentionDays } });
    expect(schemaChanges({ it: text }, days(30))[0]).toMatchObject({
      kind: 'narrowing',
      details: ['retentionDays'],
    });
    expect(schemaChanges(days(30), days(60))[0]).toMatchObject({ kind: 'widening' });
    expect(schemaChanges(days(30), { it: text })[0]).toMatchObject({ kind: 'widening' });
  });

  it('of wording or access alone is none', () => {
    const text = define('text', {});
    expect(
      schemaChanges({ it: text }, { it: { ...text, label: { en: 'Other' }, read: ['member'] } }),
    ).toEqual([]);
  });
});

describe('a change of the schema', () => {
  it('names what is new and what would be gone, and whether values are in danger', () => {
    const { motto, cars, ...rest } = everyType;
    const changes = schemaChanges({ ...rest, ...(motto && { motto }) }, { ...rest, ...(cars && { cars }) });
    expect(changes).toEqual([
      { attribute: 'cars', kind: 'adding', details: [] },
      { attribute: 'motto', kind: 'removing', details: [] },
    ]);
    expect(changes.map(({ kind }) => endangersValues(kind))).toEqual([false, true]);
    expect(schemaChanges(everyType, everyType)).toEqual([]);
  });

  it('counts the values that would fail, one after the other', async () => {
    async function* values() {
      for (const value of ['a', 'b', 'ab', 'abcd', 5]) yield value;
    }
    expect(await countFailing(define('text', { maxLength: 2 }), values(), context)).toEqual({
      checked: 5,
      failing: 2,
    });
  });
});
