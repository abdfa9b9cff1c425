import { describe, expect, it } from '@jest/globals';
import { type FieldSpec, questionsIn, readAnswers } from '../../../src/business/experiences/fields.ts';

const seat: FieldSpec = {
  name: 'seat',
  kind: 'choice',
  required: false,
  label: { en: 'Seat', ja: '座席' },
  options: [
    { value: 'window', label: { en: 'Window', ja: '窓側' } },
    { value: 'aisle', label: { en: 'Aisle' } },
  ],
};
const nickname: FieldSpec = {
  name: 'nickname',
  kind: 'text',
  label: { en: 'Nickname' },
  required: true,
  maxLength: 5,
};
const adult: FieldSpec = { name: 'adult', kind: 'checkbox', required: false, label: { en: 'Adult' } };
const fields = [seat, nickname, adult];

describe('the questions of a brand', () => {
  it('are said in the visitor’s language, in English where a translation is missing', () => {
    const [question, other] = questionsIn(fields, 'ja');
    expect(question).toMatchObject({ label: '座席', options: [{ label: '窓側' }, { label: 'Aisle' }] });
    expect(other?.label).toBe('Nickname');
  });

  it('find the base language of a regional one', () => {
    expect(questionsIn(fields, 'ja-JP')[0]?.label).toBe('座席');
  });
});

describe('the answers', () => {
  it('are read by input name; optional ones may stay open, foreign ones are ignored', () => {
    const form = { 'field.nickname': ' Mika ', 'field.seat': '', 'field.foreign': 'x', seat: 'window' };
    expect(readAnswers(fields, form)).toEqual({ answers: { nickname: 'Mika' }, faults: [] });
  });

  it('of every kind become traits', () => {
    const form = { 'field.nickname': 'Mika', 'field.seat': 'window', 'field.adult': 'yes' };
    expect(readAnswers(fields, form).answers).toEqual({ nickname: 'Mika', seat: 'window', adult: true });
  });

  it('show all faults at once, each at its input', () => {
    const { faults } = readAnswers(fields, { 'field.seat': 'roof' });
    expect(faults).toEqual([
      { field: 'field.seat', code: 'field.invalid' },
      { field: 'field.nickname', code: 'field.required' },
    ]);
  });

  it('are measured in characters as people count them', () => {
    expect(readAnswers([nickname], { 'field.nickname': '𠮷𠮷𠮷𠮷𠮷' }).faults).toEqual([]);
    expect(readAnswers([nickname], { 'field.nickname': 'abcdef' }).faults).toEqual([
      { field: 'field.nickname', code: 'field.too_long', params: { max: 5 } },
    ]);
  });

  it('hold no control characters', () => {
    expect(readAnswers([nickname], { 'field.nickname': 'a\u0000b' }).faults).toEqual([
      { field: 'field.nickname', code: 'field.invalid' },
    ]);
  });
});
