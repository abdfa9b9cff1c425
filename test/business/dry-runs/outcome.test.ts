/** What somebody meets, for one journey after the other. */
import { describe, expect, it } from '@jest/globals';
import type { Journey } from '../../../src/business/dry-runs/journey.ts';
import { journeyOutcome } from '../../../src/business/dry-runs/outcome.ts';
import { asIfAlone, changedItems, journeyAt, outcomeOf, rules, sideOf } from './configurations.ts';

type Some = Partial<Journey> & Pick<Journey, 'kind'>;

const onlyCode = { 'brands/volt/brand': { signIn: { methods: ['mail-code'] } } };
const onlyGoogle = { 'brands/volt/brand': { signIn: { methods: ['google'] } } };
const noCode = { 'brands/volt/brand': { signIn: { methods: ['password', 'google'] } } };

describe('the outcome of a journey', () => {
  it.each<[string, Some, Parameters<typeof outcomeOf>[1], readonly string[]]>([
    ['a password', { kind: 'sign-in' }, {}, ['sign-in', 'password']],
    [
      'a code beside a password',
      { kind: 'sign-in', method: 'mail-code' },
      {},
      ['sign-in', 'password', 'sign-in-code'],
    ],
    ['a code alone', { kind: 'sign-in', method: 'mail-code' }, onlyCode, ['sign-in', 'sign-in-code']],
    ['an upstream', { kind: 'sign-in', method: 'google' }, {}, ['sign-in']],
    ['a way that is not offered', { kind: 'sign-in', method: 'mail-code' }, noCode, ['sign-in']],
    ['registering', { kind: 'register' }, {}, ['register', 'verify']],
    [
      'registering without a password',
      { kind: 'register', method: 'mail-code' },
      onlyCode,
      ['register', 'verify'],
    ],
    [
      'registering by an upstream',
      { kind: 'register', method: 'google' },
      onlyGoogle,
      ['register', 'details'],
    ],
    [
      'registering at a third party',
      { kind: 'register', firstParty: false },
      {},
      ['register', 'verify', 'consent'],
    ],
    ['recovery', { kind: 'recover' }, {}, ['sign-in', 'password', 'recover', 'recover-code', 'new-password']],
    ['recovery where there is no password', { kind: 'recover' }, onlyCode, ['sign-in']],
    ['consent', { kind: 'consent', firstParty: false }, {}, ['consent']],
    ['terms first', { kind: 'sign-in', person: { agreed: [] } }, {}, ['sign-in', 'password', 'terms']],
  ])('names the pages of %s', (_name, journey, patches, pages) => {
    expect(outcomeOf(journey, patches).pages).toEqual(pages);
  });

  it('speaks the language that is offered there', () => {
    expect(outcomeOf({ kind: 'sign-in', locale: 'de-AT' }).language).toBe('de');
    expect(outcomeOf({ kind: 'sign-in', locale: 'ja' }).language).toBe('de');
    const offered = { 'markets/de': { languages: { offered: ['de', 'en', 'ja'] } } };
    expect(outcomeOf({ kind: 'sign-in', locale: 'ja' }, offered).language).toBe('ja');
  });

  it('asks at a registration what the configuration asks', () => {
    const outcome = outcomeOf({ kind: 'register', person: { age: [14, 15] } });
    expect(outcome.fields).toEqual([
      {
        id: 'fuel_grade',
        type: 'choice',
        label: 'Was tanken Sie meistens?',
        required: false,
        options: ['regular', 'premium', 'diesel', 'electric'],
        step: 1,
      },
    ]);
    expect(outcome.legal?.map(({ id, kind, version }) => [id, kind, version])).toEqual([
      ['program-terms', 'terms', '1.0'],
      ['privacy-notice', 'notice', '1.0'],
    ]);
    expect(outcome.purposes?.map(({ id }) => id).sort()).toEqual([
      'marketing-email',
      'partner-sharing',
      'personalisation',
    ]);
    expect(outcome).toMatchObject({
      jurisdiction: 'EU',
      password: { minLength: 10, minStrength: 2 },
      age: { minimum: 16, admitted: 'no' },
      mails: { sender: 'Volt Fuel' },
      look: { name: 'Volt Fuel', program: 'Xenia', theme: expect.stringMatching(/^[\w-]{12}$/) },
    });
  });

  it('asks on the account pages what their forms ask', () => {
    const { forms = {} } = outcomeOf({ kind: 'account' });
    expect(Object.entries(forms).map(([name, fields]) => [name, fields.map(({ id }) => id)])).toEqual([
      ['communication', ['contact_channels', 'contact_frequency', 'marketing-email']],
      ['preferences', ['vehicle', 'fuel_grade', 'connector']],
      ['profile', ['phone_number', 'city']],
    ]);
    expect(forms.preferences?.[2]).toMatchObject({
      type: 'choice',
      required: false,
      step: 1,
      when: { attribute: 'fuel_grade', equals: 'electric' },
    });
    expect(forms.communication?.[2]).toMatchObject({ type: 'consent', label: expect.any(String) });
    expect(outcomeOf({ kind: 'sign-in' }).forms).toBeUndefined();
  });

  it('goes by the forms of the home market, and not by what the profile page asks by itself', () => {
    const badge = { type: 'text', class: 'trait', label: { en: 'Badge' } };
    const patches = {
      'markets/jp': {
        attributes: { badge },
        forms: {
          profile: {
            steps: [
              { fields: [{ core: 'name' }, { core: 'locale' }, { attribute: 'badge', required: true }] },
            ],
          },
          preferences: { steps: [{ fields: [{ core: 'locale' }] }] },
        },
      },
    };
    const idsOf = (person: Journey['person']) =>
      Object.entries(outcomeOf({ kind: 'account', person }, patches).forms ?? {}).map(([name, fields]) => [
        name,
        ...fields.map(({ id }) => id),
      ]);
    expect(idsOf({ market: 'jp' })).toEqual([
      ['communication', 'contact_channels', 'contact_frequency', 'marketing-email'],
      ['preferences', 'locale'],
      ['profile', 'badge'],
    ]);
    expect(idsOf({})).toContainEqual(['profile', 'phone_number', 'city']);
  });

  it('admits whoever is old enough, and says where that is not known', () => {
    const admitted = (age: readonly [number, number]) =>
      outcomeOf({ kind: 'register', person: { age } }).age?.admitted;
    expect([admitted([16, 17]), admitted([13, 17]), admitted([0, 12])]).toEqual(['yes', 'unknown', 'no']);
  });

  it('takes the stricter of the passwords of here and of the home market', () => {
    const patches = { 'markets/jp': { password: { minLength: 14 } } };
    expect(outcomeOf({ kind: 'recover' }, patches).password).toEqual({ minLength: 10, minStrength: 2 });
    expect(outcomeOf({ kind: 'recover', person: { market: 'jp' } }, patches).password?.minLength).toBe(14);
    expect(outcomeOf({ kind: 'recover' }, onlyCode).password).toBeUndefined();
  });

  it('tells the levels that scopes need, and the claims that they release', () => {
    const patches = {
      'brands/volt/brand': {
        acr: { 'points:redeem': { acr: 'urn:symbolon:acr:one-factor', maxAgeSeconds: 300 } },
        claims: { profile: ['fuel_grade'] },
        session: { freshSeconds: 600 },
      },
    };
    const token = outcomeOf({ kind: 'token', scopes: ['openid', 'profile', 'points:redeem'] }, patches);
    expect(token).toMatchObject({
      session: {
        freshSeconds: 600,
        levels: { 'points:redeem': { acr: 'urn:symbolon:acr:one-factor', maxAgeSeconds: 300 } },
      },
      claims: { profile: ['fuel_grade', 'locale', 'name', 'updated_at'] },
    });
    expect(token.pages).toBeUndefined();
  });

  it('goes by the terms of the home market, and by what was agreed to', () => {
    const person = { market: 'us', agreed: ['program-terms 0.9'] };
    expect(outcomeOf({ kind: 'token', person }).missingTerms).toMatchObject([
      { id: 'program-terms', version: '1.0' },
    ]);
    expect(outcomeOf({ kind: 'token', person: { agreed: ['program-terms 1.0'] } }).missingTerms).toEqual([]);
  });

  it('knows no outcome where there is no such brand or market', () => {
    const { world } = sideOf(asIfAlone(changedItems()));
    expect(journeyOutcome(world, journeyAt({ kind: 'sign-in', brand: 'nobody' }), rules)).toBeUndefined();
    expect(journeyOutcome(world, journeyAt({ kind: 'sign-in', market: 'nowhere' }), rules)).toBeUndefined();
  });
});
