/** Where a release goes live: everywhere, or in regions and markets; and what is live there now. Pure. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Configuration } from '../layers/configuration.ts';
import { regionChain } from '../layers/region-chain.ts';
import type { LiveConfiguration, LiveRelease } from './live.ts';

/** Where a release goes live. */
export type Target = 'all' | { regions: readonly string[]; markets: readonly string[] };

/** A region or a market. */
export interface Place {
  kind: 'region' | 'market';
  id: string;
}

/** A target as it is stored: both lists empty for everywhere. */
export interface StoredTarget {
  regions: string[];
  markets: string[];
}

/**
 * A target as it is stored, each id once and in order.
 * @param target where a release goes live
 * @throws DomainError `target.unknown` when it names nothing
 */
export function storedTarget(target: Target): StoredTarget {
  if (target === 'all') return { regions: [], markets: [] };
  const ordered = (ids: readonly string[]) => [...new Set(ids)].sort();
  const { regions, markets } = { regions: ordered(target.regions), markets: ordered(target.markets) };
  if (regions.length + markets.length === 0)
    throw new DomainError('target.unknown', { params: { name: '' } });
  return { regions, markets };
}

/**
 * A stored target.
 * @param stored as stored
 */
export function targetOf({ regions, markets }: StoredTarget): Target {
  return regions.length + markets.length === 0 ? 'all' : { regions, markets };
}

/**
 * Refuses a target that names what the program does not have.
 * @param target where a release goes live
 * @param configuration what is live for the whole program
 * @throws DomainError `target.unknown`
 */
export function checkTarget(target: Target, { program, markets }: Configuration): void {
  if (target === 'all') return;
  const regions = program.regions.map(({ id }) => id);
  const unknown =
    target.regions.find((id) => !regions.includes(id)) ?? target.markets.find((id) => !markets.has(id));
  if (unknown !== undefined) throw new DomainError('target.unknown', { params: { name: unknown } });
}

/**
 * The releases that are live at a target, each once; what its parts have of their own is not looked at.
 * @param target where
 * @param live what is live
 */
export function liveAt(target: Target, live: LiveConfiguration): LiveRelease[] {
  if (target === 'all') return [live.all];
  const found = [
    ...target.regions.map((id) => live.ofRegion(id)),
    ...target.markets.map((id) => live.of(id)),
  ];
  return [...new Set(found)];
}

/**
 * The release that a change of a target begins with: the one that is live there, or that of the whole program where
 * several are.
 * @param target where
 * @param live what is live
 */
export function usualAt(target: Target, live: LiveConfiguration): LiveRelease {
  const [only, another] = liveAt(target, live);
  return only && !another ? only : live.all;
}

/**
 * The places of a target where another release is live than its change begins with: theirs would end with it.
 * @param target where
 * @param live what is live
 * @param mine ids of the release that the change begins with, and of what it has made of it before
 */
export function placesThatEnd(target: Target, live: LiveConfiguration, mine: ReadonlySet<string>): Place[] {
  const aimedAt = target === 'all' ? { regions: [], markets: [] } : target;
  const there = [
    ...aimedAt.regions.map((id) => ({ kind: 'region' as const, id, live: live.ofRegion(id) })),
    ...aimedAt.markets.map((id) => ({ kind: 'market' as const, id, live: live.of(id) })),
    ...live.own.filter(({ kind, id }) => {
      const place = { regions: kind === 'region' ? [id] : [], markets: kind === 'market' ? [id] : [] };
      return liesWithin(place, target, live.all.configuration);
    }),
  ].filter(({ live: own }) => !mine.has(own.release.id));
  return [...new Map(there.map(({ kind, id }) => [`${kind} ${id}`, { kind, id }])).values()];
}

/**
 * Whether what goes live at a target is met in a market, also in one that there is only after it or only before it.
 * @param target where
 * @param from the configuration before
 * @param to the configuration after
 */
export function reachedBy(
  target: Target,
  from: Configuration,
  to: Configuration,
): (market: string) => boolean {
  return (market) =>
    liesWithin({ regions: [], markets: [market] }, target, to.markets.has(market) ? to : from);
}

/**
 * Whether a target lies within another one.
 * @param inner the smaller one
 * @param outer the larger one
 * @param configuration says which market lies in which region
 */
export function liesWithin(inner: Target, outer: Target, { program, regionsOf }: Configuration): boolean {
  if (outer === 'all') return true;
  if (inner === 'all') return false;
  const covered = (chain: readonly string[]) => chain.some((region) => outer.regions.includes(region));
  return (
    inner.regions.every((id) => covered(regionChain(program, id))) &&
    inner.markets.every((id) => outer.markets.includes(id) || covered(regionsOf(id)))
  );
}
