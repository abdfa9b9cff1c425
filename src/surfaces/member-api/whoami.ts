/** Who calls: what a token opens, for whoever wonders why something is refused. */
import { z } from 'zod';
import { callerOf } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { scopeNames } from '../../business/clients/api-scopes.ts';
import type { AccountApiDeps } from './deps.ts';

const answer = z.object({
  client: z.string().meta({ description: 'The client the token was issued to.' }),
  sub: z
    .string()
    .nullable()
    .meta({ description: 'The member, as this client knows them; null where the client acts for itself.' }),
  scopes: z.array(z.string()).meta({ description: 'What the token opens at this moment.' }),
});

/**
 * `GET /api/account/whoami`
 * @param deps modules
 */
export function whoami(deps: AccountApiDeps): Route {
  return jsonRoute({
    name: 'account_api.whoami',
    method: 'GET',
    path: '/api/account/whoami',
    summary: 'Says who calls.',
    tag: 'caller',
    limiter: 'edge',
    auth: { api: 'account', scopes: scopeNames('account') },
    answers: { 200: answer },
    async handle(ctx) {
      const { clientId, memberId, scopes } = callerOf(ctx);
      const sub = memberId === undefined ? null : await deps.apiTokens.subjectFor(clientId, memberId);
      return { status: 200, body: { client: clientId, sub, scopes: [...scopes] } };
    },
  });
}
