/**
 * Whether what a draft comes to can go live, judged against what the database knows: legal texts that were published
 * before, and the clients that are sites. Never changes a draft.
 */

import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { configurationFaultsInTurns, type Surroundings } from '../layers/check-configuration.ts';
import type { ConfigurationFault } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { sitesAmong } from '../layers/item-path.ts';
import { legalSources } from '../layers/legal-hashes.ts';
import { legalTextModel, type StoredLegalText } from './model.ts';
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

/** Most ids asked for in one command. */
const batch = 1_000;

/**
 * Everything that is wrong with items that are to go live.
 * @param deps databases, surroundings, clients
 * @param items every item
 */
export async function faultsOf(deps: Omit<CheckDeps, 'values'>, items: Items): Promise<ConfigurationFault[]> {
  const sites = sitesAmong(items.keys());
  const [known, published] = await Promise.all([
    sites.length > 0 ? deps.sitesOf(sites) : new Map(),
    publishedHashes(deps, items),
  ]);
  const around: Surroundings = {
    ...deps.surroundings,
    siteOf: (id) => known.get(id),
    publishedHash: (document, version, language) => published.get(`${document}:${version}:${language}`),
  };
  return configurationFaultsInTurns(items, around, () => setImmediate());
}

async function publishedHashes({ db }: Pick<CheckDeps, 'db'>, items: Items): Promise<Map<string, string>> {
  const ids = legalSources(items).map(
    ({ document, version, language }) => `${document}:${version}:${language}`,
  );
  const hashes = new Map<string, string>();
  for (let at = 0; at < ids.length; at += batch) {
    const rows = await legalTextModel(db.main)
      .find({ _id: trusted({ $in: ids.slice(at, at + batch) }) }, { hash: 1 })
      .lean<Pick<StoredLegalText, '_id' | 'hash'>[]>();
    for (const { _id, hash } of rows) hashes.set(_id, hash);
  }
  return hashes;
}
