import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { faultsOfItems, shippedItems } from '../../support/configuration.ts';

const label = { en: 'Label' };
const options = ['dog', 'cat'].map((value) => ({ value, label }));
const attributes = {
  pet: { type: 'choice', class: 'trait', label, constraints: { options }, read: ['member', 'scope:profile'] },
  pet_name: { type: 'text', class: 'trait', label },
  allergy: { type: 'boolean', class: 'sensitive', label },
  address: { type: 'address', class: 'identifier', label },
  tier: { type: 'text', class: 'trait', label, write: ['client:ledger'] },
};

/** Faults of the fuel brand's layer with these parts, without the layer's name. */
function faultsWith(parts: object): string[] {
  const items = shippedItems();
  const {
    forms: _forms,
    profiling: _rules,
    claims: _claims,
    ...brand
  } = items.get('brands/volt/brand') ?? {};
  items.set('brands/volt/brand', { ...brand, attributes, ...parts } as JsonObject);
  return faultsOfItems(items).map((fault) => fault.replace('brands/volt/brand: ', ''));
}

const form = (...fields: object[]) => ({ forms: { registration: { steps: [{ fields }] } } });

describe('forms', () => {
  it('that fit their attributes and documents may go live', () => {
    const fields = [
      { core: 'email' },
      { core: 'password' },
      { core: 'name', required: true },
      { attribute: 'pet' },
      { attribute: 'pet_name', required: true, when: { attribute: 'pet', oneOf: ['dog', 'cat'] } },
      { consent: 'marketing-email', when: { attribute: 'pet', present: true } },
    ];
    expect(faultsWith(form(...fields))).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      'an attribute nobody defined',
      { attribute: 'pets' },
      /^forms.registration.steps.0.fields.1.attribute: expected a known key \(did you mean pet\?\), got "pets"$/,
    ],
    [
      'an attribute the member may not write',
      { attribute: 'tier' },
      /^forms.registration.steps.0.fields.1.attribute: expected an attribute that the member may write, got "tier"$/,
    ],
    [
      'a document nobody wrote',
      { consent: 'marketing-mail' },
      /^forms.registration.steps.0.fields.1.consent: expected a known key \(did you mean marketing-email\?\), got "marketing-mail"$/,
    ],
    [
      'terms as a consent',
      { consent: 'program-terms' },
      /expected a purpose, which is always optional, got "program-terms"$/,
    ],
    ['a field twice', { attribute: 'pet' }, /^forms.registration.steps.0.fields.1: expected each field once/],
    [
      'a condition on itself',
      { attribute: 'pet_name', when: { attribute: 'pet_name', present: true } },
      /when.attribute: expected an attribute that the form asks before this field, got "pet_name"$/,
    ],
    [
      'a condition on what it does not ask',
      { attribute: 'pet_name', when: { attribute: 'allergy', equals: true } },
      /when.attribute: expected .*, got "allergy"$/,
    ],
    [
      'a condition that cannot hold',
      { attribute: 'pet_name', when: { attribute: 'pet', equals: 'fish' } },
      /when.equals: expected one of dog, cat, got "fish"$/,
    ],
    [
      'a condition on the address that every member has',
      { core: 'email', when: { attribute: 'pet', equals: 'dog' } },
      /when: expected no condition/,
    ],
    [
      'an unknown key',
      { attribute: 'pet_name', wen: {} },
      /^forms.registration.steps.0.fields.1.wen: expected a known key \(did you mean when\?\), got an unknown key$/,
    ],
    [
      'markup in a hint',
      { attribute: 'pet_name', hint: { en: '<b>now</b>' } },
      /hint.en: expected text without markup/,
    ],
  ])('are refused for %s', (_what, field, fault) => {
    expect(faultsWith(form({ attribute: 'pet' }, field))).toEqual([expect.stringMatching(fault)]);
  });

  it('are refused for conditions that lead in a circle', () => {
    const faults = faultsWith(
      form(
        { attribute: 'pet', when: { attribute: 'pet_name', present: true } },
        { attribute: 'pet_name', when: { attribute: 'pet', equals: 'dog' } },
      ),
    );
    expect(faults).toEqual([
      'forms.registration.steps.0.fields.0.when.attribute: expected an attribute that the form asks before this field, got "pet_name"',
    ]);
  });

  it('other than the registration have a title, and neither address nor password', () => {
    const fields = [{ core: 'password' }];
    expect(faultsWith({ forms: { pets: { steps: [{ fields }] } } })).toEqual([
      expect.stringMatching(/^forms.pets.title: expected a title/),
      expect.stringMatching(
        /^forms.pets.steps.0.fields.0.core: expected e-mail and password in the first step/,
      ),
    ]);
  });

  it('may say texts in further languages below, and be taken away there', () => {
    const items = shippedItems();
    const brand = items.get('brands/volt/brand') ?? {};
    const profile = { title: { en: 'You' }, steps: [{ fields: [{ attribute: 'fuel_grade' }] }] };
    items.set('brands/volt/brand', { ...brand, forms: { profile } } as JsonObject);
    items.set('brands/volt/markets/de', { forms: { profile: { title: { de: 'Sie' } } } });
    items.set('brands/volt/markets/jp', { forms: { profile: null } });
    expect(faultsOfItems(items)).toEqual([]);
  });
});

describe('profiling rules', () => {
  const rule = (parts: object) => faultsWith({ profiling: { pets: parts } });

  it('that fit their attributes may go live', () => {
    const when = { signIns: 2, scopes: ['profile'], attributes: [{ attribute: 'pet', equals: 'dog' }] };
    expect(rule({ ask: ['pet_name', 'allergy'], when, required: true })).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      'an attribute nobody defined',
      { ask: ['pets'] },
      /^profiling.pets.ask.0: expected a known key \(did you mean pet\?\), got "pets"$/,
    ],
    [
      'an attribute the member may not write',
      { ask: ['tier'] },
      /^profiling.pets.ask.0: expected an attribute that the member may write/,
    ],
    ['an attribute twice', { ask: ['pet', 'pet'] }, /^profiling.pets.ask.1: expected each attribute once/],
    [
      'a condition that tells what is sealed',
      { ask: ['pet'], when: { attributes: [{ attribute: 'allergy', equals: true }] } },
      /^profiling.pets.when.attributes.0.attribute: expected an attribute of the class trait, got "allergy"$/,
    ],
    [
      'an unknown key',
      { ask: ['pet'], when: { signins: 2 } },
      /^profiling.pets.when.signins: expected a known key \(did you mean signIns\?\)/,
    ],
  ])('are refused for %s', (_what, parts, fault) => {
    expect(rule(parts)).toEqual([expect.stringMatching(fault)]);
  });
});

describe('attributes', () => {
  it('are refused for a pattern that could take very long, in a code of its own', () => {
    const motto = { type: 'text', class: 'trait', label, constraints: { pattern: '(a+)+' } };
    expect(faultsWith({ attributes: { ...attributes, motto } })).toEqual([
      expect.stringMatching(
        /^attributes.motto.constraints.pattern: expected a pattern that cannot take long/,
      ),
    ]);
  });

  const motto = { type: 'text', class: 'trait', label };
  it.each<[string, object, string]>([
    [
      'a pattern that is broken',
      { motto: { ...motto, constraints: { pattern: '[a-z' } } },
      'attributes.motto.constraints.pattern: expected a pattern that can be read: a regular expression as in the pattern of an HTML input, got "[a-z"',
    ],
    [
      'a name with a meaning of its own',
      { email: motto },
      'attributes.email: expected a free name: this one has a meaning already (the member record), got',
    ],
    [
      'a reader that is none',
      { motto: { ...motto, read: ['scop:profile'] } },
      'attributes.motto.read.0: expected one of member, scope:<scope>, client:<id>, role:<role>, got "scop:profile"',
    ],
    [
      'a label in a language that nobody reads',
      { motto: { ...motto, label: { ...label, jp: 'モットー' } } },
      'attributes.motto.label.jp: expected a known key (did you mean ja?), got "jp"',
    ],
  ])('are refused for %s', (_what, more, fault) => {
    expect(faultsWith({ attributes: { ...attributes, ...more } })).toEqual([expect.stringContaining(fault)]);
  });

  it('are refused for a language nobody reads wherever a form or a rule says a text', () => {
    const text = { en: 'Text', xx: 'Text' };
    const pets = {
      title: text,
      steps: [{ title: text, fields: [{ attribute: 'pet', hint: text }] }],
    };
    const profiling = { pets: { ask: ['pet'], lead: text } };
    expect(faultsWith({ forms: { pets }, profiling }).map((fault) => fault.split(':')[0])).toEqual([
      'forms.pets.title.xx',
      'forms.pets.steps.0.title.xx',
      'forms.pets.steps.0.fields.0.hint.xx',
      'profiling.pets.lead.xx',
    ]);
  });
});
