/**
 * The experiences: what a client's visitors meet, by brand and market. Owns the program's brands, markets and regions
 * as read from its configuration folder at start. Never reads a file after that, and never knows a member.
 */
import type { BrandLook } from '../../base/http/brand-look.ts';
import { type ConfigFolder, openConfigFolder } from './config-files.ts';
import {
  type BrandSettings,
  brandSchema,
  configId,
  type FieldSpec,
  lookSchema,
  type MarketSettings,
  marketSchema,
  type Program,
  programSchema,
} from './config-shapes.ts';

/** A brand of the program. */
export interface Brand extends BrandSettings {
  id: string;
  /** As its look says it. */
  name: string;
  look: BrandLook;
}

/** A market of the program. */
export interface Market extends MarketSettings {
  id: string;
}

/** The effective configuration of one visit; frozen, the same object for the same brand and market. */
export interface Experience {
  readonly program: Program;
  readonly brand: Brand;
  readonly market: Market;
  readonly look: BrandLook;
  /** Questions at registration beyond e-mail and password. */
  readonly fields: readonly FieldSpec[];
  readonly identifierKind: 'email' | 'any';
  /** Ways to sign in: `password`, `mail-code`, and ids of the identity providers offered, in order. */
  readonly methods: readonly string[];
  readonly links: BrandLook['links'];
  readonly supportEmail: string;
  /** The legal area whose texts apply; with the brand it selects the legal documents. */
  readonly jurisdiction: string;
  readonly locales: {
    /** Language when the visitor prefers none that exists: the brand's at home, elsewhere the market's usual one. */
    readonly default: string;
    /** The market's languages, the usual one first. */
    readonly market: readonly string[];
  };
}

/** What is known of a visit; a `Visit` can be passed as it is. */
export interface ExperienceQuery {
  /** No configuration differs by client yet: the client's brand and market are what counts. */
  clientId?: string | undefined;
  brand?: string | undefined;
  market?: string | undefined;
}

/** The experiences as other modules see them. */
export interface Experiences {
  readonly program: Program;
  /** The experience of a visit; an unknown or missing brand or market falls back to the program's own. */
  experienceFor(query: ExperienceQuery): Experience;
  brands(): readonly Brand[];
  markets(): readonly Market[];
  /** The brand whose site has this host name. */
  brandOfHost(host: string): Brand | undefined;
}

/** Limits of the process that no file may go beyond. */
export interface ExperienceLimits {
  /** Longest life of a session in seconds, counted from the sign-in. */
  sessionAbsolute?: number;
}

/**
 * Reads `program.json`, `brands/<id>/{brand,look}.json` and `markets/<id>.json`.
 * @param programDir absolute path of the configuration folder
 * @param limits what the files may not go beyond
 * @throws ProgramConfigError with every fault of every file
 */
export function createExperiences(programDir: string, limits: ExperienceLimits = {}): Experiences {
  const folder = openConfigFolder(programDir);
  const program = folder.json('program.json', programSchema);
  const markets = readMarkets(folder);
  const brands = readBrands(folder, program?.name ?? '');
  if (program) checkReferences(folder.faults, program, brands, markets);
  checkLimits(folder.faults, brands, limits);
  folder.refuseFaults();
  if (!program) throw new Error('unreachable: a missing program.json is a fault');

  const brandById = new Map(brands.map((brand) => [brand.id, brand]));
  const marketById = new Map(markets.map((market) => [market.id, market]));
  const brandByHost = new Map(brands.flatMap((brand) => brand.hosts.map((host) => [host, brand] as const)));
  const made = new Map<string, Experience>();
  const defaultBrand = known(brandById, program.defaultBrand);

  return {
    program,
    brands: () => brands,
    markets: () => markets,
    brandOfHost: (host) => brandByHost.get(host),
    experienceFor(query) {
      const brand = brandById.get(query.brand ?? '') ?? defaultBrand;
      const market = marketById.get(query.market ?? '') ?? known(marketById, brand.defaultMarket);
      const key = `${brand.id} ${market.id}`;
      const existing = made.get(key);
      if (existing) return existing;
      const experience = Object.freeze(composeExperience(program, brand, market));
      made.set(key, experience);
      return experience;
    },
  };
}

function composeExperience(program: Program, brand: Brand, market: Market): Experience {
  return {
    program,
    brand,
    market,
    look: brand.look,
    fields: brand.fields,
    identifierKind: brand.signIn.identifier,
    methods: brand.signIn.methods ?? ['password', 'mail-code', ...brand.signIn.upstreams],
    links: brand.look.links,
    supportEmail: brand.look.supportEmail,
    jurisdiction: market.jurisdiction,
    locales: {
      default:
        market.id === brand.defaultMarket
          ? brand.defaultLocale
          : (market.languages[0] ?? program.defaultLocale),
      market: market.languages,
    },
  };
}

function readMarkets(folder: ConfigFolder): Market[] {
  return folder.files('markets', '.json').flatMap((id) => {
    checkId(folder.faults, `markets/${id}.json`, id);
    const settings = folder.json(`markets/${id}.json`, marketSchema);
    return settings ? [{ id, ...settings }] : [];
  });
}

function readBrands(folder: ConfigFolder, programName: string): Brand[] {
  const read = folder.folders('brands').flatMap((id) => {
    checkId(folder.faults, `brands/${id}`, id);
    const settings = folder.json(`brands/${id}/brand.json`, brandSchema);
    const look = folder.json(`brands/${id}/look.json`, lookSchema);
    if (look && look.id !== id) folder.faults.push(`brands/${id}/look.json: id: must be ${id}`);
    if (look?.programName && look.programName !== programName)
      folder.faults.push(`brands/${id}/look.json: programName: must be ${programName}, or left out`);
    return settings && look ? [{ id, settings, look }] : [];
  });
  // Names of the program and of its brands are said once, so that a new brand appears on every page by itself.
  const siblings = read.map(({ look }) => look.name);
  return read.map(({ id, settings, look }) => ({
    id,
    name: look.name,
    ...settings,
    look: { ...look, programName, siblings },
  }));
}

function checkId(faults: string[], path: string, id: string): void {
  if (!configId.safeParse(id).success)
    faults.push(`${path}: the name must be lower-case letters, digits and hyphens`);
}

function checkReferences(
  faults: string[],
  program: Program,
  brands: readonly Brand[],
  markets: readonly Market[],
): void {
  const brandIds = new Set(brands.map((brand) => brand.id));
  const marketIds = new Set(markets.map((market) => market.id));
  const regionIds = new Set(program.regions.map((region) => region.id));
  if (!brandIds.has(program.defaultBrand))
    faults.push(`program.json: defaultBrand: there is no brand ${program.defaultBrand}`);
  for (const market of markets) {
    if (!regionIds.has(market.region))
      faults.push(`markets/${market.id}.json: region: there is no region ${market.region}`);
  }
  const hosts = new Map<string, string>();
  for (const brand of brands) {
    if (!marketIds.has(brand.defaultMarket))
      faults.push(`brands/${brand.id}/brand.json: defaultMarket: there is no market ${brand.defaultMarket}`);
    for (const host of brand.hosts) {
      const other = hosts.get(host);
      if (other) faults.push(`brands/${brand.id}/brand.json: hosts: ${host} belongs to ${other} already`);
      hosts.set(host, brand.id);
    }
  }
}

function checkLimits(
  faults: string[],
  brands: readonly Brand[],
  { sessionAbsolute = Number.POSITIVE_INFINITY }: ExperienceLimits,
): void {
  for (const { id, session } of brands) {
    if ((session.freshSeconds ?? 0) > sessionAbsolute)
      faults.push(
        `brands/${id}/brand.json: session: freshSeconds: at most ${sessionAbsolute}, the longest life of a session`,
      );
  }
}

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) throw new Error(`checked at start, yet missing: ${id}`);
  return value;
}
