/** What another configuration would do to the values that members have of attributes, wherever they are defined. Pure. */
import type { AttributeChange, ChangeKind } from '../profiles/attribute-changes.ts';
import { schemaChanges } from '../profiles/attribute-changes.ts';
import type { AttributeDefinition, Attributes } from '../profiles/attribute-shape.ts';
import type { ChainQuery, Configuration, SiteOf } from './configuration.ts';
import { parseItemPath } from './item-path.ts';
import { originsOf } from './join-layers.ts';
import { canonicalJson } from './json.ts';

/** A change of an attribute that matters to values. */
export interface AttributeDiff extends AttributeChange {
  /** The layer that defines it, or did. */
  item: string;
  /** The definitions that values would have to meet; none when it goes. */
  definitions: readonly AttributeDefinition[];
}

/** Two configurations, and the markets in which the one would follow the other. */
export interface SchemaStep {
  from: Configuration;
  to: Configuration;
  concerns(market: string): boolean;
  siteOf: SiteOf;
}

/** From what harms values least to what harms them most. */
const order: readonly ChangeKind[] = ['adding', 'widening', 'narrowing', 'retyping', 'removing'];

/**
 * Every change of attributes that matters to values, each with the worst it does to any brand, market or site. An
 * attribute goes only when nobody defines it any more: values do not tell under whose definition they were given.
 * @param step the two configurations
 */
export function diffSchema({ from, to, concerns, siteOf }: SchemaStep): AttributeDiff[] {
  const found = new Map<string, AttributeDiff>();
  const remaining = new Set<string>();
  const places = [...placesOf(from, to, siteOf)].filter(({ market }) => concerns(market));
  const pairs = places.map((place) => ({
    place,
    before: attributesOf(from, place),
    after: attributesOf(to, place),
  }));
  for (const { after } of pairs) for (const name of Object.keys(after)) remaining.add(name);
  for (const { place, before, after } of pairs) {
    for (const change of schemaChanges(before, after)) {
      const { attribute, kind } = change;
      if (kind === 'removing' && remaining.has(attribute)) continue;
      const definition = after[attribute];
      const known = found.get(attribute);
      const definitions = distinct([...(known?.definitions ?? []), ...(definition ? [definition] : [])]);
      const worse = !known || order.indexOf(kind) > order.indexOf(known.kind);
      const item = worse ? layerOf(kind === 'removing' ? from : to, place, attribute) : known.item;
      found.set(attribute, { ...(worse ? change : known), item, definitions });
    }
  }
  return [...found.values()].sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
}

/** Each brand in each market that there is before or after, and each site that says something of attributes. */
function* placesOf(from: Configuration, to: Configuration, siteOf: SiteOf): Generator<ChainQuery> {
  const brands = new Set([...from.brands.keys(), ...to.brands.keys()]);
  const markets = new Set([...from.markets.keys(), ...to.markets.keys()]);
  for (const brand of brands) for (const market of markets) yield { brand, market };
  for (const path of new Set([...from.items.keys(), ...to.items.keys()])) {
    const name = parseItemPath(path);
    const [before, after] = [from.items.get(path), to.items.get(path)];
    if (name?.kind !== 'site' || (!before?.attributes && !after?.attributes)) continue;
    const site = siteOf(name.site);
    const brand = site?.brand ?? to.program.defaultBrand;
    const market = site?.market ?? to.brands.get(brand)?.defaultMarket ?? '';
    if (brands.has(brand) && markets.has(market)) yield { brand, market, site: name.site };
  }
}

/** A brand or market that is not there defines nothing, whatever the program says for all. */
function attributesOf(configuration: Configuration, place: ChainQuery): Attributes {
  const there = configuration.brands.has(place.brand) && configuration.markets.has(place.market);
  return there ? configuration.settingsOf(place).attributes : {};
}

function layerOf(configuration: Configuration, place: ChainQuery, attribute: string): string {
  const origins = originsOf(configuration.chainOf(place));
  const own = origins.filter(({ keys }) => keys[0] === 'attributes' && keys[1] === attribute);
  return own[0]?.item ?? 'program';
}

function distinct(definitions: readonly AttributeDefinition[]): AttributeDefinition[] {
  return [...new Map(definitions.map((each) => [canonicalJson(each), each])).values()];
}
