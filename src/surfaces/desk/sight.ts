/** What somebody sees of differences, checks and dry runs: as far as they may read the items these are about. */

import { type DryRunReport, type Replayed, whatChanges } from '../../business/dry-runs/dry-run.ts';
import type { DryRuns } from '../../business/dry-runs/dry-runs.ts';
import type { Where } from '../../business/layers/diff.ts';
import { type ConfigurationFault, ConfigurationRefused } from '../../business/layers/fault.ts';
import { brandMarketPath, placePath } from '../../business/layers/item-path.ts';
import type { Comparison } from '../../business/releases/comparisons.ts';
import type { DraftReport } from '../../business/releases/draft-report.ts';
import type { Drafts } from '../../business/releases/drafts.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Acting } from './acting.ts';
import { type DraftSightDeps, draftFor } from './draft-sight.ts';

/** A difference as far as somebody may read it. */
export interface SeenComparison extends Comparison {
  /** Items that differ and that they may not read. */
  hidden: number;
}

/**
 * A difference, as far as somebody may read it.
 * @param comparison the difference
 * @param acting says what they may read
 */
export async function seenComparison(
  { from, items, effective }: Comparison,
  acting: Acting,
): Promise<SeenComparison> {
  const places = effective
    ? [...effective.changes.flatMap(({ where }) => where), ...effective.added, ...effective.removed]
    : [];
  const readable = await acting.allowed('read', [
    ...items.map(({ item }) => item),
    ...new Set(places.map(placePath)),
  ]);
  const seen = (all: readonly Where[]) => all.filter((place) => readable.has(placePath(place)));
  const kept = items.filter(({ item }) => readable.has(item));
  return {
    from,
    items: kept,
    effective: effective && {
      changes: effective.changes.flatMap((change) => {
        const where = seen(change.where);
        return where.length > 0 ? [{ ...change, where }] : [];
      }),
      added: seen(effective.added),
      removed: seen(effective.removed),
    },
    hidden: items.length - kept.length,
  };
}

/**
 * What publishing a draft would meet, conflicts in items that somebody may not read left out, and their faults as
 * {@link seenFaults} tells them.
 * @param report what it would meet
 * @param acting says what they may read
 */
export async function seenReport(report: DraftReport, acting: Acting): Promise<DraftReport> {
  const readable = await acting.allowed(
    'read',
    report.conflicts.map(({ item }) => item),
  );
  return {
    ...report,
    conflicts: report.conflicts.filter(({ item }) => readable.has(item)),
    faults: await seenFaults(report.faults, acting),
    warnings: await seenWarnings(report.warnings, acting),
  };
}

const notToBeRead = 'something that you may not read';

/**
 * Faults, as far as somebody may read the items they are in: of any other item only that it has one, so that whoever
 * has broken something of others learns it, and nobody learns what stands there.
 * @param faults what is wrong
 * @param acting says what they may read
 */
export async function seenFaults(
  faults: readonly ConfigurationFault[],
  acting: Pick<Acting, 'allowed'>,
): Promise<ConfigurationFault[]> {
  const readable = await acting.allowed('read', [...new Set(faults.map(({ item }) => item))]);
  const seen = faults.map((fault) =>
    readable.has(fault.item) ? fault : { ...fault, key: '', expected: notToBeRead, got: notToBeRead },
  );
  return [...new Map(seen.map((fault) => [JSON.stringify(fault), fault])).values()];
}

/** Of what stands in nobody's way only what is in items that somebody may read. */
async function seenWarnings(
  warnings: readonly ConfigurationFault[],
  acting: Pick<Acting, 'allowed'>,
): Promise<ConfigurationFault[]> {
  const readable = await acting.allowed('read', [...new Set(warnings.map(({ item }) => item))]);
  return warnings.filter(({ item }) => readable.has(item));
}

/**
 * Does something with a draft or release that somebody need not be allowed to read as a whole.
 * @param acting says what they may read
 * @param work what is done
 * @throws ConfigurationRefused with faults as {@link seenFaults} tells them, and whatever else `work` throws
 */
export async function seeingFaults<T>(acting: Pick<Acting, 'allowed'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new ConfigurationRefused(await seenFaults(error.faults, acting));
  }
}

/** What a dry run says, and what its configuration names that nobody has made yet. */
export interface SeenDryRun extends DryRunReport {
  warnings: readonly ConfigurationFault[];
}

/**
 * Runs a draft dry, and leaves out the journeys of brands and markets that somebody may not read.
 * @param deps drafts and dry runs
 * @param acting says what they may read
 * @param id of the draft
 * @param sources made-up journeys, really made ones, or both when undefined
 * @throws ConfigurationRefused; DomainError `permission.missing`, `draft.unknown`
 */
export async function dryRunOf(
  deps: DraftSightDeps & {
    workflow: Pick<Workflow, 'warningsOf'> & { drafts: Pick<Drafts, 'outcome'> };
    dryRuns: DryRuns;
  },
  acting: Acting,
  id: string,
  sources?: readonly Replayed['source'][],
): Promise<SeenDryRun> {
  acting.requireSome('read');
  const { drafts } = deps.workflow;
  const [{ target }, { items }] = await Promise.all([
    draftFor(deps, acting, id),
    seeingFaults(acting, () => drafts.outcome(id)),
  ]);
  const { changed, summary } = await deps.dryRuns.run(items, target, sources);
  const pathOf = ({ journey: { brand, market } }: Pick<Replayed, 'journey'>) =>
    brandMarketPath(brand, market);
  const readable = await acting.allowed('read', [...new Set(changed.map(pathOf))]);
  const seen = changed.filter((each) => readable.has(pathOf(each)));
  const warnings = await seenWarnings(await deps.workflow.warningsOf(items), acting);
  return { changed: seen, summary: { ...summary, ...whatChanges(seen) }, warnings };
}
