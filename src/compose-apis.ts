/** The JSON APIs, joined on the modules below them. */
import { createIdempotencyKeys } from './base/http/idempotency-keys.ts';
import type { Route, RouteGuards } from './base/http/routes.ts';
import type { Core } from './compose-core.ts';
import { configurationRoutes } from './surfaces/admin/routes.ts';
import { accountApiRoutes } from './surfaces/member-api/routes.ts';

/** The JSON APIs as the application mounts them. */
export interface Apis {
  routes: Route[];
  guards: Pick<RouteGuards, 'authorize' | 'idempotencyKeys'>;
}

/**
 * Joins the APIs.
 * @param core the foundations
 */
export function composeApis(core: Core): Apis {
  const { clock, ids, db, keys, config } = core;
  return {
    routes: [
      ...accountApiRoutes({ issuer: config.issuer }),
      ...configurationRoutes({ issuer: config.issuer }),
    ],
    guards: {
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
