/** The dry run of a draft: what members would meet differently if it went live. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { faultsShown, tellingFaults } from '../desk/refusals.ts';
import { dryRunOf } from '../desk/sight.ts';
import { reading, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { draftId, warningsShape } from './shapes.ts';

const source = z.enum(['synthetic', 'recorded']);
const count = z.int();
const share = { journeys: count, changed: count };

const reportShape = z.object({
  changed: z.array(
    z.object({
      name: z.string().meta({ description: 'The journey in one line.' }),
      source,
      count: count.meta({ description: 'How often it was really made; 1 for a made-up one.' }),
      journey: z.looseObject({ kind: z.string(), brand: z.string(), market: z.string() }),
      differences: z.array(
        z.object({
          path: z.string(),
          change: z.enum(['added', 'removed', 'changed']),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
        }),
      ),
    }),
  ),
  summary: z.object({
    synthetic: z.object({ ...share, of: count }),
    recorded: z.object({ ...share, people: count, changedPeople: count }),
    brands: z.array(z.string()),
    markets: z.array(z.string()),
    paths: z.array(z.object({ path: z.string(), journeys: count })),
  }),
  warnings: warningsShape,
});

/**
 * `POST /api/configuration/drafts/{id}/dry-run`
 * @param deps modules
 */
export function dryRunRoute(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    name: 'configuration.draft_dry_run',
    method: 'POST',
    path: `${root}/drafts/:id/dry-run`,
    summary:
      'Replays journeys against what is live and against the draft, and lists what changes for members.',
    tag: 'drafts',
    limiter: 'edge',
    auth: reading,
    input: {
      params: z.object({ id: draftId }),
      body: z.strictObject({
        sources: z
          .array(source)
          .min(1)
          .max(2)
          .optional()
          .meta({ description: 'Made-up journeys, those that people really made, or both (usual).' }),
      }),
    },
    answers: { 200: reportShape },
    errors: ['permission.missing', 'draft.unknown', 'draft.contents_gone', 'configuration.refused'],
    handle: (ctx, { params: { id }, body: { sources } }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        const { changed, summary, warnings } = await dryRunOf(deps, acting, id, sources);
        const shown = changed.map((each) => ({ ...each, journey: { ...each.journey } }));
        return {
          status: 200 as const,
          body: { changed: shown, summary, warnings: faultsShown(warnings) },
        };
      }),
  });
}
