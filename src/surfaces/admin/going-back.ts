/** Going back: an earlier release at a place, or everything as it was before the last publication. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { rollBackBy, undoBy } from '../desk/going-back.ts';
import { tellingFaults } from '../desk/refusals.ts';
import { publishing, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';

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
        const publication = await rollBackBy(deps, acting, body);
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
        const publication = await undoBy(deps, acting, body);
        return { status: 200 as const, body: await publicationView(publication, acting) };
      }),
  });
}
