import { describe, expect, it } from '@jest/globals';
import { configurationFaults } from '../../../src/business/layers/check-configuration.ts';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { legalTextHash } from '../../../src/business/layers/legal-hashes.ts';
import { faultsOfItems, shippedItems, surroundings } from '../../support/configuration.ts';

function changed(path: string, change: (item: Record<string, unknown>) => void): string[] {
  const items = shippedItems();
  const item = structuredClone(items.get(path) ?? {}) as Record<string, unknown>;
  change(item);
  items.set(path, item as JsonObject);
  return faultsOfItems(items);
}

describe('a configuration', () => {
  it('that is shipped may go live', () => {
    expect(faultsOfItems(shippedItems())).toEqual([]);
  });

  it('is refused for a key that nobody knows, with the one that was probably meant', () => {
    expect(changed('brands/volt/brand', (brand) => Object.assign(brand, { pasword: {} }))).toEqual([
      'brands/volt/brand: pasword: expected a known key (did you mean password?), got an unknown key',
    ]);
    const nested = changed('markets/de', (market) => Object.assign(market, { password: { minLenght: 9 } }));
    expect(nested).toEqual([
      'markets/de: password.minLenght: expected a known key (did you mean minLength?), got an unknown key',
    ]);
  });

  it('is refused for regions that lie within each other', () => {
    const faults = changed('program', (program) => {
      program.regions = [
        { id: 'americas', name: 'A', within: 'europe' },
        { id: 'europe', name: 'E', within: 'asia-pacific' },
        { id: 'asia-pacific', name: 'P', within: 'americas' },
      ];
    });
    expect(faults[0]).toBe(
      'program: regions.0.within: expected regions that do not lie within themselves, got "europe"',
    );
    expect(faults).toHaveLength(3);
  });

  it('is refused for colours that cannot be told apart, with the ratio', () => {
    const faults = changed('brands/volt/brand', (brand) => {
      const look = brand.look as { theme: { light: Record<string, string> } };
      look.theme.light.text = '#dddddd';
    });
    expect(faults).toEqual([
      expect.stringMatching(
        /^brands\/volt\/brand: look\.theme\.light\.text: expected a contrast of 4\.5:1 for text on surface, got 1\.\d\d:1$/,
      ),
      ...['page', 'tint', 'danger-tint'].map((back) => expect.stringMatching(`text on ${back}, got`)),
    ]);
  });

  it('is refused for a text with markup, of an unknown key, or with a value nobody fills in', () => {
    const own = (texts: JsonObject) =>
      changed('brands/volt/brand', (brand) => Object.assign(brand, { texts }));
    expect(own({ en: { 'sign-in.title': 'Hello <script>alert(1)</script>' } })[0]).toMatch(
      /^brands\/volt\/brand: texts\.en\."sign-in\.title": expected text without markup/,
    );
    expect(own({ en: { 'sign-in.titel': 'Hello' } })).toEqual([
      expect.stringMatching(
        /texts\.en\.sign-in\.titel: expected a known key \(did you mean sign-in\.title\?\)/,
      ),
    ]);
    expect(own({ en: { 'sign-in.title': 'Hello {{password}}' } })).toEqual([
      expect.stringMatching(/texts\.en\.sign-in\.title: expected no \{\{values\}\}, got/),
    ]);
    expect(own({ en: { 'sign-in.title': 'Hello <b>you</b>' } })).toEqual([]);
  });

  it.each(['Volt\r\nBcc: all@example.com', 'Volt\u202eleuF', 'Volt\0'])(
    'is refused for a name that is not one line: no mail could be sent under it (%j)',
    (name) => {
      const look = (item: Record<string, unknown>) => ({ ...(item.look as object), name });
      expect(changed('brands/volt/brand', (brand) => Object.assign(brand, { look: look(brand) }))).toEqual([
        expect.stringContaining('brands/volt/brand: look.name: expected text without control characters'),
      ]);
      expect(changed('program', (program) => Object.assign(program, { name }))).toEqual([
        expect.stringContaining('program: name: expected text without control characters'),
      ]);
      const seat = { type: 'text', class: 'trait', label: { en: name } };
      expect(
        changed('markets/de', (market) => Object.assign(market, { attributes: { seat_row: seat } })),
      ).toEqual([
        expect.stringContaining('attributes.seat_row.label.en: expected text without control characters'),
      ]);
    },
  );

  it('is refused for a way to sign in that does not exist', () => {
    expect(
      changed('brands/volt/brand', (brand) => Object.assign(brand, { signIn: { methods: ['gogle'] } })),
    ).toEqual([
      'brands/volt/brand: signIn.methods: expected a known key (did you mean google?), got "gogle"',
    ]);
  });

  it.each(['__proto__', 'constructor', '$where', 'a.b', 'Über'])(
    'is refused for an attribute named %s',
    (name) => {
      const faults = changed('brands/volt/brand', (brand) => {
        const attributes = JSON.parse(
          `{${JSON.stringify(name)}:{"type":"text","class":"trait","label":{"en":"x"}}}`,
        );
        Object.assign(brand, { attributes });
      });
      expect(faults).not.toEqual([]);
      expect(faults[0]).toMatch(/^brands\/volt\/brand: attributes/);
    },
  );

  it('is refused when it leaves out what every page needs', () => {
    expect(
      changed('brands/volt/brand', (brand) => Object.assign(brand, { look: { name: 'Volt' } })),
    ).toContain('brands/volt/brand: look.logo: expected a string, got nothing');
  });

  it('is refused for an item that is none', () => {
    const items = shippedItems();
    items.set('brands/volt/other', {});
    items.set('regions/moon', {});
    items.set('brands/volt/markets/mars', {});
    expect(faultsOfItems(items)).toEqual([
      expect.stringMatching(/^brands\/volt\/other: expected an item of one of the kinds/),
      expect.stringMatching(/^regions\/moon: .*, got "moon"$/),
      expect.stringMatching(/^brands\/volt\/markets\/mars: .*, got "mars"$/),
    ]);
  });

  it('is refused when a text that was published says something else now', () => {
    const items = shippedItems();
    const publishedHash = (document: string) =>
      document === 'program-terms' ? legalTextHash('something else') : undefined;
    const faults = configurationFaults(items, { ...surroundings, publishedHash });
    expect(faults.map(({ item, code }) => `${item} ${code}`)).toContain('legal/program-terms published_text');
  });

  it('judges the layer of a site with those of its brand and market', () => {
    const items = shippedItems();
    items.set('sites/volt-web', { legal: { minimumAge: 14 } });
    const siteOf = (id: string) => (id === 'volt-web' ? { brand: 'volt', market: 'de' } : undefined);
    expect(faultsOfItems(items, { ...surroundings, siteOf })).toEqual([
      'sites/volt-web: legal.minimumAge: expected at least 16, locked by markets/de, got 14',
    ]);
    expect(
      faultsOfItems(items, { ...surroundings, siteOf: () => ({ brand: 'volt', market: 'us' }) }),
    ).toEqual([]);
  });

  it('may have lists of texts in one language only, but none in a language without a catalogue', () => {
    expect(
      changed('markets/de', (market) =>
        Object.assign(market, { languages: { offered: ['en', 'xx'], default: 'ja' } }),
      ),
    ).toEqual([
      expect.stringMatching(/^markets\/de: languages: .*, got "xx"$/),
      'markets/de: languages.default: expected one of the languages that are offered (en, xx), got "ja"',
    ]);
  });
});
