import { describe, expect, it } from '@jest/globals';
import { checkPassword } from '../../../src/people/credentials/policy.ts';

const rules = { minLength: 8, minStrength: 3, context: [] };

describe('the rules for a new password', () => {
  it.each([
    ['words that only you would put together', 'velvet tugboat sings'],
    ['spaces at the ends', '  quiet marmalade fox  '],
    ['one alphabet, no digits', 'plumbagokestrelwharf'],
    ['another script', 'どんぐりころころ土曜日の猫'],
    ['right-to-left', 'ציפור כחולה על הגג'],
    ['emoji', '🐈🌵🎻🚲🧀🛰️🦑🪁'],
    ['combining marks', 'z\u0301e\u0308b\u0323ra q\u0307uilt v\u0308ex'],
    ['digits without order', '8401936257518304'],
  ])('takes %s', async (_, password) => {
    await expect(checkPassword(password, rules)).resolves.toBeUndefined();
  });

  it('counts code points in normal form', async () => {
    const sevenEmoji = '🐈🌵🎻🚲🧀🦑🪁';
    await expect(checkPassword(sevenEmoji, rules)).resolves.toEqual({
      code: 'password.too_short',
      params: { min: 8 },
    });
    // eleven code points as typed, six characters in normal form
    await expect(checkPassword('z\u0301e\u0301a\u0301o\u0301u\u0301x', rules)).resolves.toMatchObject({
      code: 'password.too_short',
    });
  });

  it.each([
    [14, 'password.too_short'],
    [15, undefined],
  ])('asks for the program\u2019s own minimum: %i of 15', async (length, expected) => {
    const password = 'velvet tugboat sings'.slice(0, length);
    const fault = await checkPassword(password, { ...rules, minLength: 15 });
    expect(fault?.code).toBe(expected);
  });

  it('takes 256 code points and refuses 257', async () => {
    const long = Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)));
    await expect(checkPassword(long.join(''), rules)).resolves.toBeUndefined();
    await expect(checkPassword(`${long.join('')}x`, rules)).resolves.toEqual({
      code: 'password.too_long',
      params: { max: 256 },
    });
    await expect(checkPassword('🐈'.repeat(257), rules)).resolves.toMatchObject({
      code: 'password.too_long',
    });
    await expect(checkPassword('a'.repeat(1_000_000), rules)).resolves.toMatchObject({
      code: 'password.too_long',
    });
  });

  it.each([
    'password',
    'Passw0rd!',
    '12345678',
    'qwertyuiop',
    'aaaaaaaaaaaa',
    'iloveyou2',
    'abcdefghij',
    '19840612',
  ])('refuses what everybody guesses first: %s', async (password) => {
    await expect(checkPassword(password, rules)).resolves.toEqual({ code: 'password.too_weak' });
  });

  it.each([
    'anna.thornbury',
    'thornbury1',
    'AnnaThornbury',
    'skylark2026',
    'Skylark Airways',
    'skylarkairways',
  ])('refuses the address and the brand: %s', async (password) => {
    const context = ['Anna.Thornbury', 'Skylark Airways'];
    await expect(checkPassword(password, { ...rules, context })).resolves.toEqual({
      code: 'password.too_weak',
    });
  });

  it('refuses a word of the context itself even when the program asks for no strength', async () => {
    const lax = { minLength: 8, minStrength: 0, context: ['Skylark Airways'] };
    await expect(checkPassword('skylark airways', lax)).resolves.toEqual({ code: 'password.too_weak' });
    await expect(checkPassword('12345678', lax)).resolves.toBeUndefined();
  });
});
