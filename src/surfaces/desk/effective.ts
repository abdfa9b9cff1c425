/** What a configuration comes to for a place, and where each value comes from: which place, which configuration. */
import { quoted } from '../../base/http/document-faults.ts';
import { DocumentError } from '../../base/kernel/errors.ts';
import { type Configuration, openConfiguration } from '../../business/layers/configuration.ts';
import { placePath } from '../../business/layers/item-path.ts';
import type { Explained } from '../../business/releases/explain.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Acting } from './acting.ts';
import { draftFor } from './draft-sight.ts';
import type { PlacesDeps } from './places.ts';
import { seeingFaults } from './sight.ts';

/** A place as somebody asks for it. */
export interface PlaceQuery {
  /** Without it, that of the site or the program's usual one. */
  brand?: string | undefined;
  /** Without it, that of the site or the brand's usual one. */
  market?: string | undefined;
  /** A site. */
  client_id?: string | undefined;
}

/** A brand in a market, or one of its sites. */
export interface AskedPlace {
  brand: string;
  market: string;
  site: string | undefined;
}

/**
 * The place that is asked for. A site stands where its client does: whoever may read it reads no other brand or market
 * by naming these beside it.
 * @param deps clients
 * @param configuration which brands and markets there are
 * @param query as asked
 * @throws DocumentError `field.invalid` for what there is not
 */
export async function placeIn(
  { clients }: Pick<PlacesDeps, 'clients'>,
  { program, brands, markets }: Configuration,
  query: PlaceQuery,
): Promise<AskedPlace> {
  const site = query.client_id;
  const known = site === undefined ? undefined : (await clients.sitesOf([site])).get(site);
  if (site !== undefined && !known) throw queryFault('client_id', 'the id of a client', quoted(site));
  const brand = query.brand ?? known?.brand ?? program.defaultBrand;
  const market = query.market ?? known?.market ?? brands.get(brand)?.defaultMarket ?? '';
  if (known && known.brand !== brand) throw queryFault('brand', 'the brand of the site', quoted(brand));
  if (known?.market !== undefined && known.market !== market)
    throw queryFault('market', 'the market of the site', quoted(market));
  if (!brands.has(brand)) throw queryFault('brand', oneOf(brands), quoted(brand));
  if (!markets.has(market)) throw queryFault('market', oneOf(markets), quoted(market));
  return { brand, market, site };
}

/**
 * The configuration that is asked for: that of a release or a draft; undefined for what is live.
 * @param deps history and drafts
 * @param acting says what they may read of a draft's faults
 * @param asked id of a release or of a draft
 * @throws DocumentError for both; DomainError `permission.missing`; ConfigurationRefused; DomainError `release.unknown`, `draft.unknown`
 */
export async function configurationFor(
  deps: PlacesDeps & { workflow: Pick<Workflow, 'history' | 'drafts'> },
  acting: Acting,
  { release, draft }: { release?: string | undefined; draft?: string | undefined },
): Promise<Configuration | undefined> {
  if (release !== undefined && draft !== undefined)
    throw queryFault('draft', 'a release or a draft, not both', 'both');
  acting.requireSome('read');
  const { workflow } = deps;
  if (release !== undefined) return openConfiguration((await workflow.history.release(release)).items);
  if (draft === undefined) return undefined;
  await draftFor(deps, acting, draft);
  // What is not right as a whole has no effective values: its faults are told instead.
  return openConfiguration((await seeingFaults(acting, () => workflow.drafts.outcome(draft))).items);
}

/**
 * Where the effective values of a place come from, for somebody who may read it.
 * @param deps clients, what is live, explanations
 * @param acting who
 * @param query the place, and at and below which key
 * @throws DocumentError as {@link placeIn}; DomainError as `Acting.require`
 */
export async function explainFor(
  deps: PlacesDeps & { workflow: Pick<Workflow, 'explanations'> },
  acting: Acting,
  query: PlaceQuery & { key?: string | undefined },
): Promise<{ place: AskedPlace; values: Explained[] }> {
  const place = await placeIn(deps, deps.releases.live.current().all.configuration, query);
  await acting.require('read', [placePath(place)]);
  return { place, values: await deps.workflow.explanations.explain(place, query.key) };
}

function oneOf(known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()];
  return `one of ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
}

function queryFault(field: string, expected: string, got: string): DocumentError {
  return new DocumentError([{ path: `/${field}`, in: 'query', code: 'field.invalid', expected, got }]);
}
