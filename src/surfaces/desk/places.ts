/** Where the items of a configuration lie, as grants ask for it: which brand, market and regions are around them. */
import type { Clients } from '../../business/clients/clients.ts';
import { parseItemPath, sitesAmong } from '../../business/layers/item-path.ts';
import { regionChain } from '../../business/layers/region-chain.ts';
import type { Releases } from '../../business/releases/releases.ts';
import type { Place } from '../../people/staff/grants.ts';

/** What finding places takes. */
export interface PlacesDeps {
  clients: Pick<Clients, 'sitesOf'>;
  releases: Pick<Releases, 'live'>;
}

/**
 * Where items lie. What is live says so, never a draft: moving a market in a draft must not widen what its author may do.
 * @param deps clients, what is live
 * @param paths paths of the items
 */
export async function placesOf(
  { clients, releases }: PlacesDeps,
  paths: readonly string[],
): Promise<(path: string) => Place> {
  const { program, regionsOf } = releases.live.current().all.configuration;
  const sites = sitesAmong(paths);
  const known = await clients.sitesOf(sites);
  return (path) => {
    const name = parseItemPath(path);
    if (name?.kind === 'region') return { regions: regionChain(program, name.region) };
    if (name?.kind === 'market' || name?.kind === 'brand-market') return { regions: regionsOf(name.market) };
    const site = name?.kind === 'site' ? known.get(name.site) : undefined;
    // A site of no market of its own may be visited from any: only who has its brand may touch it.
    return site ? { ...site, regions: site.market === undefined ? [] : regionsOf(site.market) } : {};
  };
}
