import { describe, expect, it } from '@jest/globals';
import { attributeSchema, attributesSchema } from '../../../src/business/profiles/attribute-shape.ts';
import { everyType } from './definitions.ts';

const text = { type: 'text', class: 'trait', label: { en: 'Label' } };
const options = [
  { value: 'a', label: { en: 'A' } },
  { value: 'b', label: { en: 'B' } },
];

/** Where the faults of a definition are, and what they say. */
function faults(definition: object): string[] {
  const read = attributeSchema.safeParse({ ...text, ...definition });
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function nameFaults(name: string, definition: object = text): number {
  return attributesSchema.safeParse({ [name]: definition }).error?.issues.length ?? 0;
}

describe('a definition', () => {
  it('knows every type', () => {
    expect(Object.values(everyType).map(({ type }) => type)).toEqual(
      'text text number boolean date choice choices email phone address reference'.split(' '),
    );
  });

  it('refuses what it does not know, and labels without English or with markup', () => {
    expect(faults({ colour: 'red' })).toHaveLength(1);
    expect(faults({ label: { de: 'Nur deutsch' } })).toEqual(['label: needs at least the language en']);
    expect(faults({ label: { en: 'Say <b>hello</b>' } })).toEqual(['label.en: text without markup']);
    expect(faults({ label: { en: 'Age < 18 & more' } })).toEqual([]);
  });

  it.each([
    ['text', { min: 1 }],
    ['number', { maxLength: 3, min: 1 }],
    ['boolean', { options }],
    ['date', { step: 1 }],
    ['choice', { options, pattern: 'a' }],
    ['email', { maxLength: 9 }],
    ['address', { pattern: 'a' }],
  ])('of a %s knows no constraint that means nothing: %j', (type, constraints) => {
    expect(faults({ type, constraints, class: 'identifier' })).toEqual([
      expect.stringMatching(/^constraints\.\w+: a \w+ has no/),
    ]);
  });

  it.each([
    ['text', { minLength: 9, maxLength: 3 }, 'minLength'],
    ['text', { minLength: 101 }, 'minLength'],
    ['text', { pattern: '(a+)+' }, 'pattern'],
    ['number', { min: 5, max: 4 }, 'min'],
    ['number', { min: '2020-01-01' }, 'min'],
    ['number', { max: 1e16 }, 'max'],
    ['number', { step: 0 }, 'step'],
    ['date', { min: 5 }, 'min'],
    ['date', { min: '2021-02-29' }, 'min'],
    ['date', { min: '2022-01-01', max: '2021-01-01' }, 'min'],
    ['choice', {}, 'options'],
    ['choice', { options: [options[0], options[0]] }, 'options'],
    ['choice', { options: [{ value: 'constructor', label: { en: 'x' } }, options[0]] }, 'options'],
    ['choices', { options, max: 3 }, 'min'],
    ['choices', { options, min: 2, max: 1 }, 'min'],
    ['choices', { options, min: 0.5 }, 'min'],
    ['reference', {}, 'reference'],
    ['reference', { reference: { list: 'stores', pattern: '(a|a)*' } }, 'reference.pattern'],
    ['address', { parts: ['country', 'country'] }, 'parts'],
  ])('refuses for a %s the constraints %j', (type, constraints, at) => {
    expect(faults({ type, constraints, class: 'identifier' })).toEqual([
      expect.stringMatching(new RegExp(`^constraints.${at}\\b`)),
    ]);
  });

  it.each([
    [{ autocomplete: 'current-password' }, 'autocomplete'],
    [{ read: ['everyone'] }, 'read'],
    [{ write: ['role:Support Agent'] }, 'write'],
    [{ retentionDays: 0 }, 'retentionDays'],
  ])('refuses %j', (definition, at) => {
    expect(faults(definition)).toEqual([expect.stringMatching(new RegExp(`^${at}\\b`))]);
  });

  it('lets a bound move with the days', () => {
    expect(faults({ type: 'date', constraints: { min: '2027-01-01', max: 'today' } })).toEqual([]);
  });

  it.each([
    { type: 'email' },
    { type: 'phone' },
    { type: 'address' },
    { type: 'date', autocomplete: 'bday' },
    { autocomplete: 'family-name' },
  ])('keeps %j from being an ordinary trait', (definition) => {
    expect(faults(definition)).toEqual([expect.stringMatching(/^class: says who/)]);
    expect(faults({ ...definition, class: 'identifier' })).toEqual([]);
  });
});

describe('names', () => {
  it.each([
    'sub',
    'iss',
    'exp',
    'email_verified',
    'email',
    'roles',
    'scope',
    'sid',
    'constructor',
    'prototype',
    '$where',
    'a.b',
    'A',
    '1st',
    '',
    'x'.repeat(41),
  ])('%j is no name for an attribute', (name) => {
    expect(nameFaults(name)).toBe(1);
  });

  it('never reach a prototype', () => {
    const read = attributesSchema.safeParse(JSON.parse(`{"__proto__": ${JSON.stringify(text)}}`));
    expect(Object.getPrototypeOf(read.data ?? {})).toBe(Object.prototype);
    expect(Object.keys(read.data ?? {})).toEqual([]);
  });

  it('of standard claims want the type and class of the claim', () => {
    expect(nameFaults('phone_number')).toBe(1);
    expect(nameFaults('phone_number', { ...text, type: 'phone', class: 'identifier' })).toBe(0);
    expect(nameFaults('given_name')).toBe(1);
    expect(nameFaults('given_name', { ...text, class: 'identifier' })).toBe(0);
    expect(nameFaults('day_of_birth', { ...text, type: 'date' })).toBe(1);
    expect(nameFaults('anniversary', { ...text, type: 'date' })).toBe(0);
  });
});
