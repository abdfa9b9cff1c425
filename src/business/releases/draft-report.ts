/** What publishing a draft would meet: another release at its target, keys that were changed there too, faults. */
import { openConfiguration } from '../layers/configuration.ts';
import type { ConfigurationFault } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { type MergeConflict, withChanges } from '../layers/merge-items.ts';
import { type CheckDeps, faultsOf } from './draft-check.ts';
import { type ContentDeps, changesOf, mergedOnto, ontoOf, releaseById } from './draft-content.ts';
import { type WarningDeps, warningsOf } from './draft-warnings.ts';
import type { StoredDraft } from './model.ts';
import type { LoadedRelease } from './release-store.ts';
import { type SchemaChange, schemaReport } from './schema-report.ts';
import { targetOf } from './target.ts';

/** What a draft comes to. */
export interface DraftOutcome {
  /** What is live at the target; the draft's own base where its changes cannot be applied to that. */
  from: LoadedRelease;
  /** Every item as it would go live. */
  items: Items;
  /** Whether something else is live at the target than the draft began with. */
  stale: boolean;
  conflicts: readonly MergeConflict[];
}

/** What is to be known of a draft before it is published. */
export interface DraftReport {
  /** Whether something else is live at the target than the draft began with. */
  stale: boolean;
  /** Keys that were changed there as well: `rebase` decides which side counts. */
  conflicts: readonly MergeConflict[];
  /** What is wrong with the configuration that would go live. */
  faults: readonly ConfigurationFault[];
  /** What it names that nobody has made yet; stands in nobody's way. */
  warnings: readonly ConfigurationFault[];
}

/**
 * What publishing a draft would meet.
 * @param deps store, what is live, what configurations are judged against
 * @param draft as stored
 */
export async function reportOn(
  deps: CheckDeps & ContentDeps & WarningDeps,
  draft: StoredDraft,
): Promise<DraftReport> {
  const { items, ...judged } = await judgedOutcome(deps, draft);
  return { ...judged, warnings: await warningsOf(deps, items) };
}

/**
 * What stands in the way of publishing a draft.
 * @param deps store, what is live, what configurations are judged against
 * @param draft as stored
 */
export async function judgedOutcome(
  deps: CheckDeps & ContentDeps,
  draft: StoredDraft,
): Promise<Omit<DraftReport, 'warnings'> & Pick<DraftOutcome, 'items'>> {
  const { items, stale, conflicts } = await outcomeOf(deps, draft);
  return { items, stale, conflicts, faults: await faultsOf(deps, items) };
}

/**
 * What a draft would do to the values that members have of attributes, counted.
 * @param deps store, what is live, what is known of members' values
 * @param draft as stored; right as a whole
 */
export async function schemaOf(deps: CheckDeps & ContentDeps, draft: StoredDraft): Promise<SchemaChange[]> {
  const { from, items } = await outcomeOf(deps, draft);
  const target = targetOf(draft.target);
  const question = { from: openConfiguration(from.items), items, target, sitesOf: deps.sitesOf };
  return schemaReport(question, deps.values);
}

/**
 * What a draft comes to at its target.
 * @param deps store, what is live
 * @param draft as stored
 */
export async function outcomeOf(deps: ContentDeps, draft: StoredDraft): Promise<DraftOutcome> {
  const onto = await releaseById(deps, ontoOf(draft, targetOf(draft.target), deps.live.current()));
  const { changes, conflicts } = await mergedOnto(deps, draft, onto);
  const stale = onto.id !== draft.base;
  if (conflicts.length === 0)
    return { from: onto, items: withChanges(onto.items, changes), stale, conflicts };
  // With conflicts there is no telling what would go live: the draft is taken as its author sees it.
  const from = await releaseById(deps, draft.base);
  return { from, items: withChanges(from.items, await changesOf(deps, draft)), stale, conflicts };
}
