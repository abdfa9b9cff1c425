/** Going back: an earlier release at a place, or everything as it was before the last publication. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import type { LoadedRelease } from '../../business/releases/release-store.ts';
import { liesWithin, liveAt, type Target } from '../../business/releases/target.ts';
import { publishing, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { tellingFaults } from './refusals.ts';
import { publicationShape, releaseId, targetShape } from './shapes.ts';
import { publicationView } from './views.ts';

const reason = z.string().trim().min(1).max(500).meta({ description: 'For the record.' });
const common = {
  tag: 'releases',
  limiter: 'edge',
  method: 'POST',
  auth: publishing,
  idempotency: 'optional',
  answers: { 200: publicationShape },
} as const;

/**
 * The routes that go back.
 * @param deps modules
 */
export function goingBackRoutes(deps: ConfigurationApiDeps): Route[] {
  return [rollBack(deps), undo(deps)];
}

function rollBack(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.rollback',
    path: `${root}/rollback`,
    summary: 'Makes a release live again where it was before. Takes no second person.',
    input: { body: z.strictObject({ release: releaseId, target: targetShape.default('all'), reason }) },
    errors: [
      'permission.missing',
      'release.unknown',
      'release.never_live',
      'release.fewer_approvals',
      'target.unknown',
      'configuration.refused',
      'configuration.changed',
    ],
    handle: (ctx, { body }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        acting.requireSome('publish');
        const to = await deps.workflow.history.release(body.release);
        const changed = liveWithin(deps, body.target).flatMap((from) => itemsBetween(from, to));
        await acting.require('publish', [...new Set(changed)]);
        const publication = await deps.workflow.publishing.rollBack(body, acting.who);
        return { status: 200 as const, body: await publicationView(publication, acting) };
      }),
  });
}

function undo(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.undo',
    path: `${root}/undo`,
    summary: 'Undoes the last publication: everything that was live before it is live again.',
    input: { body: z.strictObject({ publication: z.string().min(1).max(100), reason }) },
    errors: [
      'permission.missing',
      'publication.not_last',
      'release.never_live',
      'release.fewer_approvals',
      'configuration.refused',
    ],
    handle: (ctx, { body }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        acting.requireSome('publish');
        await acting.require('publish', await undoneItems(deps));
        const publication = await deps.workflow.publishing.undo(body, acting.who);
        return { status: 200 as const, body: await publicationView(publication, acting) };
      }),
  });
}

/** Every release that is live at a target, what its parts have of their own included. */
function liveWithin({ releases }: ConfigurationApiDeps, target: Target): LoadedRelease[] {
  const live = releases.live.current();
  const { configuration } = live.all;
  const known =
    target === 'all'
      ? target
      : {
          regions: target.regions.filter((id) =>
            configuration.program.regions.some((each) => each.id === id),
          ),
          markets: target.markets.filter((id) => configuration.markets.has(id)),
        };
  const own = live.own.filter(({ kind, id }) => {
    const place = { regions: kind === 'region' ? [id] : [], markets: kind === 'market' ? [id] : [] };
    return liesWithin(place, known, configuration);
  });
  return [...new Set([...liveAt(known, live), ...own.map((each) => each.live)])].map(
    ({ release }) => release,
  );
}

/** The items that are different once the last publication is undone, wherever that is. */
async function undoneItems({ releases, workflow }: ConfigurationApiDeps): Promise<string[]> {
  const before = (await workflow.history.publication())?.before;
  if (!before) return [];
  const live = releases.live.current();
  const usual = live.all.release;
  const pairs: [LoadedRelease, string][] = [[usual, before.all]];
  for (const kind of ['region', 'market'] as const) {
    const then = new Map(before[`${kind}s`].map(({ id, release }) => [id, release]));
    const now = new Map(live.own.flatMap((own) => (own.kind === kind ? [[own.id, own.live.release]] : [])));
    for (const id of new Set([...then.keys(), ...now.keys()]))
      pairs.push([now.get(id) ?? usual, then.get(id) ?? before.all]);
  }
  const found = new Set<string>();
  for (const [from, id] of pairs) {
    if (from.id === id) continue;
    for (const item of itemsBetween(from, await workflow.history.release(id))) found.add(item);
  }
  return [...found];
}

function itemsBetween(from: LoadedRelease, to: LoadedRelease): string[] {
  const paths = new Set([...from.hashes.keys(), ...to.hashes.keys()]);
  return [...paths].filter((path) => from.hashes.get(path) !== to.hashes.get(path));
}
