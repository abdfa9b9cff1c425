import { describe, expect, it } from '@jest/globals';
import { createI18n, readCatalogues } from '../../../src/base/i18n/i18n.ts';
import { errorCodes } from '../../../src/base/kernel/errors.ts';

const catalogues = readCatalogues();
const [en = {}, ja = {}] = [catalogues.get('en'), catalogues.get('ja')];
const i18n = createI18n();
const plural = /_(?:zero|one|two|few|many|other)$/;
const keysOf = (texts: Record<string, string>) => [
  ...new Set(Object.keys(texts).map((key) => key.replace(plural, ''))),
];
const valuesOf = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort((a = '', b = '') => a.localeCompare(b));

describe('catalogues', () => {
  it('hold the same texts in every language', () => {
    expect(keysOf(ja).sort()).toEqual(keysOf(en).sort());
  });

  it('have every plural form of their language', () => {
    for (const [code, texts] of catalogues) {
      const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
      const counted = new Set(
        Object.keys(texts)
          .filter((key) => plural.test(key))
          .map((key) => key.replace(plural, '')),
      );
      for (const key of counted)
        for (const form of forms) expect(Object.keys(texts)).toContain(`${key}_${form}`);
    }
  });

  it('fill in nothing in Japanese that English does not know', () => {
    for (const [key, text] of Object.entries(ja)) {
      const english = en[key] ?? en[key.replace(plural, '_other')] ?? '';
      const known = valuesOf(english);
      for (const value of valuesOf(text))
        expect({ key, known }).toEqual({ key, known: expect.arrayContaining([value]) });
    }
  });

  it('say something in every text, and use no markup but bold', () => {
    for (const texts of catalogues.values()) {
      for (const [key, text] of Object.entries(texts)) {
        expect({ key, empty: text.trim() === '' }).toEqual({ key, empty: false });
        expect({ key, tags: text.match(/<(?!\/?b>)/g) }).toEqual({ key, tags: null });
      }
    }
  });

  it.each(Object.keys(errorCodes))('tell in every language what %s means and what to do', (code) => {
    expect(i18n.has(`error.${code}`)).toBe(true);
    for (const { code: locale } of i18n.locales) {
      expect(i18n.error(locale, code)).toMatch(/[.。]$/);
    }
  });

  it('name themselves in their own language', () => {
    expect(i18n.locales).toEqual([
      { code: 'en', name: 'English', dir: 'ltr' },
      { code: 'ja', name: '日本語', dir: 'ltr' },
    ]);
  });
});
