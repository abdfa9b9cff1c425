import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { notices, readNotice } from '../../../src/surfaces/account/notices.ts';

describe('a one-time notice', () => {
  it('is read by its name', () => {
    expect(readNotice('profile-saved')).toEqual({ name: 'profile-saved', about: undefined });
  });

  it('says what it is about', () => {
    expect(readNotice('upstream-linked.google')).toEqual({ name: 'upstream-linked', about: 'google' });
  });

  it.each([
    '',
    'unknown',
    'constructor',
    'toString',
    'upstream-linked',
    'upstream-linked.',
    'application-revoked.<b>',
    'profile-saved.a.b',
    `application-revoked.${'x'.repeat(65)}`,
  ])('is no notice: %j', (value) => {
    expect(readNotice(value)).toBeUndefined();
  });

  it('has a text in every language', () => {
    const i18n = createI18n();
    for (const { key } of Object.values(notices))
      expect({ key, has: i18n.has(key) }).toEqual({ key, has: true });
  });
});
