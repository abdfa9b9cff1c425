/** The same conditions on both sides: what an app shows by the SDK is what the server asks. */
import { describe, expect, it } from '@jest/globals';
import { agreed, visibleFields } from '../../sdk/src/forms.ts';
import type { Condition } from '../../src/business/profiles/condition.ts';
import { type FormContext, noAnswers, readForm, sentJson } from '../../src/business/profiles/form-answers.ts';
import type { FormField } from '../../src/business/profiles/form-shape.ts';
import { context as day, everyType } from '../business/profiles/definitions.ts';

const context: FormContext = { ...day, attributes: everyType, purposes: [], locales: ['en'] };

type Drawn = Parameters<typeof visibleFields>[0]['steps'][number]['fields'][number];

/** A field as the API draws it; only its name and condition matter here. */
const drawn = ({ attribute = '', when }: FormField): Drawn => ({
  kind: 'attribute',
  name: attribute,
  type: 'text',
  label: '',
  hint: null,
  options: null,
  constraints: {},
  parts: null,
  autocomplete: null,
  required: false,
  when: (when ?? null) as Drawn['when'],
  consent: null,
});

function bothSides(fields: readonly FormField[], attributes: Record<string, unknown>) {
  const { answers, faults } = readForm({ steps: [{ fields: [...fields] }] }, sentJson({ attributes }), {
    before: noAnswers,
    context,
  });
  expect(faults).toEqual([]);
  const shown = visibleFields({ steps: [{ title: null, fields: fields.map(drawn) }] }, attributes);
  return [shown.map(({ name }) => name), Object.keys(answers.attributes)];
}

const values: readonly (readonly [keyof typeof everyType & string, readonly unknown[]])[] = [
  ['motto', ['ahoi', '', ' ', ' ahoi ', null, undefined]],
  ['cars', [0, 3, null, undefined]],
  ['adult', [true, false, null, undefined]],
  ['birthdate', ['2000-02-29', '', null]],
  ['seat', ['vegan', 'halal', '', null, undefined]],
  ['diet', [['vegan'], ['halal', 'vegan'], [], null, undefined]],
  [
    'address',
    [{ street_address: 'Road 1', locality: 'Town', country: 'DE' }, { street_address: '' }, {}, null],
  ],
];
const comparisons: readonly Omit<Condition, 'attribute'>[] = [
  { present: true },
  { present: false },
  ...['ahoi', 'vegan', '2000-02-29', 0, 3, true, false].map((equals) => ({ equals })),
  { oneOf: ['halal', 'ahoi', 3] },
  { oneOf: [true, 'no-nuts'] },
];

describe('a field with a condition', () => {
  it.each(values)('on %s is shown where the server asks it', (attribute, answers) => {
    for (const comparison of comparisons)
      for (const answer of answers) {
        const fields = [{ attribute }, { attribute: 'store', when: { attribute, ...comparison } }];
        const [shown, asked] = bothSides(fields, { [attribute]: answer });
        expect([comparison, answer, shown]).toEqual([comparison, answer, asked]);
      }
  });

  it('does not count for what hangs on it where it is not asked itself', () => {
    const fields: FormField[] = [
      { attribute: 'adult' },
      { attribute: 'seat', when: { attribute: 'adult', equals: true } },
      { attribute: 'store', when: { attribute: 'seat', equals: 'vegan' } },
      { attribute: 'motto', when: { attribute: 'seat', present: false } },
    ];
    for (const adult of [true, false, null]) {
      const [shown, asked] = bothSides(fields, { adult, seat: 'vegan' });
      expect(shown).toEqual(asked);
    }
    expect(bothSides(fields, { adult: false, seat: 'vegan' })[0]).toEqual(['adult', 'motto']);
  });

  it('on what the form does not ask is shown only where nothing is wanted', () => {
    const fields: FormField[] = [
      { attribute: 'store', when: { attribute: 'seat', present: true } },
      { attribute: 'motto', when: { attribute: 'seat', present: false } },
    ];
    expect(bothSides(fields, {})).toEqual([['motto'], ['motto']]);
  });
});

describe('a yes', () => {
  it('is to a consent only', () => {
    const consent = { title: 't', text: 't', version: '1', language: 'en', hash: 'h', url: 'u' };
    expect(agreed({ name: 'news', consent })).toEqual({
      state: 'given',
      version: '1',
      language: 'en',
      hash: 'h',
    });
    expect(() => agreed({ name: 'pet', consent: null })).toThrow(/no consent/);
  });
});
