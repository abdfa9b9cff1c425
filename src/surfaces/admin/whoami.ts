/** Who calls: what a token opens, for whoever wonders why something is refused. */
import { z } from 'zod';
import { callerOf } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { scopeNames } from '../../business/clients/api-scopes.ts';
import { staffGrant } from '../../people/staff/grants.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { powerOf } from './power.ts';

const answer = z.object({
  client: z.string().meta({ description: 'The client the token was issued to.' }),
  sub: z.string().nullable().meta({ description: 'Who signed in; null where the client acts for itself.' }),
  scopes: z.array(z.string()).meta({ description: 'What the token opens at this moment.' }),
  grants: z.array(staffGrant).meta({
    description: 'What the caller was granted as staff. Only what both scopes and grants allow can be done.',
  }),
});

/**
 * `GET /api/configuration/whoami`
 * @param deps modules
 */
export function whoami(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    name: 'configuration.whoami',
    method: 'GET',
    path: '/api/configuration/whoami',
    summary: 'Says who calls.',
    tag: 'caller',
    limiter: 'edge',
    auth: { api: 'configuration', scopes: scopeNames('configuration') },
    answers: { 200: answer },
    async handle(ctx) {
      const { clientId, memberId, scopes } = callerOf(ctx);
      const sub = memberId === undefined ? null : await deps.apiTokens.subjectFor(clientId, memberId);
      const { grants } = await powerOf(deps, ctx);
      return { status: 200, body: { client: clientId, sub, scopes: [...scopes], grants: [...grants] } };
    },
  });
}
