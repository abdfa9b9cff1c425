import { describe, expect, it } from '@jest/globals';
import {
  type FormContext,
  noAnswers,
  readFields,
  readForm,
  sentForm,
  sentJson,
  stepBefore,
  stepFrom,
} from '../../../src/business/profiles/form-answers.ts';
import { formShape } from '../../../src/business/profiles/form-shape.ts';
import { context as day, everyType } from './definitions.ts';

const context: FormContext = {
  ...day,
  attributes: everyType,
  purposes: ['marketing-email'],
  locales: ['en', 'de'],
};
const before = noAnswers;

const form = formShape.parse({
  title: { en: 'You' },
  steps: [
    {
      fields: [
        { core: 'name', required: true },
        { attribute: 'adult' },
        { attribute: 'seat', required: true, when: { attribute: 'adult', equals: true } },
        { attribute: 'motto', when: { attribute: 'seat', oneOf: ['vegan'] } },
      ],
    },
    { fields: [{ attribute: 'cars', when: { attribute: 'seat', equals: 'halal' } }] },
    { fields: [{ consent: 'marketing-email' }, { consent: 'unknown' }, { core: 'locale' }] },
    { fields: [{ consent: 'unknown' }] },
  ],
});
const [first, , third] = form.steps;
if (!first || !third) throw new Error('no steps');

describe('the answers to a step', () => {
  it('are read in order, each condition by what was answered before it', () => {
    const sent = { name: ' Ada ', 'field.adult': 'yes', 'field.seat': 'vegan', 'field.motto': 'ahoi' };
    expect(readFields(first.fields, sentForm(sent), { before, context })).toEqual({
      answers: { name: 'Ada', attributes: { adult: true, seat: 'vegan', motto: 'ahoi' }, consents: {} },
      faults: [],
    });
  });

  it('do not hold what was sent for a field that is not asked, and a required one is not missed', () => {
    const sent = { name: 'Ada', 'field.seat': 'vegan', 'field.motto': 'far too long to be right' };
    expect(readFields(first.fields, sentForm(sent), { before, context })).toEqual({
      answers: { name: 'Ada', attributes: { adult: false }, consents: {} },
      faults: [],
    });
  });

  it('tell every fault at its input', () => {
    const sent = { name: ' ', 'field.adult': 'yes' };
    expect(readFields(first.fields, sentForm(sent), { before, context }).faults).toEqual([
      { field: 'name', code: 'field.required' },
      { field: 'field.seat', code: 'field.required' },
    ]);
    expect(readFields(third.fields, sentForm({ locale: 'xx' }), { before, context }).faults).toEqual([
      { field: 'locale', code: 'field.invalid' },
    ]);
  });

  it('start anew when the step is answered again', () => {
    const answered = {
      name: 'Ada',
      attributes: { adult: true, seat: 'vegan', motto: 'ahoi', cars: 2 },
      consents: {},
    };
    const again = readFields(first.fields, sentForm({ name: 'Bo' }), { before: answered, context });
    expect(again.answers).toEqual({ name: 'Bo', attributes: { adult: false, cars: 2 }, consents: {} });
  });

  it('take silence on a purpose for no, and ask none that does not apply', () => {
    const read = (sent: Record<string, string>) =>
      readFields(third.fields, sentForm({ locale: 'de', ...sent }), { before, context }).answers;
    expect(read({})).toEqual({ attributes: {}, consents: { 'marketing-email': false }, locale: 'de' });
    expect(read({ 'purpose.marketing-email': 'yes', 'purpose.unknown': 'yes' }).consents).toEqual({
      'marketing-email': true,
    });
  });

  it('are the same from JSON', () => {
    const json = { name: 'Ada', attributes: { adult: true, seat: 'vegan', motto: null, foreign: 1 } };
    expect(readFields(first.fields, sentJson(json), { before, context })).toEqual({
      answers: { name: 'Ada', attributes: { adult: true, seat: 'vegan', motto: null }, consents: {} },
      faults: [],
    });
    const wrong = { attributes: { adult: true, seat: {}, motto: 3 } };
    expect(readFields(first.fields, sentJson(wrong), { before, context }).faults).toEqual([
      { field: 'name', code: 'field.required' },
      { field: 'attributes.seat', code: 'field.invalid' },
    ]);
  });

  it('that JSON says nothing about stay as they were', () => {
    const known = { name: 'Ada', attributes: { adult: true, seat: 'halal' }, consents: {}, locale: 'de' };
    const read = (json: object) => readForm(form, sentJson(json), { before: known, context });
    expect(read({})).toEqual({
      answers: { ...known, attributes: { adult: true, seat: 'halal', cars: null } },
      faults: [],
    });
    expect(read({ consents: { 'marketing-email': false } }).answers.consents).toEqual({
      'marketing-email': false,
    });
    expect(read({ name: null, attributes: { seat: null } }).faults).toEqual([
      { field: 'name', code: 'field.required' },
      { field: 'attributes.seat', code: 'field.required' },
    ]);
    expect(
      readForm(form, sentJson({ name: 'Ada', attributes: { adult: true } }), { before, context }).faults,
    ).toEqual([{ field: 'attributes.seat', code: 'field.required' }]);
  });
});

describe('what JSON says and no field asks', () => {
  it('is refused with the name that may have been meant', () => {
    const known = { name: 'Ada', attributes: { adult: false }, consents: {} };
    const read = (json: object) => readForm(form, sentJson(json), { before: known, context }).faults;
    expect(
      read({ attributes: { moto: 'x', car: [] }, consents: { 'marketing-mail': true, unknown: true } }),
    ).toEqual([
      { field: 'attributes.moto', code: 'field.unknown', params: { meant: 'motto' } },
      { field: 'attributes.car', code: 'field.unknown', params: { meant: 'cars' } },
      { field: 'consents.marketing-mail', code: 'field.unknown', params: { meant: 'marketing-email' } },
      { field: 'consents.unknown', code: 'field.unknown' },
    ]);
    const bare = { steps: [{ fields: [{ attribute: 'motto' }] }] };
    expect(readForm(bare, sentJson({ name: 'Ada', locale: 'de' }), { before, context }).faults).toEqual([
      { field: 'name', code: 'field.unknown' },
      { field: 'locale', code: 'field.unknown' },
    ]);
  });
});

describe('the steps', () => {
  it('without anything to ask are passed over, forwards and backwards', () => {
    const halal = { ...noAnswers, attributes: { seat: 'halal' } };
    expect(stepFrom(form, 0, noAnswers, context)).toBe(0);
    expect(stepFrom(form, 1, noAnswers, context)).toBe(2);
    expect(stepFrom(form, 1, halal, context)).toBe(1);
    expect(stepFrom(form, 3, noAnswers, context)).toBeUndefined();
    expect(stepBefore(form, 2, noAnswers, context)).toBe(0);
    expect(stepBefore(form, 2, halal, context)).toBe(1);
    expect(stepBefore(form, 0, noAnswers, context)).toBeUndefined();
  });
});

describe('the shape of a form', () => {
  const field = (value: object) => formShape.safeParse({ steps: [{ fields: [value] }] }).success;

  it.each([
    [{}],
    [{ attribute: 'seat', core: 'name' }],
    [{ attribute: '__proto__' }],
    [{ core: 'phone' }],
    [{ consent: 'marketing-email', required: true }],
    [{ attribute: 'seat', when: {} }],
    [{ attribute: 'seat', hint: { de: 'nur' } }],
    [{ attribut: 'seat' }],
  ])('refuses the field %j', (value) => {
    expect(field(value)).toBe(false);
  });

  it('refuses a form without steps, and a step without fields', () => {
    expect(formShape.safeParse({ steps: [] }).success).toBe(false);
    expect(formShape.safeParse({ steps: [{ fields: [] }] }).success).toBe(false);
  });
});
