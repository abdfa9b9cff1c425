/** What the console is made of: modules of the layers below, joined by compose.ts. */
import type { IdempotencyKeys } from '../../base/http/idempotency-keys.ts';
import type { KeptForms } from '../../base/http/kept-forms.ts';
import type { ReencodeLogo } from '../../base/http/logo/logo.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Clients } from '../../business/clients/clients.ts';
import type { DryRuns } from '../../business/dry-runs/dry-runs.ts';
import type { Releases } from '../../business/releases/releases.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Members } from '../../people/members/members.ts';
import type { Staff } from '../../people/staff/staff.ts';
import type { Pages } from '../pages/pages.ts';
import type { VisitorDeps } from '../pages/visitor.ts';
import type { Previews } from '../previews/previews.ts';

/** What the console is made of. */
export interface ConsoleDeps extends VisitorDeps {
  pages: Pick<Pages, 'place' | 'show'>;
  members: Pick<Members, 'get' | 'names'>;
  staff: Pick<Staff, 'grantsOf'>;
  clients: Pick<Clients, 'sitesOf'>;
  releases: Pick<Releases, 'live' | 'store'>;
  workflow: Workflow;
  dryRuns: DryRuns;
  i18n: Pick<I18n, 't'>;
  previews: Previews;
  reencodeLogo: ReencodeLogo;
  ids: Pick<Ids, 'id'>;
  /** So that a form that is sent twice does once what it says. */
  idempotencyKeys: IdempotencyKeys;
  /** So that nothing is lost when a sign-in has become too old while somebody was typing. */
  keptForms: KeptForms;
}
