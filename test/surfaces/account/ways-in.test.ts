import { describe, expect, it } from '@jest/globals';
import { isLastWayIn } from '../../../src/surfaces/account/ways-in.ts';

const both = ['google', 'facebook'];

describe('the last way in', () => {
  it.each([
    ['with a password nothing linked is', true, ['email', 'google'], both, false],
    ['the only upstream is, when there is no password', false, ['email', 'google'], both, true],
    ['one of two upstreams is not', false, ['email', 'google', 'facebook'], both, false],
    ['it is, when the other upstream is no longer offered', false, ['google', 'facebook'], ['google'], true],
    ['a mail address alone does not count as another way', false, ['email', 'google'], ['google'], true],
    ['it does where a mailed code signs in', false, ['email', 'google'], ['google', 'email'], false],
  ])('%s', (_name, hasPassword, linked, usable, last) => {
    expect(isLastWayIn({ hasPassword, linked, usable }, 'google')).toBe(last);
  });
});
