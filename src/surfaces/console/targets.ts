/** Where something is or goes live, in words: regions by their names, markets by their countries. Pure. */
import type { Configuration } from '../../business/layers/configuration.ts';
import type { Target } from '../../business/releases/target.ts';
import type { ShownTarget } from './views.ts';

/** Tells places of a program in a language. */
export interface PlaceNames {
  region(id: string): string;
  market(id: string): string;
  target(target: Target): ShownTarget;
}

/**
 * Names for regions and markets.
 * @param configuration what is live for the whole program
 * @param locale language of the names
 */
export function placeNames({ program, markets }: Configuration, locale: string): PlaceNames {
  const countries = new Intl.DisplayNames([locale, 'en'], { type: 'region' });
  const region = (id: string) => program.regions.find((each) => each.id === id)?.name ?? id;
  const market = (id: string) => {
    const country = markets.get(id)?.country;
    return country === undefined ? id : (countries.of(country) ?? id);
  };
  return {
    region,
    market,
    target: (target) =>
      target === 'all'
        ? { names: [] }
        : { names: [...target.regions.map(region), ...target.markets.map(market)] },
  };
}
