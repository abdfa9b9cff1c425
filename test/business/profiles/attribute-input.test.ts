import { describe, expect, it } from '@jest/globals';
import { inputValues, questionIn, readAnswers } from '../../../src/business/profiles/attribute-input.ts';
import { valueAsText } from '../../../src/business/profiles/attribute-text.ts';
import { context, define, everyType } from './definitions.ts';

const asked = Object.entries(everyType).map(([name, definition]) => ({ name, definition, required: false }));
const questionOf = (name: string, locale = 'en') => {
  const definition = everyType[name];
  if (!definition) throw new Error(`no ${name}`);
  return questionIn({ name, definition, required: true }, locale, context);
};

describe('questions', () => {
  it('are asked by the control that fits', () => {
    expect(asked.map(({ name }) => `${name} ${questionOf(name).control}`)).toEqual([
      'motto input',
      'flight_number input',
      'cars input',
      'adult checkbox',
      'birthdate input',
      'seat radios',
      'diet checkboxes',
      'work_email input',
      'phone_number input',
      'address address',
      'store input',
    ]);
    const options = [1, 2, 3, 4, 5, 6].map((n) => ({ value: `o${n}`, label: { en: `${n}` } }));
    const many = { name: 'many', definition: define('choice', { options }), required: false };
    expect(questionIn(many, 'en', context).control).toBe('select');
  });

  it('tell browsers the same rules', () => {
    expect(questionOf('motto').input).toEqual({ type: 'text', minlength: 2, maxlength: 10 });
    expect(questionOf('flight_number').input).toMatchObject({ pattern: '[A-Z]{2}[0-9]{1,4}' });
    expect(questionOf('cars').input).toEqual({
      type: 'number',
      inputmode: 'numeric',
      min: 0,
      max: 10,
      step: 1,
    });
    expect(questionOf('birthdate').input).toEqual({ type: 'date', min: '1900-01-01', max: '2026-04-30' });
    expect(questionOf('phone_number').input).toMatchObject({ type: 'tel', autocomplete: 'tel' });
    expect(questionOf('work_email').input).toMatchObject({ type: 'email', inputmode: 'email' });
  });

  it('are said in the visitor’s language, in its base language or in English', () => {
    expect(questionOf('seat', 'de-AT').options?.[0]).toEqual({ value: 'vegan', label: 'vegan (de)' });
    expect(questionOf('seat', 'ja').options?.[0]).toEqual({ value: 'vegan', label: 'vegan' });
  });

  it('about an address ask its parts, and offer the likely country first', () => {
    const { parts = [] } = questionOf('address', 'de');
    expect(parts?.map(({ part, required }) => `${part} ${required}`)).toEqual([
      'street_address true',
      'postal_code false',
      'locality true',
      'region false',
      'country true',
    ]);
    expect(parts?.at(-1)?.options?.slice(0, 2)).toEqual([
      { value: 'DE', label: 'Deutschland' },
      { value: 'AF', label: 'Afghanistan' },
    ]);
  });
});

describe('answers', () => {
  const form = {
    'field.motto': ' Go! ',
    'field.cars': '2',
    'field.adult': 'yes',
    'field.diet.vegan': 'yes',
    'field.diet.halal': 'yes',
    'field.address.street_address': 'A 1',
    'field.address.locality': 'Ulm',
    'field.address.country': 'DE',
    'field.foreign': 'x',
    motto: 'other',
  };

  it('are read by input name; what is empty is null, foreign fields are ignored', () => {
    const { answers, faults } = readAnswers(asked, form, context);
    expect(faults).toEqual([]);
    expect(answers).toEqual({
      motto: 'Go!',
      flight_number: null,
      cars: 2,
      adult: true,
      birthdate: null,
      seat: null,
      diet: ['vegan', 'halal'],
      work_email: null,
      phone_number: null,
      address: { street_address: 'A 1', locality: 'Ulm', country: 'DE' },
      store: null,
    });
  });

  it('fill the inputs again, and come back as they were', () => {
    const { answers } = readAnswers(asked, form, context);
    const known = Object.fromEntries(
      Object.entries(answers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    );
    const again = readAnswers(asked, inputValues(asked, known), context);
    expect(again).toEqual({ answers, faults: [] });
  });

  it('show all faults at once, each at its input', () => {
    const required = asked.map((each) => ({ ...each, required: true }));
    const wrong = { 'field.cars': 'x', 'field.address.country': 'DE', 'field.motto': 'abcdef' };
    expect(readAnswers(required, wrong, context).faults).toEqual([
      { field: 'field.motto', code: 'field.too_long', params: { max: 5 } },
      { field: 'field.flight_number', code: 'field.required' },
      { field: 'field.cars', code: 'field.number_invalid' },
      { field: 'field.adult', code: 'field.required' },
      { field: 'field.birthdate', code: 'field.required' },
      { field: 'field.seat', code: 'field.required' },
      { field: 'field.diet', code: 'field.required' },
      { field: 'field.work_email', code: 'field.required' },
      { field: 'field.phone_number', code: 'field.required' },
      { field: 'field.address.street_address', code: 'field.required' },
      { field: 'field.address.locality', code: 'field.required' },
      { field: 'field.store', code: 'field.required' },
    ]);
  });
});

describe('values for people', () => {
  const words = { locale: 'de', yes: 'ja', no: 'nein' };
  it.each<[string, Parameters<typeof valueAsText>[1], string]>([
    ['adult', true, 'ja'],
    ['cars', 1234.5, '1.234,5'],
    ['birthdate', '2000-02-29', '29. Februar 2000'],
    ['seat', 'vegan', 'vegan (de)'],
    ['seat', 'gone', 'gone'],
    ['diet', ['vegan', 'halal'], 'vegan (de) und halal (de)'],
    ['address', { street_address: 'A 1\nHof', locality: 'Ulm', country: 'DE' }, 'A 1, Hof, Ulm, Deutschland'],
    ['motto', 'Go!', 'Go!'],
  ])('%s: %j', (name, value, expected) => {
    const definition = everyType[name];
    expect(definition && valueAsText(definition, value, words)).toBe(expected);
  });
});
