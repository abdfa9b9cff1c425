/** What a configuration comes to for a brand in a market and its sites, and where each value comes from. */
import { z } from 'zod';
import { quoted } from '../../base/http/document-faults.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DocumentError } from '../../base/kernel/errors.ts';
import { type Configuration, openConfiguration } from '../../business/layers/configuration.ts';
import { effectiveJson } from '../../business/layers/diff.ts';
import { placePath } from '../../business/layers/item-path.ts';
import { reading, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { tellingFaults } from './refusals.ts';
import { draftId, releaseId, releaseShape } from './shapes.ts';
import { releaseView } from './views.ts';

const name = z.string().min(1).max(64);
const placeQuery = {
  brand: name.optional().meta({ description: 'Without it, that of the site or the program’s usual one.' }),
  market: name.optional().meta({ description: 'Without it, that of the site or the brand’s usual one.' }),
  client_id: name.optional().meta({ description: 'A site.' }),
};
const placeShape = { brand: z.string(), market: z.string(), client_id: z.string().nullable() };
const common = { tag: 'experience', limiter: 'edge', auth: reading } as const;

interface PlaceQuery {
  brand?: string | undefined;
  market?: string | undefined;
  client_id?: string | undefined;
}

/**
 * The routes about effective values.
 * @param deps modules
 */
export function experienceRoutes(deps: ConfigurationApiDeps): Route[] {
  return [experience(deps), explain(deps)];
}

function experience(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.experience',
    method: 'GET',
    path: `${root}/experience`,
    summary:
      'The effective values of a brand in a market or of a site: what is live there, in a release or in a draft.',
    input: {
      query: z.object({ ...placeQuery, release: releaseId.optional(), draft: draftId.optional() }),
    },
    answers: { 200: z.object({ ...placeShape, values: z.looseObject({}) }) },
    errors: ['permission.missing', 'release.unknown', 'draft.unknown', 'configuration.refused'],
    handle: (ctx, { query }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        const asked = await configurationFor(deps, query);
        const place = await placeIn(deps, asked ?? deps.releases.live.current().all.configuration, query);
        await acting.require('read', [placePath(place)]);
        const configuration = asked ?? deps.releases.live.current().of(place.market).configuration;
        const values = { ...effectiveJson(configuration, place) };
        const { brand, market, site } = place;
        return { status: 200 as const, body: { brand, market, client_id: site ?? null, values } };
      }),
  });
}

function explain(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.explain',
    method: 'GET',
    path: `${root}/explain`,
    summary: 'Where each effective value comes from: which layer, which release, who, when.',
    input: {
      query: z.object({
        ...placeQuery,
        key: z
          .string()
          .max(300)
          .optional()
          .meta({ description: 'Such as `password` or `password.minLength`.' }),
      }),
    },
    answers: {
      200: z.object({
        ...placeShape,
        values: z.array(
          z.object({
            key: z.string(),
            value: z.unknown(),
            item: z
              .string()
              .nullable()
              .meta({ description: 'The layer; null for what holds when none says so.' }),
            release: releaseShape.nullable().meta({ description: 'In which the layer first said so.' }),
            orEarlier: z
              .boolean()
              .meta({ description: 'It may have been said in an older release already.' }),
          }),
        ),
      }),
    },
    errors: ['permission.missing'],
    async handle(ctx, { query }) {
      const acting = await actingIn(deps, ctx);
      const place = await placeIn(deps, deps.releases.live.current().all.configuration, query);
      await acting.require('read', [placePath(place)]);
      const found = await deps.workflow.explanations.explain(place, query.key);
      const values = await Promise.all(
        found.map(async ({ key, value, item, release, orEarlier }) => ({
          key,
          value,
          item: item ?? null,
          release: release ? await releaseView(release, acting) : null,
          orEarlier,
        })),
      );
      const { brand, market, site } = place;
      return { status: 200, body: { brand, market, client_id: site ?? null, values } };
    },
  });
}

/** That of a release or a draft; undefined for what is live. */
async function configurationFor(
  { workflow }: ConfigurationApiDeps,
  { release, draft }: { release?: string | undefined; draft?: string | undefined },
): Promise<Configuration | undefined> {
  if (release !== undefined && draft !== undefined)
    throw queryFault('draft', 'a release or a draft, not both', 'both');
  if (release !== undefined) return openConfiguration((await workflow.history.release(release)).items);
  if (draft === undefined) return undefined;
  // What is not right as a whole has no effective values: its faults are told instead.
  return openConfiguration((await workflow.drafts.outcome(draft)).items);
}

async function placeIn(
  { clients }: ConfigurationApiDeps,
  { program, brands, markets }: Configuration,
  query: PlaceQuery,
): Promise<{ brand: string; market: string; site: string | undefined }> {
  const site = query.client_id;
  const known = site === undefined ? undefined : (await clients.sitesOf([site])).get(site);
  if (site !== undefined && !known) throw queryFault('client_id', 'the id of a client', quoted(site));
  const brand = query.brand ?? known?.brand ?? program.defaultBrand;
  const market = query.market ?? known?.market ?? brands.get(brand)?.defaultMarket ?? '';
  if (!brands.has(brand)) throw queryFault('brand', oneOf(brands), quoted(brand));
  if (!markets.has(market)) throw queryFault('market', oneOf(markets), quoted(market));
  return { brand, market, site };
}

function oneOf(known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()];
  return `one of ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
}

function queryFault(field: string, expected: string, got: string): DocumentError {
  return new DocumentError([{ path: `/${field}`, in: 'query', code: 'field.invalid', expected, got }]);
}
