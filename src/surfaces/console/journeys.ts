/** Journeys of a dry run, named for whoever looks at it. Pure. */
import type { Journey, JourneyKind } from '../../business/dry-runs/journey.ts';
import type { Configuration } from '../../business/layers/configuration.ts';
import { brandName } from './choices.ts';
import type { ShownJourney } from './draft-views.ts';
import { placeNames } from './targets.ts';

/** Journeys that begin with a way in. */
const withWayIn: ReadonlySet<JourneyKind> = new Set(['register', 'sign-in', 'recover']);

/**
 * Names for journeys.
 * @param configuration what is live for the whole program
 * @param locale language of the names
 */
export function journeyNames(
  configuration: Configuration,
  locale: string,
): (journey: Journey) => Pick<ShownJourney, 'kind' | 'where' | 'codes'> {
  const places = placeNames(configuration, locale);
  const languages = new Intl.DisplayNames([locale, 'en'], { type: 'language' });
  return ({ kind, brand, market, clientId, locale: language, method }) => ({
    kind,
    where: [brandName(configuration, brand), places.market(market), languages.of(language) ?? language],
    codes: [clientId, withWayIn.has(kind) ? method : undefined].filter((code) => code !== undefined),
  });
}
