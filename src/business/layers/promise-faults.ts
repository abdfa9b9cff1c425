/**
 * What was promised to whoever gives a value: what kind of thing it is, what it is for, and who gets at it. Layers below
 * only tighten that, whether or not anybody locked it; and no brand says anew what another one's members were promised,
 * because a value does not tell which brand's question it answers. Pure.
 */
import { type ConfigurationFault, glimpse } from './fault.ts';
import type { Items } from './folder.ts';
import { type ItemName, marketPath, programPath, regionPath } from './item-path.ts';
import type { Layer } from './join-layers.ts';
import { isObject, type Json, type JsonObject, keyPath } from './json.ts';
import { regionChain } from './region-chain.ts';

/** What an attribute promises, as far as layers have said it. */
type Promised = Readonly<Partial<Record<'class' | 'purpose' | 'read' | 'write', Json>>>;

const kept = ['class', 'purpose', 'read', 'write'] as const;
/** From the least careful to the most. */
const classes: readonly Json[] = ['trait', 'identifier', 'sensitive'];
const byDefault: readonly Json[] = ['member'];

/**
 * Every place in a chain where a layer takes back what a layer above has promised of an attribute.
 * @param chain from the outermost to the innermost
 */
export function promiseFaults(chain: readonly Layer[]): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const promises = new Map<string, Promised>();
  for (const { item, settings } of chain) {
    for (const [name, said] of definitionsIn(settings)) {
      const before = promises.get(name) ?? {};
      for (const key of kept) {
        const expected = Object.hasOwn(said, key) ? brokenBy(key, before, said[key] ?? null) : undefined;
        if (expected === undefined) continue;
        const at = keyPath(['attributes', name, key]);
        faults.push({ item, key: at, code: 'locked', expected, got: glimpse(said[key] ?? null) });
      }
      const own = kept.flatMap((key) =>
        said[key] === undefined || said[key] === null ? [] : [[key, said[key]]],
      );
      promises.set(name, { ...before, ...Object.fromEntries(own) });
    }
  }
  return faults;
}

/** What would have been right, where a value breaks what was promised. */
function brokenBy(key: (typeof kept)[number], before: Promised, now: Json): string | undefined {
  const was = before[key];
  if (key === 'class') {
    const isKept = now === null || classes.indexOf(now) >= classes.indexOf(was ?? 'trait');
    return isKept ? undefined : `${glimpse(was)} or more careful, as a layer above says`;
  }
  if (key === 'purpose') {
    return was === undefined || was === now ? undefined : `${glimpse(was)}, as a layer above says`;
  }
  const list = Array.isArray(was) ? was : byDefault;
  const bound = key === 'read' ? before.class === 'sensitive' : !list.includes('member');
  const wanted = Array.isArray(now) ? now : byDefault;
  // Of what is the member's own they may always be shown more.
  const more = wanted.filter((who) => !list.includes(who) && !(key === 'read' && who === 'member'));
  return bound && more.length > 0 ? `no more than ${glimpse([...list])}, as a layer above says` : undefined;
}

function definitionsIn(settings: JsonObject): [string, JsonObject][] {
  const { attributes } = settings;
  if (attributes === undefined || !isObject(attributes)) return [];
  return Object.entries(attributes).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}

/** Where the layers of brands stand. */
export interface Standing {
  names: ReadonlyMap<string, ItemName>;
  /** The regions that a market lies in come from here. */
  program: Parameters<typeof regionChain>[0];
  regionOf(market: string): string | undefined;
  /** Brand and market of a site; undefined where there is none such. */
  placeOf(site: string): { brand: string; market: string } | undefined;
}

/**
 * Every attribute that a brand says although another brand asks it as a sensitive one, or keeps members from writing it:
 * what several share is defined for all of them, by the program, a region or a market. Nor is what a region or market
 * guards said less carefully where its layer does not reach.
 * @param items every item
 * @param standing where they stand
 */
export function foreignAttributeFaults(items: Items, standing: Standing): ConfigurationFault[] {
  const own = [...standing.names].flatMap(([item, name]) => ownIn(item, name, { items, standing }));
  return [...ofOtherBrands(own), ...lessCarefulElsewhere(own, ofPlaces(items, standing))];
}

/** What a layer says of an attribute that no layer around it says. */
interface Said {
  item: string;
  name: string;
  said: JsonObject;
}

function ofOtherBrands(own: (Said & { brand: string })[]): ConfigurationFault[] {
  const owners = new Map<string, string>();
  for (const { name, said, brand } of own.sort((a, b) => (a.brand < b.brand ? -1 : 1)))
    if (isGuarded(said) && !owners.has(name)) owners.set(name, brand);
  return own.flatMap(({ item, name, brand }): ConfigurationFault[] => {
    const owner = owners.get(name) ?? brand;
    if (owner === brand) return [];
    const expected = `an attribute of its own: this one is ${owner}’s, and what brands share is the program’s`;
    return [{ item, key: keyPath(['attributes', name]), code: 'locked', expected, got: glimpse(name) }];
  });
}

/** What regions and markets define themselves. */
function ofPlaces(items: Items, { names, program, regionOf }: Standing): Said[] {
  return [...names].flatMap(([item, name]): Said[] => {
    if (name.kind !== 'region' && name.kind !== 'market') return [];
    const within = regionChain(program, name.kind === 'region' ? name.region : regionOf(name.market));
    const above = [programPath, ...within.map(regionPath)].filter((path) => path !== item);
    const shared = saidIn(items, above);
    return definitionsIn(items.get(item) ?? {}).flatMap(([attribute, said]) =>
      shared(attribute) ? [] : [{ item, name: attribute, said }],
    );
  });
}

/** Values travel with members: a form elsewhere would write what this place keeps from them, or keep it in the open. */
function lessCarefulElsewhere(brands: readonly Said[], places: readonly Said[]): ConfigurationFault[] {
  const guards = new Map<string, Said[]>();
  for (const isCareful of careful) {
    const first = new Map(places.filter(({ said }) => isCareful(said)).map((each) => [each.name, each]));
    for (const [name, guard] of first) guards.set(name, [...(guards.get(name) ?? []), guard]);
  }
  return [...brands, ...places].flatMap(({ item, name, said }): ConfigurationFault[] => {
    const guard = guards.get(name)?.find((each) => each.item !== item && isLess(said, each.said));
    if (!guard) return [];
    const expected = `an attribute of its own, or one as careful as that of ${guard.item}`;
    return [{ item, key: keyPath(['attributes', name]), code: 'locked', expected, got: glimpse(name) }];
  });
}

/** Ways in which a definition is careful. */
const careful = [isSensitive, isOthers];

function isLess(said: JsonObject, guard: JsonObject): boolean {
  return careful.some((isCareful) => isCareful(guard) && !isCareful(said));
}

function isSensitive(said: JsonObject): boolean {
  return said.class === 'sensitive';
}

/** Whether members may not write it. */
function isOthers({ write }: JsonObject): boolean {
  return Array.isArray(write) && !write.includes('member');
}

/** Another brand's word for it would open what this one has promised, or what its points rest on. */
function isGuarded(said: JsonObject): boolean {
  return careful.some((isCareful) => isCareful(said));
}

/** What an item of one brand says of attributes that no layer of all brands says. */
function ownIn(
  item: string,
  path: ItemName,
  { items, standing }: { items: Items; standing: Standing },
): (Said & { brand: string })[] {
  const place = placeOf(path, standing);
  const definitions = place ? definitionsIn(items.get(item) ?? {}) : [];
  if (!place || definitions.length === 0) return [];
  const shared = sharedBy(items, standing, place.market);
  return definitions.flatMap(([name, said]) =>
    shared(name) ? [] : [{ item, name, said, brand: place.brand }],
  );
}

function placeOf(
  name: ItemName,
  { placeOf: placeOfSite }: Standing,
): { brand: string; market?: string } | undefined {
  if (name.kind === 'site') return placeOfSite(name.site);
  if (name.kind === 'brand') return { brand: name.brand };
  return name.kind === 'brand-market' ? { brand: name.brand, market: name.market } : undefined;
}

/** Whether layers of all brands above a brand's one say an attribute. */
function sharedBy(
  items: Items,
  { program, regionOf }: Standing,
  market: string | undefined,
): (name: string) => boolean {
  const regions = market === undefined ? [] : regionChain(program, regionOf(market)).map(regionPath);
  return saidIn(items, [programPath, ...regions, ...(market === undefined ? [] : [marketPath(market)])]);
}

function saidIn(items: Items, above: readonly string[]): (name: string) => boolean {
  const documents = above.flatMap((path) => items.get(path)?.attributes ?? []);
  return (name) =>
    documents.some((said) => isObject(said) && Object.hasOwn(said, name) && said[name] !== null);
}
