import { describe, expect, it } from '@jest/globals';
import { createI18n, readCatalogues } from '../../../src/base/i18n/i18n.ts';
import { errorCodes } from '../../../src/base/kernel/errors.ts';

const catalogues = readCatalogues();
const en = catalogues.get('en') ?? {};
const others = [...catalogues.keys()].filter((code) => code !== 'en');
const i18n = createI18n();
const plural = /_(?:zero|one|two|few|many|other)$/;

/** Forms of a counted text in a language, in the order the catalogues hold them. */
function formsOf(code: string): string[] {
  const used: string[] = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
  return ['zero', 'one', 'two', 'few', 'many', 'other'].filter((form) => used.includes(form));
}

/** The keys a language must have: those of English, each counted one in every form the language knows. */
function keysFor(code: string): string[] {
  const texts = new Set(Object.keys(en).map((key) => key.replace(plural, '_*')));
  return [...texts].flatMap((key) =>
    key.endsWith('_*') ? formsOf(code).map((form) => key.replace('*', form)) : [key],
  );
}

/** What a text fills in and makes bold, each once. */
function slotsOf(text = ''): string[] {
  return [...new Set([...text.matchAll(/\{\{.*?\}\}|<\/?b>/g)].map(([slot]) => slot))].sort();
}

/** A form for so few that a language may say the number in words, or not at all. */
const few = /_(?:zero|one|two)$/;

describe('catalogues', () => {
  it.each([...catalogues.keys()])(
    'hold in %s every text, in exactly the plural forms of the language, in one order',
    (code) => {
      expect(Object.keys(catalogues.get(code) ?? {})).toEqual(keysFor(code));
    },
  );

  it.each(others)('fill in and make bold in %s what English does', (code) => {
    for (const [key, text] of Object.entries(catalogues.get(code) ?? {})) {
      const slots = slotsOf(text);
      const wanted = slotsOf(en[key] ?? en[key.replace(plural, '_other')]);
      const missing = wanted.filter((slot) => !slots.includes(slot));
      const allowed = few.test(key) ? missing.filter((slot) => slot.startsWith('{{count')) : [];
      expect({ key, slots: [...slots, ...allowed].sort() }).toEqual({ key, slots: wanted });
    }
  });

  it.each([...catalogues.keys()])('say something in every text in %s, and use no markup but bold', (code) => {
    for (const [key, text] of Object.entries(catalogues.get(code) ?? {})) {
      expect({ key, empty: text.trim() === '' }).toEqual({ key, empty: false });
      expect({ key, tags: text.match(/<(?!\/?b>)/g) }).toEqual({ key, tags: null });
    }
  });

  it('keep French punctuation on the line of its word', () => {
    for (const [key, text] of Object.entries(catalogues.get('fr') ?? {}))
      expect({ key, loose: text.match(/\S [?!;:»]|« /g) }).toEqual({ key, loose: null });
  });

  it.each(Object.keys(errorCodes))('tell in every language what %s means and what to do', (code) => {
    expect(i18n.has(`error.${code}`)).toBe(true);
    for (const { code: locale } of i18n.locales) {
      expect(i18n.error(locale, code)).toMatch(/[.。]$/);
    }
  });

  it('name themselves in their own language, with a capital where there are any', () => {
    expect(i18n.locales[0]).toEqual({ code: 'en', tag: 'en', name: 'English', dir: 'ltr' });
    expect(i18n.locales).toContainEqual({ code: 'ja', tag: 'ja', name: '日本語', dir: 'ltr' });
    expect(i18n.locales).toContainEqual({ code: 'zh', tag: 'zh-Hans', name: '简体中文', dir: 'ltr' });
    for (const { name } of i18n.locales) expect(name).toMatch(/^(?:\p{Lu}|\p{Lo})/u);
  });
});
