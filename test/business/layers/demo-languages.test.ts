import { describe, expect, it } from '@jest/globals';
import { openConfiguration } from '../../../src/business/layers/configuration.ts';
import { shippedItems, surroundings } from '../../support/configuration.ts';

const configuration = openConfiguration(shippedItems());
const places = [...configuration.brands.keys()].flatMap((brand) =>
  [...configuration.markets.keys()].map((market) => ({ brand, market })),
);

/** Every text by language in a value, with where it stands. */
function textsIn(value: unknown, at: string): { at: string; texts: Record<string, unknown> }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('en' in value && typeof value.en === 'string') return [{ at, texts: { ...value } }];
  return Object.entries(value).flatMap(([key, part]) => textsIn(part, `${at}.${key}`));
}

/** Everything members of a brand in a market can meet in words of the configuration's own. */
function textsAt(place: { brand: string; market: string }) {
  const { attributes, forms, profiling } = configuration.settingsOf(place);
  const legal = [...configuration.legal].map(([id, { texts }]) => [id, texts] as const);
  return textsIn({ attributes, forms, profiling, legal: Object.fromEntries(legal) }, '');
}

describe.each(places)('the demo’s $brand in $market', (place) => {
  const { offered = [], default: usual } = configuration.settingsOf(place).languages;

  it('has every text in every language that the market offers', () => {
    const texts = textsAt(place);
    expect(texts.length).toBeGreaterThan(20);
    const missing = texts.flatMap(({ at, texts: said }) =>
      offered.filter((language) => !said[language]).map((language) => `${at}: ${language}`),
    );
    expect(missing).toEqual([]);
  });

  it('offers more than one language, the market’s own first', () => {
    expect(offered.length).toBeGreaterThan(1);
    expect(offered[0]).toBe(usual);
    expect(offered.filter((language) => !surroundings.locales.includes(language))).toEqual([]);
  });
});

it('the demo shows every language there is a catalogue for somewhere', () => {
  const offered = places.flatMap((place) => configuration.settingsOf(place).languages.offered ?? []);
  expect([...new Set(offered)].sort()).toEqual([...surroundings.locales].sort());
});
