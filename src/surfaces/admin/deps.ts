/** What the Configuration API is made of: modules of the layers below, joined by compose-apis.ts. */
import type { ReencodeLogo } from '../../base/http/logo/logo.ts';
import type { Clients } from '../../business/clients/clients.ts';
import type { DryRuns } from '../../business/dry-runs/dry-runs.ts';
import type { Releases } from '../../business/releases/releases.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Staff } from '../../people/staff/staff.ts';
import type { ApiTokens } from '../../protocol/oidc/api-tokens.ts';
import type { Sites } from '../sites/new-site.ts';

/** What the Configuration API is made of. */
export interface ConfigurationApiDeps {
  issuer: string;
  apiTokens: Pick<ApiTokens, 'subjectFor'>;
  staff: Pick<Staff, 'grantsOf'>;
  clients: Pick<Clients, 'sitesOf'>;
  releases: Pick<Releases, 'live' | 'store'>;
  workflow: Workflow;
  dryRuns: DryRuns;
  sites: Pick<Sites, 'add'>;
  reencodeLogo: ReencodeLogo;
}
