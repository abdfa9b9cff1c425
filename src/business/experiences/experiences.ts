/**
 * The experiences: what a client's visitors meet, by client, brand and market. Owns the look-up of the effective
 * configuration, which costs no database command. Never changes a configuration, and never knows a member.
 */

import type { BrandLook } from '../../base/http/brand-look.ts';
import type { ProgramLayer } from '../layers/layer-shapes.ts';
import type { Live, LiveConfiguration, LiveRelease } from '../releases/live.ts';
import { type ClaimVocabulary, claimVocabulary } from './claim-vocabulary.ts';
import {
  type Brand,
  brandOf,
  composeExperience,
  type Experience,
  type Market,
  marketOf,
} from './experience.ts';
import { type Keeping, keepingIn } from './keeping.ts';

/** What is known of a visit; a `Visit` can be passed as it is. */
export interface ExperienceQuery {
  clientId?: string | undefined;
  brand?: string | undefined;
  market?: string | undefined;
}

/** The experiences as other modules see them. Every answer is of the configuration that is live at the call. */
export interface Experiences {
  readonly program: ProgramLayer;
  /** The experience of a visit; an unknown or missing brand or market falls back to the program's own. */
  experienceFor(query: ExperienceQuery): Experience;
  brands(): readonly Brand[];
  markets(): readonly Market[];
  /** The brand whose site has this host name. */
  brandOfHost(host: string): Brand | undefined;
  /** How values of attributes are to be kept in a market. */
  keepingIn(market: string): ReadonlyMap<string, Keeping>;
  /**
   * The look of an id that a page named in a style sheet's address: of several that are live in different places the
   * one that is it, the program's usual one where none is.
   */
  lookOf(id: string, isIt?: (look: BrandLook) => boolean): BrandLook | undefined;
  /** Scopes and attributes that layers release to apps, in any release that is live. */
  claimVocabulary(): ClaimVocabulary;
  /** Called after another configuration has gone live. */
  onChange(listener: () => void): void;
}

/** What is made of one release, for as long as the release is live. */
interface Made {
  experiences: Map<string, Experience>;
  keeping: Map<string, ReadonlyMap<string, Keeping>>;
  brands: readonly Brand[];
  markets: readonly Market[];
  hosts: ReadonlyMap<string, Brand>;
}

/**
 * Builds the experiences.
 * @param live the live configuration
 */
export function createExperiences(live: Pick<Live, 'current' | 'onChange'>): Experiences {
  const made = new WeakMap<LiveRelease, Made>();
  const madeOf = (release: LiveRelease): Made => {
    const known = made.get(release) ?? prepare(release);
    made.set(release, known);
    return known;
  };
  const all = () => live.current().all;

  function experienceFor({ clientId, brand, market }: ExperienceQuery): Experience {
    const now = live.current();
    const at = resolve(now, brand, market);
    const { configuration } = at.release;
    const site = clientId !== undefined && configuration.hasSite(clientId) ? clientId : undefined;
    const { experiences } = madeOf(at.release);
    const key = site === undefined ? `${at.brand} ${at.market}` : `${at.brand} ${at.market} ${site}`;
    const existing = experiences.get(key);
    if (existing) return existing;
    const experience = composeExperience(at.release, { brand: at.brand, market: at.market, site });
    experiences.set(key, experience);
    return experience;
  }

  /** The looks of a brand that markets add nothing to, one of each live release, the program's usual one first. */
  function brandLooks(brand: string): BrandLook[] {
    const now = live.current();
    return [...new Set([now.all, ...now.releases()])].flatMap((release) => {
      const { brands, markets } = release.configuration;
      if (!brands.has(brand)) return [];
      const looks = [...markets.keys()].flatMap((market) =>
        now.of(market) === release ? [experienceFor({ brand, market }).look] : [],
      );
      return looks.find(({ id }) => id === brand) ?? [];
    });
  }

  return {
    get program() {
      return all().configuration.program;
    },
    experienceFor,
    brands: () => madeOf(all()).brands,
    markets: () => madeOf(all()).markets,
    brandOfHost: (host) => madeOf(all()).hosts.get(host),
    keepingIn(market) {
      const at = resolve(live.current(), undefined, market);
      const { keeping } = madeOf(at.release);
      const known = keeping.get(at.market) ?? keepingIn(at.release.configuration, at.market);
      keeping.set(at.market, known);
      return known;
    },
    lookOf(id, isIt = () => true) {
      const [brand = '', market, clientId] = id.split('.');
      if (market === undefined) {
        const known = brandLooks(brand);
        return known.find(isIt) ?? known[0];
      }
      return all().configuration.brands.has(brand)
        ? experienceFor({ clientId, brand, market }).look
        : undefined;
    },
    claimVocabulary: () => claimVocabulary(live.current()),
    onChange: (listener) => live.onChange(listener),
  };
}

/** Which release speaks: the market's. A brand that is not in it yet falls back to the program's usual one. */
function resolve(
  now: LiveConfiguration,
  brand: string | undefined,
  market: string | undefined,
): { release: LiveRelease; brand: string; market: string } {
  const { configuration } = now.all;
  const asked = market !== undefined && configuration.markets.has(market) ? market : undefined;
  const usual = (id: string) => configuration.brands.get(id)?.defaultMarket;
  const place = asked ?? usual(brand ?? '') ?? usual(configuration.program.defaultBrand) ?? '';
  const release = now.of(place);
  const known = release.configuration.brands;
  const own = brand !== undefined && known.has(brand) ? brand : release.configuration.program.defaultBrand;
  return { release, brand: own, market: place };
}

function prepare({ configuration }: LiveRelease): Made {
  const brands = [...configuration.brands.keys()].sort().map((id) => brandOf(configuration, id));
  return {
    experiences: new Map(),
    keeping: new Map(),
    brands,
    markets: [...configuration.markets.keys()].sort().map((id) => marketOf(configuration, id)),
    hosts: new Map(brands.flatMap((brand) => brand.hosts.map((host) => [host, brand] as const))),
  };
}
