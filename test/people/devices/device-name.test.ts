import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { deviceName, deviceNameText } from '../../../src/people/devices/device-name.ts';

const webkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const said = (userAgent: string | undefined, locale = 'en') => {
  const { key, params } = deviceNameText(deviceName(userAgent));
  return createI18n().t(locale, key, params);
};

describe('a device in words', () => {
  it.each([
    [
      'Chrome on Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    ],
    ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'],
    [
      'Safari on macOS',
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/17.5 Safari/605.1.15`,
    ],
    [
      'Safari on iPhone',
      `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${webkit} Version/17.5 Mobile/15E148 Safari/604.1`,
    ],
    [
      'Chrome on Android',
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
    ],
    ['Unknown device', ''],
    ['Unknown device', undefined],
    ['Unknown device', '<script>alert(1)</script>'],
  ])('is %s', (words, userAgent) => {
    expect(said(userAgent)).toBe(words);
  });

  it('reads well in Japanese', () => {
    expect(said('Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0', 'ja')).toBe(
      'Firefox（Linux）',
    );
    expect(said(undefined, 'ja')).toBe('不明な端末');
  });

  it('tells phone from desktop', () => {
    expect(deviceName(`Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${webkit}`).kind).toBe('phone');
    expect(
      deviceName('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0').kind,
    ).toBe('desktop');
  });
});
