import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { previousSignIn } from '../../../src/surfaces/account/history.ts';
import { lastUseOf, whereaboutsOf } from '../../../src/surfaces/account/words.ts';

const signIn = (iso: string) => ({ type: 'member.signed_in', at: new Date(iso) });

describe('the sign-in before this one', () => {
  const signedInAt = new Date('2026-06-01T10:00:00Z');

  it('is the newest one that is older than the present session', () => {
    const events = [
      signIn('2026-06-01T11:00:00Z'),
      signIn('2026-06-01T09:59:58Z'),
      { type: 'password.set', at: new Date('2026-06-01T09:00:00Z') },
      signIn('2026-05-30T08:00:00Z'),
      signIn('2026-05-20T08:00:00Z'),
    ];
    expect(previousSignIn(events, signedInAt)?.at.toISOString()).toBe('2026-05-30T08:00:00.000Z');
  });

  it('is none at the first sign-in', () => {
    expect(previousSignIn([signIn('2026-06-01T09:59:59Z')], signedInAt)).toBeUndefined();
  });
});

describe('what a session says of its last visit', () => {
  const deps = {
    i18n: createI18n(),
    places: { placeOf: (ip: string | undefined) => (ip === '127.0.0.1' ? 'local' : ip && 'JP') },
  };
  const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0';

  it('is a device and a rough place', () => {
    const visit = JSON.stringify({ ua: firefox, ip: '192.0.2.7' });
    expect(whereaboutsOf(deps, 'en', visit)).toEqual({ device: 'Firefox on Windows', place: 'Japan' });
    expect(whereaboutsOf(deps, 'ja', visit).place).toBe('日本');
  });

  it('says so when it is this very network', () => {
    expect(whereaboutsOf(deps, 'en', JSON.stringify({ ip: '127.0.0.1' })).place).toBe('This network');
  });

  it.each([undefined, '', 'null', '[]', '{', '{"ua":7}'])('is an unknown device: %j', (visit) => {
    expect(whereaboutsOf(deps, 'en', visit)).toEqual({ device: 'Unknown device', place: undefined });
  });
});

describe('the last use of a session', () => {
  const signedInAt = new Date('2026-06-01T10:20:00Z');

  it('is the hour in which it was seen, but never before it began', () => {
    const later = new Date('2026-06-01T12:00:00Z');
    expect(lastUseOf({ signedInAt, lastSeenAt: later })).toEqual(later);
    expect(lastUseOf({ signedInAt, lastSeenAt: new Date('2026-06-01T10:00:00Z') })).toEqual(signedInAt);
    expect(lastUseOf({ signedInAt, lastSeenAt: undefined })).toEqual(signedInAt);
  });
});
