/** The JSON APIs, joined on the modules below them. */
import type { EdgeMiddleware } from './base/http/context.ts';
import { crossOrigin } from './base/http/cors.ts';
import { createIdempotencyKeys, type IdempotencyKeys } from './base/http/idempotency-keys.ts';
import type { ReencodeLogo } from './base/http/logo/logo.ts';
import type { Route, RouteGuards } from './base/http/routes.ts';
import type { I18n } from './base/i18n/i18n.ts';
import { createClientOrigins } from './business/clients/client-origins.ts';
import type { DryRuns } from './business/dry-runs/dry-runs.ts';
import type { Core } from './compose-core.ts';
import type { People } from './compose-people.ts';
import type { Oidc } from './protocol/oidc/oidc.ts';
import { configurationRoutes } from './surfaces/admin/routes.ts';
import { accountApiRoutes } from './surfaces/member-api/routes.ts';
import type { Sites } from './surfaces/sites/new-site.ts';

/** The JSON APIs as the application mounts them. */
export interface Apis {
  routes: Route[];
  guards: Pick<RouteGuards, 'authorize'> & { idempotencyKeys: IdempotencyKeys };
  crossOrigin: EdgeMiddleware;
}

/**
 * Joins the APIs.
 * @param core the foundations
 * @param shared the protocol, people, texts, dry runs, sites, what makes logos
 */
export function composeApis(
  core: Core,
  shared: {
    oidc: Oidc;
    people: People;
    i18n: I18n;
    dryRuns: DryRuns;
    sites: Sites;
    reencodeLogo: ReencodeLogo;
  },
): Apis {
  const { clock, ids, db, keys, config } = core;
  const { apiTokens } = shared.oidc;
  return {
    routes: [
      ...accountApiRoutes({
        issuer: config.issuer,
        db,
        clock,
        i18n: shared.i18n,
        apiTokens,
        experiences: core.experiences,
        purposes: core.purposes,
        members: shared.people.members,
        consents: shared.people.consents,
        questions: shared.people.questions,
        memberForms: shared.people.memberForms,
      }),
      ...configurationRoutes({
        issuer: config.issuer,
        apiTokens,
        staff: shared.people.staff,
        clients: core.clients,
        releases: core.releases,
        workflow: core.workflow,
        dryRuns: shared.dryRuns,
        sites: shared.sites,
        reencodeLogo: shared.reencodeLogo,
      }),
    ],
    crossOrigin: crossOrigin({
      prefix: '/api/account/',
      isKnown: createClientOrigins({ connection: db.main, clock }).isKnown,
    }),
    guards: {
      authorize: apiTokens.authorize,
      idempotencyKeys: createIdempotencyKeys({
        connection: db.main,
        clock,
        ids,
        hmacKey: keys.secret('codes'),
        sealer: keys.sealer('outbox'),
      }),
    },
  };
}
