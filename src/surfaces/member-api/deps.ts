/** What the Account API is made of: modules of the layers below, joined by compose-apis.ts. */
import type { ApiTokens } from '../../protocol/oidc/api-tokens.ts';

/** What the Account API is made of. */
export interface AccountApiDeps {
  issuer: string;
  apiTokens: Pick<ApiTokens, 'subjectFor'>;
}
