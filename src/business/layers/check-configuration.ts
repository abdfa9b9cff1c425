/**
 * Whether a configuration can go live: every fault at once, each with item, key, what was expected and what was found.
 * Reads nothing but its arguments.
 */

import { askingFaults, type DocumentIds, documentIds } from './asking-faults.ts';
import { type ChainMemory, createChainMemory } from './chain-memory.ts';
import { type ChainQuery, chain, placeOfSite } from './configuration.ts';
import { type ConfigurationFault, type ConfigurationFaultCode, didYouMean, glimpse } from './fault.ts';
import type { Items } from './folder.ts';
import { atOnce, inTurns, type Steps } from './in-turns.ts';
import { itemKinds, parseItemPath, programPath } from './item-path.ts';
import { type Layer, originsOf } from './join-layers.ts';
import type { Json } from './json.ts';
import { labelFaults } from './label-faults.ts';
import { type BrandLayer, layerShapes, type MarketLayer, type ProgramLayer } from './layer-shapes.ts';
import { legalFaults } from './legal-faults.ts';
import { lockFaults } from './locks.ts';
import { mentionFaults } from './mention-faults.ts';
import { foreignAttributeFaults, promiseFaults, type Standing } from './promise-faults.ts';
import { faultAt, type Parts, referenceFaults } from './reference-faults.ts';
import { regionChain } from './region-chain.ts';
import { claimFaults, levelFaults } from './scope-faults.ts';
import type { EffectiveSettings } from './settings-shape.ts';
import { parsed } from './shape-faults.ts';
import { textFaults } from './text-faults.ts';
import { unsafeFaults } from './unsafe-json.ts';

/** What a configuration may name, and where its limits are. */
export interface Surroundings {
  /** Languages there are catalogues for. */
  locales: readonly string[];
  /** The text of a key in a language's catalogue; undefined when there is no such key. */
  catalogueText(locale: string, key: string): string | undefined;
  /** Every key of the catalogues, to say what a mistyped one may have meant. */
  catalogueKeys(): readonly string[];
  /** Ways to sign in that exist: `password`, `mail-code`, ids of upstreams. */
  methods: readonly string[];
  /** Longest life of a session in seconds. */
  sessionAbsolute: number;
  /** Authentication levels that ways to sign in can reach. */
  levelsOf(methods: readonly string[]): readonly string[];
  /** Scopes that exist whatever the configuration says. */
  scopes: readonly string[];
  /** Brand and market of a registered client; undefined for an unknown one. */
  siteOf(clientId: string): { brand: string; market: string | undefined } | undefined;
  /** Hash of a legal text that was published before. */
  publishedHash(document: string, version: string, language: string): string | undefined;
  /** What other modules have to say about the joined settings of a chain; parts that chains share are the same objects. */
  alsoCheck?(settings: EffectiveSettings, chain: readonly Layer[]): readonly ChainFault[];
}

/** A fault in the joined settings of a chain; the layer that said it is found by the key. */
export interface ChainFault {
  /** Keys from the outside in. */
  keys: readonly string[];
  code: ConfigurationFaultCode;
  expected: string;
  got: string;
}

/**
 * Everything that is wrong with a configuration; empty when it may go live.
 * @param items every item
 * @param around what exists beside it
 */
export function configurationFaults(items: Items, around: Surroundings): ConfigurationFault[] {
  return atOnce(judge(items, around));
}

/** How many steps are taken in one turn: a few milliseconds. */
const stepsInTurn = 50;

/**
 * The same in turns, so that a process that answers requests is not held up by ten thousand sites.
 * @param items every item
 * @param around what exists beside it
 * @param turn lets others have a turn
 */
export async function configurationFaultsInTurns(
  items: Items,
  around: Surroundings,
  turn: () => Promise<unknown>,
): Promise<ConfigurationFault[]> {
  return inTurns(judge(items, around), stepsInTurn, turn);
}

/** Judges item by item, then chain by chain; yields after each. */
function* judge(items: Items, around: Surroundings): Steps<ConfigurationFault[]> {
  const faults: ConfigurationFault[] = [];
  const parts = yield* readParts(items, faults);
  if (!items.has(programPath))
    faults.push(faultAt(programPath, '', 'missing', 'the layer of the program', 'nothing'));
  const { program } = parts;
  if (!program || faults.some(({ code }) => code === 'syntax')) return faults;
  faults.push(...referenceFaults(items, parts, program, around.locales));
  faults.push(
    ...legalFaults(items, { markets: parts.markets, brands: parts.brands, program, around, items }),
  );
  faults.push(...foreignAttributeFaults(items, standingOf(parts, program, around)));
  const scopes = [...around.scopes, ...program.resources.flatMap((resource) => resource.scopes)];
  const documents = documentIds(items);
  faults.push(...mentionFaults(items, { scopes, documents }));
  if (faults.length > 0) return deduplicated(faults);
  const memory = createChainMemory();
  for (const chain of chainsOf(items, parts, program, around)) {
    faults.push(...chainFaults(chain, { ...around, scopes }, { memory, documents }));
    yield;
  }
  return deduplicated(faults);
}

function* readParts(items: Items, faults: ConfigurationFault[]): Steps<Parts> {
  const parts: Parts = { program: undefined, brands: new Map(), markets: new Map(), names: new Map() };
  for (const [path, document] of items) {
    yield;
    const name = parseItemPath(path);
    if (!name) {
      faults.push(
        faultAt(path, '', 'unknown_item', `an item of one of the kinds ${itemKinds.join(', ')}`, 'this path'),
      );
      continue;
    }
    const unsafe = unsafeFaults(path, document);
    faults.push(...unsafe);
    if (unsafe.length > 0) continue;
    parts.names.set(path, name);
    if (name.kind === 'legal') continue;
    const read = parsed<unknown>(layerShapes[name.kind], document, path);
    faults.push(...read.faults);
    if (read.faults.length > 0) continue;
    if (name.kind === 'program') parts.program = read.value as ProgramLayer;
    if (name.kind === 'brand') parts.brands.set(name.brand, read.value as BrandLayer);
    if (name.kind === 'market') parts.markets.set(name.market, read.value as MarketLayer);
  }
  return parts;
}

function standingOf(
  { names, brands, markets }: Parts,
  program: ProgramLayer,
  around: Surroundings,
): Standing {
  return {
    names,
    program,
    regionOf: (market) => markets.get(market)?.region,
    placeOf: (site) => placeOfSite(site, { program, brands, markets }, around.siteOf),
  };
}

/** Every chain of layers that a visit can meet: each brand in each market, and each site that has a layer. */
function* chainsOf(
  items: Items,
  parts: Parts,
  program: ProgramLayer,
  around: Surroundings,
): Generator<readonly Layer[]> {
  const { brands, markets, names } = parts;
  const layersOf = (query: ChainQuery) =>
    chain(items, query, regionChain(program, markets.get(query.market)?.region));
  for (const brand of brands.keys()) for (const market of markets.keys()) yield layersOf({ brand, market });
  for (const name of names.values()) {
    if (name.kind !== 'site') continue;
    const place = placeOfSite(name.site, { program, brands, markets }, around.siteOf);
    if (place) yield layersOf({ ...place, site: name.site });
  }
}

function chainFaults(
  chain: readonly Layer[],
  around: Surroundings,
  known: { memory: ChainMemory; documents: DocumentIds },
): ConfigurationFault[] {
  const locked = [...lockFaults(chain), ...promiseFaults(chain)];
  if (locked.length > 0) return locked;
  const { value: settings, faults } = known.memory.read(chain);
  if (!settings) return faults.map((each) => placed(chain, each.key.split('.'), each));
  return [
    ...settingsFaults(settings, around, known.memory),
    ...levelFaults(settings, { levels: around.levelsOf(settings.signIn.methods), scopes: around.scopes }),
    ...claimFaults(settings, around.scopes),
    ...askingFaults(settings, known.documents),
    ...(around.alsoCheck?.(settings, chain) ?? []),
  ].map((each) => placed(chain, each.keys, each));
}

/** A fault of the joined settings belongs to the layer that said the value. */
function placed(
  chain: readonly Layer[],
  keys: readonly string[],
  found: Pick<ConfigurationFault, 'code' | 'expected' | 'got'>,
): ConfigurationFault {
  const origins = originsOf(chain);
  const near = origins
    .map((origin) => ({ origin, shared: sharedLength(origin.keys, keys) }))
    .sort((a, b) => b.shared - a.shared)[0];
  const said = near && near.shared > 0 && found.code !== 'missing' ? near.origin.item : undefined;
  const item = said ?? chain.findLast(({ kind }) => kind === 'brand')?.item ?? programPath;
  return { item, key: keys.join('.'), code: found.code, expected: found.expected, got: found.got };
}

function sharedLength(one: readonly string[], other: readonly string[]): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** What cannot be seen in one key alone. */
function settingsFaults(
  settings: EffectiveSettings,
  around: Surroundings,
  memory: ChainMemory,
): ChainFault[] {
  const found: ChainFault[] = [];
  const say = (keys: string[], code: ConfigurationFaultCode, expected: string, got: Json | undefined) =>
    found.push({ keys, code, expected, got: typeof got === 'string' ? got : glimpse(got) });
  for (const { path, pair, ratio, needed } of memory.contrast(settings.look.theme))
    say(
      ['look', ...path.split('.')],
      'contrast',
      `a contrast of ${needed}:1 for ${pair}`,
      `${ratio.toFixed(2)}:1`,
    );
  for (const method of settings.signIn.methods)
    if (!around.methods.includes(method))
      say(['signIn', 'methods'], 'unknown_item', didYouMean(method, around.methods), JSON.stringify(method));
  const languages = [
    ...(settings.languages.offered ?? []),
    settings.languages.default,
    ...Object.keys(settings.texts),
  ];
  for (const language of languages)
    if (language !== undefined && !around.locales.includes(language))
      say(['languages'], 'unknown_item', didYouMean(language, around.locales), JSON.stringify(language));
  const { default: usual, offered } = settings.languages;
  if (usual && offered && !offered.includes(usual))
    say(
      ['languages', 'default'],
      'shape',
      `one of the languages that are offered (${offered.join(', ')})`,
      JSON.stringify(usual),
    );
  if ((settings.session.freshSeconds ?? 0) > around.sessionAbsolute)
    say(
      ['session', 'freshSeconds'],
      'limit',
      `at most ${around.sessionAbsolute}, the longest life of a session`,
      settings.session.freshSeconds,
    );
  return [...found, ...textFaults(settings, around), ...labelFaults(settings, around)];
}

function deduplicated(faults: readonly ConfigurationFault[]): ConfigurationFault[] {
  const seen = new Map<string, ConfigurationFault>();
  for (const each of faults) {
    const id = `${each.item} ${each.key} ${each.code} ${each.expected}`;
    if (!seen.has(id)) seen.set(id, each);
  }
  return [...seen.values()];
}
