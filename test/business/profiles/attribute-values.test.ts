import { describe, expect, it } from '@jest/globals';
import type { AttributeDefinition } from '../../../src/business/profiles/attribute-shape.ts';
import { parseValue, readValue } from '../../../src/business/profiles/attribute-values.ts';
import { context, define, everyType } from './definitions.ts';

const of = (name: string) => everyType[name] as AttributeDefinition;
/** What a form's text becomes: its value, or the code of its fault. */
const typed = (definition: AttributeDefinition, raw: Parameters<typeof readValue>[1]) => {
  const { value, fault } = readValue(definition, raw, context);
  return fault ? { fault: fault.code } : value;
};

describe('values as they are typed', () => {
  it.each<[string, Parameters<typeof readValue>[1], unknown]>([
    ['motto', ' Go! ', 'Go!'],
    ['motto', '𠮷𠮷𠮷𠮷𠮷', '𠮷𠮷𠮷𠮷𠮷'],
    ['motto', 'Cafe\u0301s', 'Cafés'],
    ['motto', '', undefined],
    ['motto', ' \u200b\u3164 ', undefined],
    ['motto', undefined, undefined],
    ['motto', 'x', { fault: 'field.too_short' }],
    ['motto', 'abcdef', { fault: 'field.too_long' }],
    ['motto', 'a\u0000b', { fault: 'field.invalid' }],
    ['motto', 'a\nb', { fault: 'field.invalid' }],
    ['motto', 'a\u202eb', { fault: 'field.invalid' }],
    ['motto', 'a\ud800', { fault: 'field.invalid' }],
    ['motto', ['a', 'b'], { fault: 'field.invalid' }],
    ['flight_number', 'LH400', 'LH400'],
    ['flight_number', 'LH400x', { fault: 'field.invalid' }],
    ['cars', '3', 3],
    ['cars', '３', 3],
    ['cars', '٣', 3],
    ['cars', '1e1', 10],
    ['cars', '-0', 0],
    ['cars', '-1', { fault: 'field.too_small' }],
    ['cars', '11', { fault: 'field.too_large' }],
    ['cars', '1.5', { fault: 'field.not_whole' }],
    ['cars', 'three', { fault: 'field.number_invalid' }],
    ['cars', '0x10', { fault: 'field.number_invalid' }],
    ['cars', 'Infinity', { fault: 'field.number_invalid' }],
    ['adult', 'yes', true],
    ['adult', '', false],
    ['adult', undefined, false],
    ['adult', 'maybe', { fault: 'field.invalid' }],
    ['birthdate', '2000-02-29', '2000-02-29'],
    ['birthdate', '2026-04-30', '2026-04-30'],
    ['birthdate', '2001-02-29', { fault: 'field.date_invalid' }],
    ['birthdate', '2001-13-01', { fault: 'field.date_invalid' }],
    ['birthdate', '1.2.2001', { fault: 'field.date_invalid' }],
    ['birthdate', '2026-05-01', { fault: 'field.too_late' }],
    ['birthdate', '1899-12-31', { fault: 'field.too_early' }],
    ['seat', 'vegan', 'vegan'],
    ['seat', 'roof', { fault: 'field.invalid' }],
    ['diet', ['no-nuts', 'vegan', 'vegan'], ['vegan', 'no-nuts']],
    ['diet', 'halal', ['halal']],
    ['diet', [], undefined],
    ['diet', ['vegan', 'toString'], { fault: 'field.invalid' }],
    ['diet', ['vegan', 'halal', 'no-nuts'], { fault: 'field.choose_fewer' }],
    ['work_email', ' Mika@EXAMPLE.com ', 'mika@example.com'],
    ['work_email', 'mika@', { fault: 'email.invalid' }],
    ['phone_number', '+49 (30) 123-456', '+4930123456'],
    ['phone_number', '030 123456', '+4930123456'],
    ['phone_number', '＋81 90 1234 5678', '+819012345678'],
    ['phone_number', '+49 30 123456 ext. 5', { fault: 'field.phone_invalid' }],
    ['phone_number', '12', { fault: 'field.phone_invalid' }],
    ['phone_number', `+4${'9'.repeat(60)}`, { fault: 'field.phone_invalid' }],
    ['store', 'de-042', 'de-042'],
    ['store', 'de-42', { fault: 'field.invalid' }],
  ])('%s: %j', (name, raw, expected) => {
    expect(typed(of(name), raw)).toEqual(expected);
  });

  it('know national phone numbers only where a country is known', () => {
    expect(readValue(of('phone_number'), '030 123456', { today: context.today }).fault?.code).toBe(
      'field.phone_invalid',
    );
  });

  it('of fractions go in their steps from the smallest on', () => {
    const price = define('number', { min: 0.05, step: 0.1 });
    expect(typed(price, '0.35')).toBe(0.35);
    expect(typed(price, '1234.15')).toBe(1234.15);
    expect(typed(price, '0.3')).toEqual({ fault: 'field.off_step' });
    expect(typed(define('number', {}), '1e16')).toEqual({ fault: 'field.number_invalid' });
  });

  it('of an address keep their parts, and name the part that is wrong', () => {
    const address = {
      street_address: 'Hauptstr. 1\r\n 2. Stock ',
      locality: 'Ulm',
      country: 'de',
      region: '',
    };
    expect(readValue(of('address'), address, context).value).toEqual({
      street_address: 'Hauptstr. 1\n2. Stock',
      locality: 'Ulm',
      country: 'DE',
    });
    expect(readValue(of('address'), { ...address, country: 'ZZ' }, context).fault).toEqual({
      part: 'country',
      code: 'field.invalid',
    });
    expect(readValue(of('address'), { ...address, locality: ' ' }, context).fault).toEqual({
      part: 'locality',
      code: 'field.required',
    });
    expect(readValue(of('address'), { ...address, postal_code: 'x'.repeat(21) }, context).fault).toEqual({
      part: 'postal_code',
      code: 'field.too_long',
      params: { max: 20 },
    });
    expect(readValue(of('address'), { street_address: '' }, context).value).toBeUndefined();
  });
});

describe('values of JSON', () => {
  it.each<[string, unknown, unknown]>([
    ['motto', 'Go!', 'Go!'],
    ['motto', null, undefined],
    ['motto', 5, { fault: 'field.invalid' }],
    ['motto', { $gt: '' }, { fault: 'field.invalid' }],
    ['cars', 3, 3],
    ['cars', '3', { fault: 'field.number_invalid' }],
    ['cars', Number.NaN, { fault: 'field.number_invalid' }],
    ['adult', false, false],
    ['adult', 'yes', { fault: 'field.invalid' }],
    ['birthdate', '2000-02-29', '2000-02-29'],
    ['diet', ['vegan'], ['vegan']],
    ['diet', 'vegan', { fault: 'field.invalid' }],
    ['diet', [{ $ne: 1 }], { fault: 'field.invalid' }],
    [
      'address',
      { locality: 'Ulm', street_address: 'A 1', country: 'DE' },
      { locality: 'Ulm', street_address: 'A 1', country: 'DE' },
    ],
    ['address', { locality: 'Ulm', planet: 'Earth' }, { fault: 'field.invalid' }],
    ['address', { street_address: 'A 1', locality: 5, country: 'DE' }, { fault: 'field.invalid' }],
    ['address', 'Ulm', { fault: 'field.invalid' }],
    ['phone_number', '+4930123456', '+4930123456'],
  ])('%s: %j', (name, json, expected) => {
    const { value, fault } = parseValue(of(name), json, context);
    expect(fault ? { fault: fault.code } : value).toEqual(expected);
  });

  it('stay what they are when they are read again', () => {
    const values = {
      motto: 'Go!',
      cars: 2,
      adult: true,
      birthdate: '1990-01-01',
      diet: ['vegan'],
      work_email: 'a@example.com',
      phone_number: '+4930123456',
      address: { street_address: 'A 1', locality: 'Ulm', country: 'DE' },
      store: 'de-001',
    };
    for (const [name, value] of Object.entries(values)) {
      expect(parseValue(of(name), value, context)).toEqual({ value });
    }
  });
});
