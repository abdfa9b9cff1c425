/** The life of a configuration change: drafted, approved, published, looked back on. Joins what this module has for it. */
import type { CheckDeps } from './draft-check.ts';
import type { DraftWriteDeps } from './draft-writes.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import type { Releases } from './releases.ts';

/** The life of a configuration change as other modules see it. */
export interface Workflow {
  drafts: Drafts;
}

/** What the workflow is made of. */
export interface WorkflowDeps extends DraftWriteDeps, CheckDeps {
  db: DraftWriteDeps['db'];
  releases: Releases;
}

/**
 * Joins the workflow.
 * @param deps databases, clock, ids, events, the releases, what configurations are judged against
 */
export function createWorkflow(deps: WorkflowDeps): Workflow {
  const { live, store } = deps.releases;
  return { drafts: createDrafts({ ...deps, live, store }) };
}
