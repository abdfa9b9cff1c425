/** The layer of a new site: judged before anything is made, then drafted, and published where nobody must approve it. */
import { DomainError } from '../../base/kernel/errors.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import { itemFaults } from '../../business/layers/item-faults.ts';
import { sitePath } from '../../business/layers/item-path.ts';
import type { Json, JsonObject } from '../../business/layers/json.ts';
import { type CheckDeps, refuseFaults } from '../../business/releases/draft-check.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import type { Live } from '../../business/releases/live.ts';
import type { Target } from '../../business/releases/target.ts';
import type { Workflow } from '../../business/releases/workflow.ts';

/** What became of a site's layer. */
export interface LayerReport {
  /** `waiting`: somebody must approve the draft; `failed`: it stands as a draft and did not go live. */
  state: 'live' | 'waiting' | 'failed';
  draft: string;
  /** The release it went live with. */
  release?: string;
  /** Why it failed: an error code. */
  reason?: string;
}

/** A client that is to be a site. */
export interface NewSite {
  id: string;
  brand: string;
  /** The brand's usual one when undefined. */
  market: string | undefined;
}

/** What putting a layer takes. */
export interface LayerDeps extends Omit<CheckDeps, 'values'> {
  live: Pick<Live, 'current'>;
  workflow: Pick<Workflow, 'drafts' | 'publishing'>;
}

/**
 * Judges a layer as if the client were there already.
 * @param deps what is live, what configurations are judged against
 * @param site the client to be
 * @param layer its layer
 * @throws ConfigurationRefused with every fault
 */
export async function checkLayer(deps: LayerDeps, site: NewSite, layer: Json): Promise<void> {
  const path = sitePath(site.id);
  const own = itemFaults(path, layer);
  if (own.length > 0) throw new ConfigurationRefused(own);
  const { base } = placeOf(deps, site);
  const items = new Map(base.configuration.items).set(path, layer as JsonObject);
  const sitesOf: LayerDeps['sitesOf'] = async (ids) =>
    new Map([...(await deps.sitesOf(ids)), [site.id, { brand: site.brand, market: site.market }]]);
  await refuseFaults({ ...deps, sitesOf }, items);
}

/**
 * Drafts a layer and publishes it.
 * @param deps drafts, publishing
 * @param site the client
 * @param change its layer, and why
 * @param who in whose name
 */
export async function putLayer(
  deps: LayerDeps,
  site: NewSite,
  { layer, message }: { layer: Json; message: string },
  who: Who,
): Promise<LayerReport> {
  const { drafts, publishing } = deps.workflow;
  const { target, base } = placeOf(deps, site);
  const opened = await drafts.open({ message, target, base: base.release.id }, who);
  try {
    const edited = await drafts.edit(opened, [{ item: sitePath(site.id), put: layer }], who);
    const submitted = await drafts.submit(edited, who);
    if (submitted.state !== 'approved') return { state: 'waiting', draft: submitted.id };
    const { publication } = await publishing.publish(submitted, {}, who);
    return { state: 'live', draft: submitted.id, release: publication.release };
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    return { state: 'failed', draft: opened.id, reason };
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof DomainError) return error.code;
  return error instanceof ConfigurationRefused ? 'configuration.refused' : undefined;
}

/** A site is seen in its own market only: where parts of the program have releases of their own, theirs stay. */
function placeOf({ live }: Pick<LayerDeps, 'live'>, { brand, market }: NewSite) {
  const now = live.current();
  const usual = now.all.configuration.brands.get(brand)?.defaultMarket ?? '';
  const here = market ?? usual;
  const target: Target = now.own.length === 0 ? 'all' : { regions: [], markets: [here] };
  return { target, base: now.of(here) };
}
