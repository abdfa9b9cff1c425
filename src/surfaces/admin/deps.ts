/** What the Configuration API is made of: modules of the layers below, joined by compose-apis.ts. */
import type { Staff } from '../../people/staff/staff.ts';
import type { ApiTokens } from '../../protocol/oidc/api-tokens.ts';

/** What the Configuration API is made of. */
export interface ConfigurationApiDeps {
  issuer: string;
  apiTokens: Pick<ApiTokens, 'subjectFor'>;
  staff: Pick<Staff, 'grantsOf'>;
}
