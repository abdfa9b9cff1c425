/**
 * The names of a configuration's items. An item's path is its file's path in a configuration folder without the
 * ending; from it follows what kind of layer the item is and what it stands for. Pure.
 */
import { clientIdShape, configIdShape } from './id-shapes.ts';

/** What an item is; all but `legal` are layers, from the outermost to the innermost. */
export const itemKinds = ['program', 'brand', 'region', 'market', 'brand-market', 'site', 'legal'] as const;

/** What an item is. */
export type ItemKind = (typeof itemKinds)[number];

/** A kind of layer. */
export type LayerKind = Exclude<ItemKind, 'legal'>;

/** An item's path, taken apart. */
export type ItemName =
  | { kind: 'program' }
  | { kind: 'brand'; brand: string }
  | { kind: 'region'; region: string }
  | { kind: 'market'; market: string }
  | { kind: 'brand-market'; brand: string; market: string }
  | { kind: 'site'; site: string }
  | { kind: 'legal'; document: string };

/**
 * Takes a path apart.
 * @param path such as `brands/volt/markets/de`
 * @returns undefined when nothing can stand there
 */
export function parseItemPath(path: string): ItemName | undefined {
  const parts = path.split('/');
  const [folder = '', name = '', third, fourth] = parts;
  const known = configIdShape.test(name);
  if (path === 'program') return { kind: 'program' };
  if (folder === 'brands' && known && parts.length === 3 && third === 'brand')
    return { kind: 'brand', brand: name };
  if (
    folder === 'brands' &&
    known &&
    parts.length === 4 &&
    third === 'markets' &&
    configIdShape.test(fourth ?? '')
  )
    return { kind: 'brand-market', brand: name, market: fourth ?? '' };
  if (parts.length !== 2) return undefined;
  if (folder === 'regions' && known) return { kind: 'region', region: name };
  if (folder === 'markets' && known) return { kind: 'market', market: name };
  if (folder === 'legal' && known) return { kind: 'legal', document: name };
  if (folder === 'sites' && clientIdShape.test(name)) return { kind: 'site', site: name };
  return undefined;
}

/**
 * The sites among items.
 * @param paths paths of items
 * @returns their client ids
 */
export function sitesAmong(paths: Iterable<string>): string[] {
  return [...paths].flatMap((path) => {
    const name = parseItemPath(path);
    return name?.kind === 'site' ? [name.site] : [];
  });
}

/** The path of the program's own layer. */
export const programPath = 'program';
/** The path of a brand's layer. */
export const brandPath = (brand: string) => `brands/${brand}/brand`;
/** The path of a region's layer. */
export const regionPath = (region: string) => `regions/${region}`;
/** The path of a market's layer. */
export const marketPath = (market: string) => `markets/${market}`;
/** The path of the layer of a brand in one market. */
export const brandMarketPath = (brand: string, market: string) => `brands/${brand}/markets/${market}`;
/** The path of the layer of one site. */
export const sitePath = (clientId: string) => `sites/${clientId}`;
/** The path of the innermost layer of a place: of a site, or of a brand in a market. */
export const placePath = ({
  brand,
  market,
  site,
}: {
  brand: string;
  market: string;
  site?: string | undefined;
}) => (site === undefined ? brandMarketPath(brand, market) : sitePath(site));
/** The path of a legal document. */
export const legalPath = (document: string) => `legal/${document}`;
