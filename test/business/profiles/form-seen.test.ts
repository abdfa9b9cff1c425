import { describe, expect, it } from '@jest/globals';
import type { Attributes } from '../../../src/business/profiles/attribute-shape.ts';
import { answerInputs, type FormAnswers, readFields } from '../../../src/business/profiles/form-answers.ts';
import {
  readSeen,
  seenOf,
  sentSince,
  shownInputs,
  textsShown,
} from '../../../src/business/profiles/form-seen.ts';
import type { FormField } from '../../../src/business/profiles/form-shape.ts';

const label = { en: 'A' };
const options = ['a', 'b'].map((value) => ({ value, label }));
const attributes: Attributes = {
  one: { type: 'choice', class: 'trait', label, constraints: { options } },
  many: { type: 'choices', class: 'trait', label, constraints: { options } },
  text: { type: 'text', class: 'trait', label, constraints: { maxLength: 5 } },
  home: { type: 'address', class: 'identifier', label },
  box: { type: 'boolean', class: 'trait', label },
};
const context = {
  today: '2026-06-01',
  country: 'US',
  attributes,
  purposes: ['news'],
  locales: ['en', 'ja'],
} as const;
const fields: FormField[] = [
  ...Object.keys(attributes).map((attribute) => ({ attribute })),
  { consent: 'news' },
  { core: 'name' },
  { core: 'locale' },
];
const home = { street_address: '1 Main St\nFloor 2', locality: 'Albany', country: 'US' };
const known: FormAnswers = {
  attributes: { one: 'a', many: ['a', 'b'], text: 'word', home, box: true },
  consents: { news: true },
  name: 'Mika',
  locale: 'en',
};
const text = { version: '1 b', language: 'en', hash: 'hash-of-news' };
const texts = [{ id: 'news', ...text }];
const nowOf = (answers: FormAnswers, asked = fields) => ({ fields: asked, answers, context });

/** What is kept of a page that showed some answers, was changed by its sender, and comes back to others. */
function kept(shown: FormAnswers, change: Record<string, string>, present = shown) {
  const seen = readSeen(seenOf(nowOf(shown), texts));
  const inputs = { ...answerInputs(fields, shown), ...change };
  return readFields(fields, sentSince({ inputs, seen }), { before: present, context });
}

describe('a page that comes back', () => {
  it.each([
    ['with answers', known],
    ['without any', { attributes: {}, consents: {}, locale: 'en' }],
  ])('%s, untouched, says nothing', (_name, shown) => {
    const other: FormAnswers = {
      attributes: { one: 'b', many: ['b'], text: 'other', box: false, home: null },
      consents: { news: false },
      name: 'Ada',
      locale: 'ja',
    };
    expect(kept(shown, {}, other)).toEqual({ answers: other, faults: [] });
  });

  it('says what was changed, and of everything else nothing', () => {
    const present = { ...known, attributes: { ...known.attributes, many: ['b'] }, consents: { news: false } };
    const { answers } = kept(known, { 'field.one': 'b', name: 'Ada' }, present);
    expect(answers).toEqual({
      ...present,
      attributes: { ...present.attributes, one: 'b' },
      name: 'Ada',
    });
  });

  it('counts line breaks as browsers send them as the same', () => {
    const sent = { 'field.home.street_address': '1 Main St\r\nFloor 2' };
    const present = { ...known, attributes: { ...known.attributes, home: { ...home, locality: 'Troy' } } };
    expect(kept(known, sent, present).answers.attributes.home).toEqual({ ...home, locality: 'Troy' });
  });

  it('does not fail over a value that has stopped being right and was not touched', () => {
    const old: FormAnswers = {
      ...known,
      attributes: { ...known.attributes, text: 'much too long', one: 'gone' },
    };
    expect(shownInputs(nowOf(old))).not.toHaveProperty('field.one');
    expect(kept(old, { 'field.one': '' })).toEqual({ answers: old, faults: [] });
    expect(kept(old, { 'field.one': '', 'field.text': 'longer still' }).faults).toMatchObject([
      { field: 'field.text' },
    ]);
  });

  it('says nothing of a field it did not show', () => {
    const seen = readSeen(seenOf(nowOf(known, [{ attribute: 'one' }]), []));
    const source = sentSince({ inputs: { 'field.one': 'a' }, seen });
    expect(readFields(fields, source, { before: known, context }).answers).toEqual(known);
  });

  it('takes no silence for an answer to a consent', () => {
    expect(kept(known, { 'purpose.news': '' }).answers.consents).toEqual({ news: true });
  });

  it.each([
    'field.other',
    'field.one.a',
    'field.many',
    'field.many.c',
    'field.home.planet',
    'purpose.terms',
    'x',
  ])('with %s has what the form has not', (input) => {
    const { stray } = sentSince({ inputs: { [input]: 'yes' }, seen: {} });
    expect(stray?.(fields, context)).toEqual([{ field: 'form', code: 'field.unknown' }]);
  });

  it('is shown again with what was changed, and with what others have changed since', () => {
    const seen = readSeen(seenOf(nowOf(known), texts));
    const sent = { ...answerInputs(fields, known), 'field.text': 'much too long', 'field.many.a': '' };
    const present = { ...known, attributes: { ...known.attributes, one: 'b' } };
    const again = shownInputs(nowOf(present), { inputs: sent, seen });
    expect(again).toMatchObject({ 'field.one': 'b', 'field.text': 'much too long', 'field.many.b': 'yes' });
    expect(again).not.toHaveProperty('field.many.a');
  });

  it('tells which text it showed, and of a text it did not show that there is none', () => {
    const seen = readSeen(seenOf(nowOf(known), texts));
    const inputs = { 'purpose.news': 'yes', 'purpose.terms': 'yes', 'field.one': 'a' };
    expect(textsShown({ inputs, seen })).toEqual({
      news: text,
      terms: { version: '', language: '', hash: '' },
    });
  });
});
