/**
 * A configuration: the items of one release, opened. Answers which layers speak for a client's visit and what they say
 * together. Pure and immutable; it assumes that its items were checked (check-configuration.ts).
 */
import { type DocumentItem, legalItemSchema } from './document-shape.ts';
import type { Items } from './folder.ts';
import {
  brandMarketPath,
  brandPath,
  marketPath,
  parseItemPath,
  programPath,
  regionPath,
  sitePath,
} from './item-path.ts';
import { joinOnto, type Layer, layerOf } from './join-layers.ts';
import type { JsonObject } from './json.ts';
import { type BrandLayer, layerShapes, type MarketLayer, type ProgramLayer } from './layer-shapes.ts';
import { regionChain } from './region-chain.ts';
import { type EffectiveSettings, withDefaults } from './settings-shape.ts';
import { siteCut } from './site-cut.ts';

/** Whose layers are asked for. */
export interface ChainQuery {
  brand: string;
  market: string;
  /** Client id of a site; without it the layers end with brand-in-market. */
  site?: string | undefined;
}

/** An opened configuration. */
export interface Configuration {
  readonly items: Items;
  readonly program: ProgramLayer;
  readonly brands: ReadonlyMap<string, BrandLayer>;
  readonly markets: ReadonlyMap<string, MarketLayer>;
  /** Legal documents with the texts of their versions. */
  readonly legal: ReadonlyMap<string, DocumentItem>;
  /** The regions a market lies in, the outermost first. */
  regionsOf(market: string): readonly string[];
  /** The layers that speak for a visit, the outermost first; absent ones are left out, and of a site's what breaks a rule there. */
  chainOf(query: ChainQuery): readonly Layer[];
  /** Whether a site has a layer of its own. */
  hasSite(clientId: string): boolean;
  /** What a brand's layers say together, wherever it is. Parts that chains have in common are the same objects. */
  joinedOf(query: ChainQuery | { brand: string; market?: undefined }): JsonObject;
  /** The same with what holds when nobody says anything. */
  settingsOf(query: ChainQuery): EffectiveSettings;
}

/**
 * Opens a configuration.
 * @param items every item of a release, checked
 */
export function openConfiguration(items: Items): Configuration {
  const program = layerShapes.program.parse(items.get(programPath));
  const brands = new Map<string, BrandLayer>();
  const markets = new Map<string, MarketLayer>();
  const legal = new Map<string, DocumentItem>();
  for (const [path, document] of items) {
    const name = parseItemPath(path);
    if (name?.kind === 'brand') brands.set(name.brand, layerShapes.brand.parse(document));
    if (name?.kind === 'market') markets.set(name.market, layerShapes.market.parse(document));
    if (name?.kind === 'legal') legal.set(name.document, legalItemSchema.parse(document));
  }
  const regionsOf = (market: string) => regionChain(program, markets.get(market)?.region);
  const chainOf = (query: ChainQuery) => siteCut(chain(items, query, regionsOf(query.market)));
  const joinedOf = sharedJoins(chainOf);
  return {
    items,
    program,
    brands,
    markets,
    legal,
    regionsOf,
    chainOf,
    hasSite: (clientId) => items.has(sitePath(clientId)),
    joinedOf,
    settingsOf: (query) => withDefaults(joinedOf(query)),
  };
}

/** Joins each beginning of a chain once, so that ten thousand sites share what their brand and market say. */
function sharedJoins(chainOf: Configuration['chainOf']): Configuration['joinedOf'] {
  const joins = new Map<string, JsonObject>();
  return function joinedOf({ brand, market, ...more }) {
    const site = 'site' in more ? more.site : undefined;
    const key = [brand, market ?? '', site ?? ''].join(' ');
    const known = joins.get(key);
    if (known) return known;
    const layers = chainOf({ brand, market: market ?? '', site });
    let joined: JsonObject;
    if (site !== undefined) {
      const own = layers.at(-1);
      const above = joinedOf({ brand, market: market ?? '' });
      joined = own?.kind === 'site' ? joinOnto(above, own) : above;
    } else {
      const above = market === undefined ? {} : joinedOf({ brand });
      const further = layers.filter(
        ({ kind }) => (kind === 'program' || kind === 'brand') === (market === undefined),
      );
      joined = further.reduce(joinOnto, above);
    }
    // A site's own is kept with its experience; keeping it here as well would keep it for good.
    if (site === undefined) joins.set(key, joined);
    return joined;
  };
}

/** Brand and market of a site; undefined for an unknown one. */
export type SiteOf = (clientId: string) => { brand: string; market: string | undefined } | undefined;

/**
 * Where a site stands; one that nobody knows stands where the program's usual brand does.
 * @param site client id
 * @param configuration brands and markets
 * @param siteOf brand and market of sites
 * @returns undefined where there is no such brand or market
 */
export function placeOfSite(
  site: string,
  { program, brands, markets }: Pick<Configuration, 'program' | 'brands' | 'markets'>,
  siteOf: SiteOf,
): { brand: string; market: string } | undefined {
  const known = siteOf(site);
  const brand = known?.brand ?? program.defaultBrand;
  const market = known?.market ?? brands.get(brand)?.defaultMarket ?? '';
  return brands.has(brand) && markets.has(market) ? { brand, market } : undefined;
}

/**
 * The layers that speak for a visit, the outermost first; absent ones are left out.
 * @param items items of a configuration
 * @param query whose layers
 * @param regions the regions the market lies in, the outermost first
 */
export function chain(
  items: Items,
  { brand, market, site }: ChainQuery,
  regions: readonly string[],
): Layer[] {
  const layer = (path: string, kind: Layer['kind']): Layer[] => {
    const document: JsonObject | undefined = items.get(path);
    return document ? [layerOf(path, kind, document)] : [];
  };
  return [
    ...layer(programPath, 'program'),
    ...layer(brandPath(brand), 'brand'),
    ...regions.flatMap((region) => layer(regionPath(region), 'region')),
    ...layer(marketPath(market), 'market'),
    ...layer(brandMarketPath(brand, market), 'brand-market'),
    ...(site === undefined ? [] : layer(sitePath(site), 'site')),
  ];
}
