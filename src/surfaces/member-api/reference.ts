/** The file docs/openapi/account.json, from the routes themselves. */
import { openApiFile } from '../../base/http/openapi-route.ts';
import type { AccountApiDeps } from './deps.ts';
import { accountApi, accountApiRoutes } from './routes.ts';

/** The OpenAPI document, for an issuer at an example address. */
export function accountApiDoc(): string {
  const issuer = 'https://id.example.com';
  // The routes are only described here, never run.
  const routes = accountApiRoutes({ issuer } as AccountApiDeps);
  return openApiFile(accountApi(issuer), routes);
}
