/** The file docs/openapi/configuration.json, from the routes themselves. */
import { openApiFile } from '../../base/http/openapi-route.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { configurationApi, configurationRoutes } from './routes.ts';

/** The OpenAPI document, for an issuer at an example address. */
export function configurationApiDoc(): string {
  const issuer = 'https://id.example.com';
  // The routes are only described here, never run.
  const routes = configurationRoutes({ issuer } as ConfigurationApiDeps);
  return openApiFile(configurationApi(issuer), routes);
}
