import { describe, expect, it } from '@jest/globals';
import {
  dueQuestions,
  type ProfilingFacts,
  possibleQuestions,
  rulesFor,
  waitingScopes,
} from '../../../src/business/profiles/profiling.ts';
import { type ProfilingRules, profilingSchema } from '../../../src/business/profiles/profiling-shape.ts';

const facts: ProfilingFacts = {
  clientId: 'airline',
  scopes: ['openid', 'profile'],
  today: '2026-04-30',
  values: {},
  signIns: 2,
  atSignIn: true,
  asked: new Set(),
};

const asksOf = (rules: object, more: Partial<ProfilingFacts> = {}) =>
  dueQuestions(profilingSchema.parse(rules), { ...facts, ...more }).map(({ attribute }) => attribute);

const seat = (when: object, more: object = {}) => ({ seats: { ask: ['seat'], when, ...more } });

describe('a rule', () => {
  it.each<[string, object, Partial<ProfilingFacts>, boolean]>([
    ['without a condition', {}, {}, true],
    ['from the second sign-in on, at the second', { signIns: 2 }, {}, true],
    ['from the second sign-in on, at the ninth', { signIns: 2 }, { signIns: 9 }, true],
    ['from the second sign-in on, at the first', { signIns: 2 }, { signIns: 1 }, false],
    ['from the second sign-in on, where a session led here', { signIns: 2 }, { atSignIn: false }, false],
    ['of no sign-in, where a session led here', {}, { atSignIn: false }, true],
    ['of this client', { clients: ['airline', 'fuel'] }, {}, true],
    ['of another client', { clients: ['fuel'] }, {}, false],
    ['of a scope that is asked for', { scopes: ['profile', 'points'] }, {}, true],
    ['of a scope that is not', { scopes: ['points'] }, {}, false],
    [
      'of those with a dog, for one',
      { attributes: [{ attribute: 'pet', equals: 'dog' }] },
      { values: { pet: 'dog' } },
      true,
    ],
    [
      'of those with a dog, for nobody we know',
      { attributes: [{ attribute: 'pet', equals: 'dog' }] },
      {},
      false,
    ],
    ['until today', { until: '2026-04-30' }, {}, true],
    ['until yesterday', { until: '2026-04-29' }, {}, false],
    ['of which one part does not hold', { clients: ['airline'], scopes: ['points'] }, {}, false],
  ])('%s asks or is silent', (_what, when, more, asks) => {
    expect(asksOf(seat(when), more)).toEqual(asks ? ['seat'] : []);
  });

  it('asks nothing that is known, and nothing a second time', () => {
    expect(asksOf(seat({}), { values: { seat: 'window' } })).toEqual([]);
    expect(asksOf(seat({}), { values: { seat: false } })).toEqual([]);
    expect(asksOf(seat({}), { values: { seat: null } })).toEqual(['seat']);
    expect(asksOf(seat({}), { asked: new Set(['seat']) })).toEqual([]);
  });

  it('that is required asks until there is an answer, at any visit once it may', () => {
    const required = seat({ signIns: 2 }, { required: true });
    expect(asksOf(required, { asked: new Set(['seat']) })).toEqual(['seat']);
    expect(asksOf(required, { atSignIn: false })).toEqual(['seat']);
    expect(asksOf(required, { signIns: 1 })).toEqual([]);
    expect(asksOf(required, { values: { seat: 'aisle' } })).toEqual([]);
    // A box that must be ticked.
    expect(asksOf(required, { values: { seat: false } })).toEqual(['seat']);
    expect(asksOf(required, { values: { seat: true } })).toEqual([]);
  });
});

describe('rules together', () => {
  const rules = {
    first: { ask: ['seat', 'meal', 'pet'] },
    second: { ask: ['meal', 'store'], required: true },
  };

  it('ask at most two at a time, what is required first', () => {
    expect(dueQuestions(profilingSchema.parse(rules), facts)).toEqual([
      { rule: 'second', attribute: 'meal', required: true },
      { rule: 'second', attribute: 'store', required: true },
    ]);
    expect(asksOf(rules, { values: { meal: 'vegan' } })).toEqual(['store', 'seat']);
    expect(asksOf(rules, { values: { meal: 'vegan', store: 'de-001' }, asked: new Set(['seat']) })).toEqual([
      'pet',
    ]);
  });

  it.each<[object, boolean, { any: boolean; certain: boolean }]>([
    [{}, true, { any: false, certain: false }],
    [seat({ signIns: 5 }), false, { any: false, certain: false }],
    [seat({ signIns: 5 }), true, { any: true, certain: false }],
    [seat({}), false, { any: true, certain: false }],
    [seat({}, { required: true }), false, { any: true, certain: true }],
    [seat({ signIns: 5 }, { required: true }), false, { any: true, certain: false }],
    [seat({ clients: ['fuel'] }), true, { any: false, certain: false }],
  ])('tell whether the memory of questions must be read: %j', (given, atSignIn, expected) => {
    const parsed: ProfilingRules = profilingSchema.parse(given);
    expect(possibleQuestions(parsed, facts, atSignIn)).toEqual(expected);
  });
});

describe('scopes that wait for an answer', () => {
  const rules = profilingSchema.parse({
    always: { ask: ['city'], required: true },
    trips: { ask: ['seat', 'meal', 'pet'], when: { scopes: ['travel', 'lounge'] }, required: true },
    points: { ask: ['store'], when: { scopes: ['points'], signIns: 3 }, required: true },
    skipped: { ask: ['colour'], when: { scopes: ['profile'] } },
  });
  const asked = { ...facts, scopes: ['openid', 'profile', 'travel', 'points', 'lounge'] };
  const seen = { seat: 'aisle', meal: 'vegan' };

  it.each<[string, Partial<ProfilingFacts>, string[]]>([
    ['whatever else the app waits for', {}, ['travel', 'lounge']],
    ['also for the third of a rule', { values: seen }, ['travel', 'lounge']],
    ['no more once it is there', { values: { ...seen, pet: 'none' } }, []],
    ['from a sign-in on', { values: { ...seen, pet: 'none' }, signIns: 3 }, ['points']],
  ])('are found: %s', (_what, more, expected) => {
    expect(waitingScopes(rules, { ...asked, ...more })).toEqual(expected);
  });
});

describe('the rules of an app', () => {
  it('are those that name it, and those that name nobody', () => {
    const rules: ProfilingRules = profilingSchema.parse({
      everywhere: { ask: ['seat'] },
      here: { ask: ['meal'], when: { clients: ['airline', 'fuel'] } },
      elsewhere: { ask: ['pet'], when: { clients: ['grocery'] } },
    });
    expect(Object.keys(rulesFor(rules, 'airline'))).toEqual(['everywhere', 'here']);
  });
});

describe('the shape of a rule', () => {
  it.each([
    [{ ask: [] }],
    [{ ask: ['__proto__'] }],
    [{ ask: ['seat'], when: { signIns: 0 } }],
    [{ ask: ['seat'], when: { until: '30 April' } }],
    [{ ask: ['seat'], when: { segment: 'rich' } }],
    [{ ask: ['seat'], lead: { de: 'Warum' } }],
    [{ ask: ['seat'], often: true }],
  ])('refuses %j', (rule) => {
    expect(profilingSchema.safeParse({ seats: rule }).success).toBe(false);
  });

  it('refuses a name that reaches a prototype', () => {
    for (const name of ['constructor', 'prototype', '$where', 'Über']) {
      const rules = JSON.parse(`{${JSON.stringify(name)}:{"ask":["seat"]}}`);
      expect([name, profilingSchema.safeParse(rules).success]).toEqual([name, false]);
    }
  });
});
