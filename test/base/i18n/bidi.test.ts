import { describe, expect, it } from '@jest/globals';
import { isolated } from '../../../src/base/i18n/bidi.ts';
import { createI18n, readCatalogues } from '../../../src/base/i18n/i18n.ts';

const i18n = createI18n();
const apart = (value: string) => `\u2068${value}\u2069`;

describe('a value in a text', () => {
  it('stands apart where it runs in the other direction', () => {
    expect(isolated('rtl', 'Aurora Air')).toBe(apart('Aurora Air'));
    expect(isolated('ltr', 'ليلى حداد')).toBe(apart('ليلى حداد'));
    expect(isolated('ltr', 'Mika & ليلى')).toBe(apart('Mika & ليلى'));
  });

  it('stands apart in Arabic where it has no direction of its own: groups of digits would change places', () => {
    for (const value of ['4820 1937', '+81 90 1234', '2026-03', 'C++'])
      expect(isolated('rtl', value)).toBe(apart(value));
  });

  it('is left alone where it runs along', () => {
    expect(isolated('rtl', 'ليلى حداد')).toBe('ليلى حداد');
    expect(isolated('ltr', '山田 太郎')).toBe('山田 太郎');
    expect(isolated('ltr', '4820 1937')).toBe('4820 1937');
  });

  it('keeps its side in sentences, lists and markup', () => {
    expect(i18n.t('ar', 'page.back_to', { client: 'Volt!' })).toBe(`العودة إلى ${apart('Volt!')}`);
    expect(i18n.t('en', 'page.back_to', { client: 'نور' })).toBe(`Back to ${apart('نور')}`);
    expect(i18n.list('ar', ['Aurora Air', 'نور'])).toBe(`${apart('Aurora Air')} ونور`);
    expect(i18n.html('ar', 'sign-in.lead', { client: 'A&B' })).toContain(`<b>${apart('A&#38;B')}</b>`);
    expect(i18n.t('en', 'page.back_to', { client: 'Volt' })).toBe('Back to Volt');
  });
});

describe('Arabic', () => {
  it('keeps groups of digits of its own in their order', () => {
    const texts = Object.values(readCatalogues().get('ar') ?? {});
    const groups = texts.filter((text) => /\d[-+/ ]+\d/.test(text));
    expect(groups.length).toBeGreaterThan(0);
    for (const text of groups) expect(text).toMatch(/\u2068[^\u2069]*\d[-+/ ]+\d[^\u2069]*\u2069/);
  });

  it('counts in its six forms', () => {
    const said = (count: number) => i18n.t('ar', 'account.home.sessions', { count });
    expect(new Set([0, 1, 2, 3, 11, 100].map(said)).size).toBe(6);
    expect(said(3)).toContain('3 أجهزة');
    expect(said(11)).toContain('11 جهازًا');
    expect(said(2)).toContain('جهازين');
  });

  it('is written in one kind of digits', () => {
    const texts = [
      i18n.date('ar', '2026-03-14T10:00:00Z'),
      i18n.dateTime('ar', '2026-03-14T10:00:00Z'),
      i18n.duration('ar', 900),
      i18n.t('ar', 'consent.redeem.sentence', { count: 1200, program: 'Xenia', payee: 'Hotel' }),
      i18n.t('ar', 'error.password.too_short', { min: 8 }),
    ];
    for (const text of texts) expect(text).toMatch(/^(?=.*[0-9])[^\u0660-\u0669\u06f0-\u06f9]+$/);
  });
});
