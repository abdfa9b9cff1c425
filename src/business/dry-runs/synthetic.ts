/**
 * Journeys that nobody has made: one of each kind for every brand in every market and language of two configurations,
 * and for every site with a layer of its own. Where there are too many a sample is taken, always the same one. Pure.
 */
import { digest } from '../../base/kernel/sealing.ts';
import type { Experience } from '../experiences/experience.ts';
import { sitePath, sitesAmong } from '../layers/item-path.ts';
import { sameJson } from '../layers/json.ts';
import type { LiveConfiguration } from '../releases/live.ts';
import { type Journey, type JourneyKind, journeyKinds, journeyName } from './journey.ts';
import type { World } from './outcome.ts';

/** A registered client that is a site of the program. */
export interface SiteOfClient {
  id: string;
  brand: string;
  /** The brand's usual one when undefined. */
  market: string | undefined;
  firstParty: boolean;
}

/** One of the two configurations that are compared. */
export interface Side {
  live: LiveConfiguration;
  world: World;
}

/** Journeys that nobody has made. */
export interface Synthetic {
  journeys: Journey[];
  /** How many there would be in all. */
  of: number;
}

/** Most journeys that are made up. */
const mostSynthetic = 2_000;

/** Somebody who has come often and answered nothing yet: whatever waits for a number of sign-ins is due. */
const regular = { signIns: 100, answered: {} } as const;

/**
 * Makes up the journeys for a comparison.
 * @param before one configuration
 * @param after the other
 * @param sites every client that may have a layer of its own
 * @param most how many at most
 */
export function syntheticJourneys(
  before: Side,
  after: Side,
  sites: readonly SiteOfClient[],
  most = mostSynthetic,
): Synthetic {
  const sides = [before, after];
  const places = brandsAndMarkets(sides).flatMap((place) => journeysAt(sides, place));
  const { changed, unchanged } = parted(before, after, sites);
  const ofSites = (some: readonly SiteOfClient[]) =>
    some.flatMap((site) => journeysAt(sides, placeOf(site, after)));
  // What a change names itself comes first; the rest fills up what is left.
  const parts = [ofSites(changed), places, ofSites(unchanged)];
  const journeys: Journey[] = [];
  for (const [at, part] of parts.entries()) {
    const room = Math.floor((most - journeys.length) / (at === 0 ? 2 : 1));
    journeys.push(...sampled(part, room));
  }
  return { journeys, of: parts.reduce((sum, part) => sum + part.length, 0) };
}

interface Place {
  brand: string;
  market: string;
  site?: SiteOfClient;
}

function brandsAndMarkets(sides: readonly Side[]): Place[] {
  const all = (keys: (live: LiveConfiguration) => Iterable<string>) => [
    ...new Set(sides.flatMap(({ live }) => [...keys(live)])),
  ];
  const brands = all((live) =>
    live.releases().flatMap(({ configuration }) => [...configuration.brands.keys()]),
  );
  const markets = all((live) =>
    live.releases().flatMap(({ configuration }) => [...configuration.markets.keys()]),
  );
  return brands.sort().flatMap((brand) => [...markets].sort().map((market) => ({ brand, market })));
}

function placeOf(site: SiteOfClient, { world }: Side): Place {
  const { market, brand } = world.experiences.experienceFor({ brand: site.brand, market: site.market });
  return { brand: brand.id, market: market.id, site };
}

/** Sites with a layer on either side, by whether it differs. */
function parted(before: Side, after: Side, sites: readonly SiteOfClient[]) {
  const layers = ({ live }: Side, { id, market, brand }: SiteOfClient) => {
    const usual = live.all.configuration.brands.get(brand)?.defaultMarket ?? '';
    return live.of(market ?? usual).configuration.items.get(sitePath(id));
  };
  const changed: SiteOfClient[] = [];
  const unchanged: SiteOfClient[] = [];
  for (const site of sites) {
    const old = layers(before, site);
    const now = layers(after, site);
    if (!old && !now) continue;
    (sameJson(old, now) ? unchanged : changed).push(site);
  }
  return { changed, unchanged };
}

/**
 * Ids of the clients that have a layer of their own in any of the releases.
 * @param live what is live, or would be
 */
export function sitesWithLayers(...live: readonly LiveConfiguration[]): string[] {
  const releases = new Set(live.flatMap((each) => each.releases()));
  const ids = new Set<string>();
  for (const { configuration } of releases)
    for (const site of sitesAmong(configuration.items.keys())) ids.add(site);
  return [...ids].sort();
}

function journeysAt(sides: readonly Side[], { brand, market, site }: Place): Journey[] {
  const clientId = site?.id;
  const there = sides
    .map(({ world }) => world.experiences.experienceFor({ clientId, brand, market }))
    .filter((each) => each.brand.id === brand && each.market.id === market);
  const [usual] = there;
  if (!usual) return [];
  const about = { brand, market, ...(clientId !== undefined && { clientId }) };
  const languages = union(there.map(languagesOf));
  const methods = union(there.map((each) => each.methods));
  const scopes = union(there.map(scopesOf));
  const make = (kind: JourneyKind, locale: string, method: string): Journey => ({
    kind,
    ...about,
    firstParty: kind !== 'consent' && (site?.firstParty ?? true),
    locale,
    scopes: kind === 'token' || kind === 'consent' ? scopes : ['openid'],
    method,
    person: kind === 'register' ? {} : regular,
  });
  return languages.flatMap((locale, at) =>
    journeyKinds.flatMap((kind) => {
      if (at > 0 && kind === 'token') return [];
      return waysOf(kind, methods, at === 0).map((method) => make(kind, locale, method));
    }),
  );
}

/** Every way in is tried once, in the usual language; what is recovered is a password. */
function waysOf(kind: JourneyKind, methods: readonly string[], usual: boolean): readonly string[] {
  if (kind === 'recover') return ['password'];
  return usual && (kind === 'register' || kind === 'sign-in') ? methods : methods.slice(0, 1);
}

/** The usual language first. */
function languagesOf({ locales }: Experience): string[] {
  return [...new Set([locales.default, ...(locales.offered ?? [])])];
}

/** The protocol's own, and every scope that the configuration says something about. */
function scopesOf({ settings }: Experience): string[] {
  const own = [...Object.keys(settings.claims), ...Object.keys(settings.acr)].sort();
  return [...new Set(['openid', 'profile', 'email', ...own])];
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/** The same journeys are taken from the same ones, whatever their order; those taken stay in order. */
function sampled(journeys: readonly Journey[], most: number): Journey[] {
  if (journeys.length <= most) return [...journeys];
  const ranked = journeys
    .map((journey, at) => ({ at, rank: digest(journeyName(journey)) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, Math.max(0, most))
    .sort((a, b) => a.at - b.at);
  return ranked.flatMap(({ at }) => journeys[at] ?? []);
}
