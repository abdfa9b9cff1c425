/**
 * Whether what a draft comes to can go live, judged against what the database knows: legal texts that were published
 * before, and the clients that are sites. Never changes a draft.
 */

import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../base/db/connection.ts';
import { configurationFaultsInTurns, type Surroundings } from '../layers/check-configuration.ts';
import { type ConfigurationFault, ConfigurationRefused } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { sitesAmong } from '../layers/item-path.ts';
import { legalTextId, publishedHashes } from './legal-texts.ts';
import type { MemberValues } from './schema-report.ts';

/** Brand and market of clients, by id; unknown ones are left out. */
export type SitesOf = (
  ids: readonly string[],
) => Promise<ReadonlyMap<string, { brand: string; market: string | undefined }>>;

/** What checking takes. */
export interface CheckDeps {
  db: Pick<Database, 'main'>;
  surroundings: Surroundings;
  sitesOf: SitesOf;
  /** What is known of members' values. */
  values: MemberValues;
}

/**
 * Everything that is wrong with items that are to go live.
 * @param deps databases, surroundings, clients
 * @param items every item
 */
export async function faultsOf(deps: Omit<CheckDeps, 'values'>, items: Items): Promise<ConfigurationFault[]> {
  const sites = sitesAmong(items.keys());
  const [known, published] = await Promise.all([
    sites.length > 0 ? deps.sitesOf(sites) : new Map(),
    publishedHashes(deps.db, items),
  ]);
  const around: Surroundings = {
    ...deps.surroundings,
    siteOf: (id) => known.get(id),
    publishedHash: (document, version, language) =>
      published.get(legalTextId({ document, version, language })),
  };
  return configurationFaultsInTurns(items, around, () => setImmediate());
}

/**
 * Refuses items that cannot go live.
 * @param deps databases, surroundings, clients
 * @param items every item
 * @throws ConfigurationRefused with every fault
 */
export async function refuseFaults(deps: Omit<CheckDeps, 'values'>, items: Items): Promise<void> {
  const faults = await faultsOf(deps, items);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
}
