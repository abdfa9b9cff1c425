/**
 * The Account API: what apps and sites call with the member's own token to read and change profile, preferences,
 * consents and answers, and what named servers call to write the attributes they own. Owns addresses and shapes; acts
 * for nobody but the member of the token. docs/apis.md says what holds for every route.
 */
import type { ApiDescription } from '../../base/http/openapi.ts';
import { withOpenApi } from '../../base/http/openapi-route.ts';
import type { Route } from '../../base/http/routes.ts';
import { englishErrorText } from '../../base/i18n/error-reference.ts';
import { scopeTexts } from '../../business/clients/api-scopes.ts';
import { consentRoutes } from './consents.ts';
import type { AccountApiDeps } from './deps.ts';
import { formApiRoutes } from './forms.ts';
import { ownedAttribute } from './owned-attributes.ts';
import { profileRoutes } from './profile.ts';
import { questionRoutes } from './questions.ts';
import { whoami } from './whoami.ts';

/**
 * What the API is, for its reference.
 * @param issuer the issuer's address
 */
export function accountApi(issuer: string): ApiDescription {
  return {
    name: 'account',
    title: 'Account API',
    description: 'Reads and changes what a loyalty program knows of a member, with the member’s own token.',
    issuer,
    scopes: scopeTexts('account'),
    errorText: englishErrorText,
    tags: {
      caller: 'Who calls, and what this API is.',
      profile: 'What the program knows of the member.',
      consents: 'What the member has agreed to.',
      questions: 'What the program would like to know of the member.',
      forms: 'What the program asks together, to be drawn natively.',
      members: 'For servers of the program: attributes they own.',
    },
  };
}

/**
 * Every route of the API.
 * @param deps modules
 */
export function accountApiRoutes(deps: AccountApiDeps): Route[] {
  return withOpenApi(accountApi(deps.issuer), [
    whoami(deps),
    ...profileRoutes(deps),
    ...consentRoutes(deps),
    ...questionRoutes(deps),
    ...formApiRoutes(deps),
    ownedAttribute(deps),
  ]);
}
