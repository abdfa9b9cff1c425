/** What a configuration comes to for a brand in a market and its sites, and where each value comes from. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { effectiveJson } from '../../business/layers/diff.ts';
import { placePath } from '../../business/layers/item-path.ts';
import { configurationFor, explainFor, placeIn } from '../desk/effective.ts';
import { tellingFaults } from '../desk/refusals.ts';
import { reading, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
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
    errors: [
      'permission.missing',
      'release.unknown',
      'draft.unknown',
      'draft.contents_gone',
      'configuration.refused',
    ],
    handle: (ctx, { query }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        const asked = await configurationFor(deps, acting, query);
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
      const { place, values: found } = await explainFor(deps, acting, query);
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
