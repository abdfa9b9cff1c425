import { describe, expect, it } from '@jest/globals';
import { registrationFields } from '../../../src/business/experiences/fields.ts';
import { experiencesOf } from '../../support/configuration.ts';

const settings = experiencesOf().experienceFor({ brand: 'aurora-air' }).settings;
const label = { en: 'Seat' };

describe('what a registration asks', () => {
  it('is what its form names, in the order of its steps, as the attributes define it', () => {
    const seat = { type: 'choice', class: 'trait', label } as const;
    const nickname = { type: 'text', class: 'trait', label } as const;
    const form = {
      steps: [
        { fields: [{ attribute: 'nickname', required: true }] },
        {
          fields: [
            { core: 'email' },
            { attribute: 'seat' },
            { attribute: 'toString' },
            { attribute: 'gone' },
          ],
        },
      ],
    };
    expect(
      registrationFields({ ...settings, attributes: { seat, nickname }, forms: { registration: form } }),
    ).toEqual([
      { name: 'nickname', definition: nickname, required: true },
      { name: 'seat', definition: seat, required: false },
    ]);
  });

  it('is nothing where no form is defined', () => {
    expect(registrationFields({ ...settings, forms: {} })).toEqual([]);
  });
});
