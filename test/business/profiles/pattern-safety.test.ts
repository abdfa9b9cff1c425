import { describe, expect, it } from '@jest/globals';
import { matchesPattern, patternFault } from '../../../src/business/profiles/pattern-safety.ts';

describe('patterns', () => {
  it.each([
    '[A-Z]{2}[0-9]{6}',
    '[0-9]{5}(-[0-9]{4})?',
    '[1-9][0-9]{3} ?[A-Z]{2}',
    '(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}',
    '[a-z]+(-[a-z]+)*',
    '[\\p{L}\\p{M} ’\\-]{1,100}',
    'https://[a-z0-9.\\-]+(/[^ ]*)?',
    '\\\\[0-9]+',
  ])('of ordinary needs are let through: %s', (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });

  it.each([
    ['exponential', '(a+)+'],
    ['exponential', '(a|a)*'],
    ['exponential', '(\\w+\\s?)*'],
    ['exponential', '([a-z]+-?)+'],
    ['exponential', '(x+x+)+y'],
    ['exponential', '(a?){30}a{30}'],
    ['exponential', '(.*)*'],
    ['polynomial', 'a*a*'],
    ['polynomial', '.*.*=.*'],
    ['polynomial', '.*\\d.*'],
    ['polynomial', '\\S+@\\S+\\.\\S+'],
    ['polynomial', 'a{0,30}a{0,30}b'],
    ['huge', '(a{1,50}){1,50}'],
    ['huge', '(?:\\p{L}{99}){99}'],
    ['long', 'x'.repeat(201)],
    ['empty', ''],
    ['no expression', '[a-z'],
    ['no expression', '[z-a]'],
    ['of another dialect', '(?P<year>[0-9]+)'],
    ['not for the flag v of browsers', '[a-z-]'],
    ['only for the flag v', '[\\p{L}--[a-z]]+'],
    ['different in both', '[a&&b]'],
    ['looking around', '(?=a).*'],
    ['looking back', '.*(?<!a)'],
    ['repeating a group', '(a)\\1'],
    ['with flags of its own', '(?i:abc)'],
  ])('that are %s are refused: %s', (_why, pattern) => {
    expect(patternFault(pattern)).toEqual(expect.any(String));
  });

  it('match the whole text, in every script', () => {
    expect(matchesPattern('[A-Z]{2}|x', 'AB')).toBe(true);
    expect(matchesPattern('[A-Z]{2}|x', 'ABx')).toBe(false);
    expect(matchesPattern('.', '𠮷')).toBe(true);
  });

  it('that are let through stay quick on the text that is hardest for them', () => {
    const hardest = `${'a'.repeat(499)}!`;
    const began = process.hrtime.bigint();
    for (const pattern of ['[a-z]+(-[a-z]+)*', '.{0,500}x', '(a|ab)*c'].filter(
      (each) => !patternFault(each),
    )) {
      for (let round = 0; round < 100; round += 1) matchesPattern(pattern, hardest);
    }
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(500);
  });
});
