/** Regions that lie within each other. Pure. */
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
