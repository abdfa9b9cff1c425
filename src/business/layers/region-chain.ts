/** Regions that lie within each other, and what counts in the innermost of them. Pure. */
import type { ProgramLayer } from './layer-shapes.ts';

/**
 * A region and the regions it lies in, the outermost first; a cycle ends where it began.
 * @param program the program's layer
 * @param region the innermost region
 */
export function regionChain(program: Pick<ProgramLayer, 'regions'>, region: string | undefined): string[] {
  const regions = new Map(program.regions.map((each) => [each.id, each]));
  const found: string[] = [];
  for (
    let at = region && regions.get(region);
    at && !found.includes(at.id);
    at = (at.within && regions.get(at.within)) || undefined
  )
    found.unshift(at.id);
  return found;
}

/**
 * What the innermost region has that has anything.
 * @param chain regions, the outermost first
 * @param own what regions have of their own
 */
export function innermostOf<T>(chain: readonly string[], own: ReadonlyMap<string, T>): T | undefined {
  const region = chain.findLast((id) => own.has(id));
  return region === undefined ? undefined : own.get(region);
}
