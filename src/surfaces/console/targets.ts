/** Where something is or goes live, in words and as choices: regions by their names, markets by their countries. Pure. */
import { z } from 'zod';
import { FormError } from '../../base/kernel/errors.ts';
import type { Configuration } from '../../business/layers/configuration.ts';
import type { Target } from '../../business/releases/target.ts';
import type { PlaceChoices, ShownTarget } from './views.ts';

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

const ids = z.array(z.string().max(40)).max(300).default([]);

/** The fields in which a form or an address says where. */
export const placeFields = { where: z.enum(['all', 'some']).optional(), region: ids, market: ids };

/** Where, as a form or an address says it. */
export interface PlaceQuery {
  where?: 'all' | 'some' | undefined;
  region: string[];
  market: string[];
}

/**
 * The target that a form or an address names; undefined when it names none.
 * @param query as sent
 */
export function targetFrom({ where, region, market }: PlaceQuery): Target | undefined {
  if (where === 'all') return 'all';
  return region.length + market.length > 0 ? { regions: region, markets: market } : undefined;
}

/**
 * The target that somebody has chosen in a form.
 * @param query as sent
 * @throws FormError `place.required` when they have chosen none
 */
export function chosenTarget(query: PlaceQuery): Target {
  const target = targetFrom(query);
  if (target === undefined) throw new FormError([{ field: 'where', code: 'place.required' }]);
  return target;
}

/**
 * The places that can be chosen.
 * @param configuration what is live for the whole program
 * @param given names, what is chosen, and whether a place is offered
 */
export function placeChoices(
  { program, markets }: Configuration,
  given: { names: PlaceNames; chosen: Target | undefined; offers(target: Target): boolean },
): PlaceChoices {
  const { names, chosen, offers } = given;
  const isChosen = (kind: 'regions' | 'markets', id: string) =>
    chosen !== undefined && chosen !== 'all' && chosen[kind].includes(id);
  return {
    everywhere: offers('all') ? { chosen: chosen === 'all' } : undefined,
    regions: program.regions
      .filter(({ id }) => offers({ regions: [id], markets: [] }))
      .map(({ id, name }) => ({ id, name, chosen: isChosen('regions', id) })),
    markets: [...markets.keys()]
      .filter((id) => offers({ regions: [], markets: [id] }))
      .map((id) => ({ id, name: names.market(id), chosen: isChosen('markets', id) })),
  };
}
