/** What a configuration names that nobody has made yet, as far as only the database can tell. Never refuses anything. */
import type { ConfigurationFault } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { clientsNamed, unknownClients } from '../layers/mention-faults.ts';
import type { SitesOf } from './draft-check.ts';

/** What warning takes. */
export interface WarningDeps {
  sitesOf: SitesOf;
  /** Ids of registered clients, so many at the most. */
  clientIds(most: number): Promise<string[]>;
}

/** So many ids are looked through for the one that was probably meant. */
const mostIds = 1_000;

/**
 * Every place that names a client nobody has registered.
 * @param deps what the clients know
 * @param items every item
 */
export async function warningsOf(deps: WarningDeps, items: Items): Promise<ConfigurationFault[]> {
  const named = clientsNamed(items);
  if (named.length === 0) return [];
  const registered = new Set((await deps.sitesOf(named)).keys());
  const isComplete = named.every((id) => registered.has(id));
  return isComplete ? [] : unknownClients(items, registered, await deps.clientIds(mostIds));
}
