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
import { draftItemRoutes } from './draft-items.ts';
import { draftStepRoutes } from './draft-steps.ts';
import { draftRoutes } from './drafts.ts';
import { dryRunRoute } from './dry-run.ts';
import { experienceRoutes } from './experience.ts';
import { goingBackRoutes } from './going-back.ts';
import { materialRoutes } from './materials.ts';
import { releaseRoutes } from './releases.ts';
import { siteRoute } from './sites.ts';
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
    tags: {
      releases: 'What is live and what was, and going back to it.',
      experience: 'What the layers come to for a brand in a market and its sites.',
      drafts: 'Changes on their way: drafted, checked, approved by others, published.',
      sites: 'New sites, at once.',
      materials: 'What authors of layers need besides.',
      caller: 'Who calls, and what this API is.',
    },
  };
}

/**
 * Every route of the API.
 * @param deps modules
 */
export function configurationRoutes(deps: ConfigurationApiDeps): Route[] {
  return withOpenApi(configurationApi(deps.issuer), [
    ...releaseRoutes(deps),
    ...goingBackRoutes(deps),
    ...experienceRoutes(deps),
    ...draftRoutes(deps),
    ...draftItemRoutes(deps),
    dryRunRoute(deps),
    ...draftStepRoutes(deps),
    siteRoute(deps),
    ...materialRoutes(deps),
    whoami(deps),
  ]);
}
