/** The life of a configuration change: drafted, approved, published, looked back on. Joins what this module has for it. */

import type { ConfigurationFault } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { type Comparisons, createComparisons } from './comparisons.ts';
import { type CheckDeps, faultsOf } from './draft-check.ts';
import { type WarningDeps, warningsOf } from './draft-warnings.ts';
import type { DraftWriteDeps } from './draft-writes.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { createExplanations, type Explanations } from './explain.ts';
import { createHistory, type History } from './history.ts';
import { createPublishing, type Publishing } from './publishing.ts';
import type { Releases } from './releases.ts';
import { type MemberValues, orphanNames, unknownValues } from './schema-report.ts';
import { type Standing, unknownStanding } from './standing.ts';
import { sweepContents } from './sweep.ts';
import { liveAt, type Target } from './target.ts';

/** The life of a configuration change as other modules see it. */
export interface Workflow {
  drafts: Drafts;
  publishing: Publishing;
  history: History;
  comparisons: Comparisons;
  explanations: Explanations;
  /** Everything that is wrong with items that are to go live, as a publication would judge them. */
  faultsOf(items: Items): Promise<ConfigurationFault[]>;
  /** What they name that nobody has made yet. */
  warningsOf(items: Items): Promise<ConfigurationFault[]>;
  /** Attributes that members have values of and that would go or become another type if items went live at a target. */
  orphansOf(items: Items, target: Target): Promise<string[]>;
  /** Removes contents that drafts have left behind: the recurring job. */
  sweepContents(keepAlive?: () => Promise<void>): Promise<number>;
  /** Tells what members have, once there is somebody who knows; until then every attribute may have values. */
  knowValues(values: MemberValues): void;
  /** Tells who may approve and who answers for machines; until then nobody may approve. */
  knowStanding(standing: Standing): void;
}

/** What the workflow is made of. */
export interface WorkflowDeps extends DraftWriteDeps, WarningDeps, Omit<CheckDeps, 'db' | 'values'> {
  releases: Releases;
}

/**
 * Joins the workflow.
 * @param given databases, clock, ids, events, the releases, what configurations are judged against
 */
export function createWorkflow(given: WorkflowDeps): Workflow {
  let known = unknownValues;
  const values: MemberValues = {
    hasValues: (attribute) => known.hasValues(attribute),
    countFailing: (attribute, definition) => known.countFailing(attribute, definition),
  };
  let told = unknownStanding;
  const standing: Standing = {
    mayApprove: (by, items) => told.mayApprove(by, items),
    answerFor: (machine) => told.answerFor(machine),
  };
  const deps = { ...given, values, standing, live: given.releases.live, store: given.releases.store };
  return {
    drafts: createDrafts(deps),
    publishing: createPublishing(deps),
    history: createHistory(deps),
    comparisons: createComparisons(deps),
    explanations: createExplanations(deps),
    faultsOf: (items) => faultsOf(deps, items),
    warningsOf: (items) => warningsOf(deps, items),
    orphansOf(items, target) {
      const live = deps.live.current();
      const { configuration: from } = liveAt(target, live)[0] ?? live.all;
      return orphanNames({ from, items, target, sitesOf: deps.sitesOf }, values);
    },
    sweepContents: (keepAlive) => sweepContents(deps, keepAlive),
    knowValues(those) {
      known = those;
    },
    knowStanding(of) {
      told = of;
    },
  };
}
