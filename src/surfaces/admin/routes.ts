/**
 * The Configuration API: what brand and market managers, consoles and pipelines call to read, change, check, approve
 * and publish the program's configuration. Owns addresses, shapes and the question of who may; decides nothing that a
 * module below should decide. docs/apis.md says what holds for every route.
 */
import type { ApiDescription } from '../../base/http/openapi.ts';
import { withOpenApi } from '../../base/http/openapi-route.ts';
import type { Route } from '../../base/http/routes.ts';
import { englishErrorText } from '../../base/i18n/error-reference.ts';
import { scopeTexts } from '../../business/clients/api-scopes.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { whoami } from './whoami.ts';

/**
 * What the API is, for its reference.
 * @param issuer the issuer's address
 */
export function configurationApi(issuer: string): ApiDescription {
  return {
    name: 'configuration',
    title: 'Configuration API',
    description:
      'Reads and changes the configuration of a loyalty program: brands, markets, sites, forms, texts and rules.',
    issuer,
    scopes: scopeTexts('configuration'),
    errorText: englishErrorText,
    tags: { caller: 'Who calls, and what this API is.' },
  };
}

/**
 * Every route of the API.
 * @param deps modules
 */
export function configurationRoutes(deps: ConfigurationApiDeps): Route[] {
  return withOpenApi(configurationApi(deps.issuer), [whoami(deps)]);
}
