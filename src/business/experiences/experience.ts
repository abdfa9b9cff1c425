/** What a client's visitors meet, made of the layers that speak for them. Pure. */
import type { BrandLogo, BrandLook } from '../../base/http/brand-look.ts';
import { servableLogo } from '../../base/http/logo/logo.ts';
import type { MailBrand } from '../../base/mail/mailer.ts';
import type { Configuration } from '../layers/configuration.ts';
import { checkedAs, type JsonObject } from '../layers/json.ts';
import type { ProgramLayer } from '../layers/layer-shapes.ts';
import { type EffectiveSettings, withDefaults } from '../layers/settings-shape.ts';
import type { Attributes } from '../profiles/attribute-shape.ts';
import type { Forms } from '../profiles/form-shape.ts';
import type { ProfilingRules } from '../profiles/profiling-shape.ts';
import type { LiveRelease } from '../releases/live.ts';

/** A brand of the program, as it is where no market says otherwise. */
export interface Brand {
  id: string;
  /** As its look says it. */
  name: string;
  hosts: readonly string[];
  /** Market assumed when neither the client nor the visit names one. */
  defaultMarket: string;
  look: BrandLook;
}

/** A market of the program. */
export interface Market {
  id: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** The innermost region it lies in. */
  region: string;
  timeZone: string;
  /** The legal area whose texts apply. */
  jurisdiction: string;
}

/** The effective configuration of one visit; frozen, the same object for the same brand, market and site. */
export interface Experience {
  /** Id of the release it comes from. */
  readonly release: string;
  readonly program: ProgramLayer;
  readonly brand: Brand;
  readonly market: Market;
  readonly look: BrandLook;
  /** What mails look and sound like. */
  readonly mailBrand: MailBrand;
  /** Everything the layers say together. */
  readonly settings: EffectiveSettings;
  /** What may be known of a member; the same object for every experience whose layers say the same. */
  readonly attributes: Attributes;
  readonly forms: Forms;
  /** When which attributes are asked beside the forms. */
  readonly profiling: ProfilingRules;
  readonly identifierKind: 'email' | 'any';
  /** Ways to sign in, in order: `password`, `mail-code`, ids of upstreams. */
  readonly methods: readonly string[];
  /** Ids of the identity providers offered, in order. */
  readonly upstreams: readonly string[];
  readonly links: BrandLook['links'];
  readonly supportEmail: string;
  /** The legal area whose texts apply; with the brand it selects the legal documents. */
  readonly jurisdiction: string;
  readonly locales: {
    /** Language when the visitor prefers none that is offered. */
    readonly default: string;
    /** The languages that pages are offered in; every one there is when undefined. */
    readonly offered: readonly string[] | undefined;
  };
}

/** Ways to sign in that are no upstream. */
export const ownMethods: readonly string[] = ['password', 'mail-code'];

/**
 * Makes an experience.
 * @param live the release that is live in the market, opened
 * @param whose brand and market of the release, and the client where it has a layer of its own
 */
export function composeExperience(
  live: LiveRelease,
  whose: { brand: string; market: string; site: string | undefined },
): Experience {
  const { configuration } = live;
  const { program } = configuration;
  const joined = configuration.joinedOf(whose);
  const settings = withDefaults(joined);
  const { methods, identifier } = settings.signIn;
  const look = lookOf(configuration, whose, joined);
  const { offered } = settings.languages;
  return Object.freeze({
    release: live.release.id,
    program,
    brand: brandOf(configuration, whose.brand),
    market: marketOf(configuration, whose.market),
    look,
    mailBrand: Object.freeze({ ...look, texts: settings.texts, ...settings.mails }),
    settings,
    attributes: settings.attributes,
    forms: settings.forms,
    profiling: settings.profiling,
    identifierKind: identifier,
    methods,
    upstreams: methods.filter((method) => !ownMethods.includes(method)),
    links: look.links,
    supportEmail: look.supportEmail,
    jurisdiction: settings.legal.jurisdiction,
    locales: Object.freeze({
      default: settings.languages.default ?? offered?.[0] ?? program.defaultLocale,
      offered,
    }),
  });
}

/**
 * A brand as it is where no market says otherwise.
 * @param configuration an opened configuration
 * @param id a brand of it
 */
export function brandOf(configuration: Configuration, id: string): Brand {
  const brand = configuration.brands.get(id);
  if (!brand) throw new Error(`no brand ${id}`);
  const { hosts, defaultMarket } = brand;
  const place = { brand: id, market: defaultMarket, site: undefined };
  const look = lookOf(configuration, place, configuration.joinedOf(place));
  return { id, name: look.name, hosts, defaultMarket, look };
}

/**
 * A market with what the law asks there.
 * @param configuration an opened configuration
 * @param id a market of it
 */
export function marketOf(configuration: Configuration, id: string): Market {
  const market = configuration.markets.get(id);
  if (!market) throw new Error(`no market ${id}`);
  const { country, region, timeZone, legal } = market;
  return { id, country, region, timeZone, jurisdiction: legal?.jurisdiction ?? '' };
}

/** Looks by the object their layers joined to: as long as no layer says anything of its own, it is the same object. */
const looks = new WeakMap<Configuration, WeakMap<object, BrandLook>>();

function lookOf(
  configuration: Configuration,
  whose: { brand: string; market: string; site: string | undefined },
  joined: JsonObject,
): BrandLook {
  const { brand, market, site } = whose;
  const known = looks.get(configuration) ?? new WeakMap<object, BrandLook>();
  looks.set(configuration, known);
  const said = checkedAs<EffectiveSettings['look']>(joined.look);
  const existing = known.get(said);
  if (existing) return existing;
  const id =
    said === configuration.joinedOf({ brand }).look
      ? brand
      : said === configuration.joinedOf({ brand, market }).look
        ? `${brand}.${market}`
        : `${brand}.${market}.${site}`;
  // Names of the program and of its brands are said once, so that a new brand appears on every page by itself.
  const siblings = [...configuration.brands.keys()].map((each) => nameOf(configuration, each));
  const programName = configuration.program.name;
  const look = Object.freeze({ ...said, id, programName, siblings, logo: logoOf(said.logo) });
  known.set(said, look);
  return look;
}

/** What is served is never the markup as somebody wrote it. */
function logoOf(said: BrandLogo): BrandLogo {
  const judged = servableLogo(said);
  if ('expected' in judged) throw new Error(`checked before, yet no logo: expected ${judged.expected}`);
  return judged.logo;
}

function nameOf(configuration: Configuration, brand: string): string {
  const said = checkedAs<Partial<EffectiveSettings['look']> | undefined>(
    configuration.joinedOf({ brand }).look,
  );
  return said?.name ?? brand;
}
