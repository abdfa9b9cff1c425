/**
 * The semantic difference of two configurations: which keys of which items differ, and what that comes to for whom.
 * Pure.
 */
import { type ChainQuery, type Configuration, placeOfSite, type SiteOf } from './configuration.ts';
import type { Items } from './folder.ts';
import { sitesAmong } from './item-path.ts';
import { canonicalJson, type JsonObject } from './json.ts';
import { type KeyChange, keyChanges } from './json-changes.ts';

/** An item that differs. */
export interface ItemChange {
  item: string;
  change: 'added' | 'removed' | 'changed';
  /** Each of its keys that differs. */
  keys: readonly KeyChange[];
}

/**
 * Every item that differs, key by key.
 * @param from the configuration before
 * @param to the configuration after
 */
export function diffItems(from: Items, to: Items): ItemChange[] {
  const items = new Set([...from.keys(), ...to.keys()]);
  return [...items].sort().flatMap((item): ItemChange[] => {
    const before = from.get(item);
    const after = to.get(item);
    const keys = keyChanges(before, after);
    if (!before) return [{ item, change: 'added', keys }];
    if (!after) return [{ item, change: 'removed', keys }];
    return keys.length > 0 ? [{ item, change: 'changed', keys }] : [];
  });
}

/** A brand in a market, and one of its sites where that differs from the others. */
export interface Where {
  brand: string;
  market: string;
  site?: string;
}

/** An effective value that differs, and for whom. */
export interface EffectiveChange extends KeyChange {
  where: readonly Where[];
}

/** What the difference of two configurations comes to. */
export interface EffectiveDiff {
  changes: readonly EffectiveChange[];
  /** Brands in markets that there are only after, or only before. */
  added: readonly Where[];
  removed: readonly Where[];
}

/** Two configurations, and where the one follows the other. */
export interface EffectiveQuestion {
  from: Configuration;
  to: Configuration;
  /** Brand and market of sites. */
  siteOf: SiteOf;
  /** Whether what differs is met in a market. */
  concerns(market: string): boolean;
}

/**
 * For which brand in which market which effective values differ. A site is told of by itself where its own layer
 * changed and it comes to something else for it than for its brand and market.
 * @param question the configurations, and where
 */
export function diffEffective({ from, to, siteOf, concerns }: EffectiveQuestion): EffectiveDiff {
  const found = new Map<string, EffectiveChange & { where: Where[] }>();
  const note = (change: KeyChange, where: Where) => {
    const id = identity(change);
    const known = found.get(id);
    if (known) known.where.push(where);
    else found.set(id, { ...change, where: [where] });
  };
  const before = placesOf(from, concerns);
  const after = placesOf(to, concerns);
  const both = [...after.values()].filter((place) => before.has(nameOf(place)));
  for (const place of both) for (const change of settingsChanges(from, to, place)) note(change, place);
  for (const site of changedSites(from.items, to.items)) {
    const place = placeOfSite(site, to, siteOf);
    if (!place || !before.has(nameOf(place))) continue;
    const usual = new Set(settingsChanges(from, to, place).map(identity));
    for (const change of settingsChanges(from, to, { ...place, site }))
      if (!usual.has(identity(change))) note(change, { ...place, site });
  }
  return {
    changes: [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    added: [...after.values()].filter((place) => !before.has(nameOf(place))),
    removed: [...before.values()].filter((place) => !after.has(nameOf(place))),
  };
}

function settingsChanges(from: Configuration, to: Configuration, where: Where): KeyChange[] {
  return keyChanges(effectiveJson(from, where), effectiveJson(to, where));
}

/**
 * What the layers say together for somebody, as plain JSON, with what holds when nobody says anything.
 * @param configuration the configuration
 * @param where for whom
 */
export function effectiveJson(configuration: Configuration, where: ChainQuery): JsonObject {
  // The ways to sign in are the only part that has values of its own where no layer says any.
  return { ...configuration.joinedOf(where), signIn: configuration.settingsOf(where).signIn };
}

function placesOf(
  { brands, markets }: Configuration,
  concerns: EffectiveQuestion['concerns'],
): Map<string, Where> {
  const concerned = [...markets.keys()].filter(concerns);
  const places = [...brands.keys()].flatMap((brand) => concerned.map((market) => ({ brand, market })));
  return new Map(places.map((place) => [nameOf(place), place]));
}

function nameOf({ brand, market }: Where): string {
  return `${brand} ${market}`;
}

function identity({ key, change, from, to }: KeyChange): string {
  return canonicalJson([key, change, from, to]);
}

function changedSites(from: Items, to: Items): string[] {
  const paths = new Set([...from.keys(), ...to.keys()]);
  return sitesAmong([...paths].filter((path) => from.get(path) !== to.get(path)));
}
