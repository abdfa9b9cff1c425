/**
 * Going back: to a release that was live at a place before, or to what was live before the last publication. Takes no
 * second person, so that nobody waits while something is broken; it is recorded with its reason. Published legal texts
 * are kept: who agreed to one can still be shown it.
 */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Configuration } from '../layers/configuration.ts';
import { innermostOf, regionChain } from '../layers/region-chain.ts';
import { type CheckDeps, refuseFaults } from './draft-check.ts';
import { type ContentDeps, releaseById } from './draft-content.ts';
import type { DraftWriteDeps, Who } from './draft-writes.ts';
import { publicationModel, type StoredPublication } from './model.ts';
import type { LoadedRelease } from './release-store.ts';
import type { Releases } from './releases.ts';
import { approvalsNeeded } from './standing.ts';
import { checkTarget, liesWithin, type Target, targetOf } from './target.ts';

/** What going back takes. */
export type RollBackDeps = DraftWriteDeps & CheckDeps & ContentDeps & { releases: Releases };

/** A way back. */
export interface RollBack {
  /** A release that was live at the target before. */
  release: string;
  target: Target;
  /** Why, for the record. */
  reason: string;
  /** Version of what was live when it was decided; another one since then refuses it. */
  version?: number | undefined;
}

/**
 * Makes an earlier release live again; what its target had of its own ends.
 * @param deps databases, releases, what configurations are judged against
 * @param back which release, where, why
 * @param who who does it
 * @throws ConfigurationRefused; DomainError `release.unknown`, `release.never_live`, `release.fewer_approvals`,
 * `target.unknown`, `configuration.changed`
 */
export async function rollBack(deps: RollBackDeps, back: RollBack, who: Who): Promise<StoredPublication> {
  const { release, target, reason } = back;
  await deps.releases.live.reload();
  const live = deps.live.current();
  if (back.version !== undefined && back.version !== live.version)
    throw new DomainError('configuration.changed');
  checkTarget(target, live.all.configuration);
  const loaded = await releaseById(deps, release);
  const publications = await publicationModel(deps.db.main)
    .find({ release: loaded.id })
    .lean<StoredPublication[]>();
  // Live in one market is not live everywhere: going back never goes further than what was published once.
  if (!publications.some((each) => liesWithin(target, targetOf(each), live.all.configuration)))
    throw new DomainError('release.never_live');
  if (target === 'all') checkApprovals(deps, loaded, who);
  await checkItems(deps, loaded);
  return deps.releases.publish({
    release: loaded.id,
    target,
    by: who.by,
    expectedVersion: live.version,
    visit: who.visit,
    occasion: { kind: 'rollback', reason },
  });
}

/**
 * Undoes the last publication: everything that was live before it is live again.
 * @param deps databases, releases, what configurations are judged against
 * @param undo id of the publication, and why
 * @param who who does it
 * @throws ConfigurationRefused; DomainError `publication.not_last`, `release.never_live` for the first publication,
 * `release.fewer_approvals`
 */
export async function undoLast(
  deps: RollBackDeps,
  undo: { publication: string; reason: string },
  who: Who,
): Promise<StoredPublication> {
  await deps.releases.live.reload();
  const live = deps.live.current();
  const undone = await publicationModel(deps.db.main)
    .findById(String(undo.publication))
    .lean<StoredPublication>();
  if (undone?.version !== live.version) throw new DomainError('publication.not_last');
  const { before } = undone;
  if (!before) throw new DomainError('release.never_live');
  const running = new Set(live.releases().map(({ release }) => release.id));
  const all = await releaseById(deps, before.all);
  checkApprovals(deps, all, who);
  const wanted = [before.all, ...[...before.regions, ...before.markets].map(({ release }) => release)];
  for (const id of new Set(wanted.filter((release) => !running.has(release))))
    await checkItems(deps, await releaseById(deps, id));
  return deps.releases.undo({
    undone,
    release: comingBack(targetOf(undone), before, live.all.configuration),
    target: targetOf(undone),
    by: who.by,
    visit: who.visit,
    occasion: { kind: 'undo', undone: undone._id, reason: undo.reason },
  });
}

/** The release that a target gets back, or that of the whole program where its places get back several. */
function comingBack(
  target: Target,
  before: NonNullable<StoredPublication['before']>,
  { program, regionsOf }: Pick<Configuration, 'program' | 'regionsOf'>,
): string {
  if (target === 'all') return before.all;
  const inRegions = new Map(before.regions.map(({ id, release }) => [id, release]));
  const inMarkets = new Map(before.markets.map(({ id, release }) => [id, release]));
  const innermost = (chain: readonly string[]) => innermostOf(chain, inRegions) ?? before.all;
  const [only = before.all, another] = new Set([
    ...target.regions.map((id) => innermost(regionChain(program, id))),
    ...target.markets.map((id) => inMarkets.get(id) ?? innermost(regionsOf(id))),
  ]);
  return another === undefined ? only : before.all;
}

/** Going back must not be the way around the second person; whoever runs the machines is free to. */
function checkApprovals(deps: ContentDeps, to: LoadedRelease, who: Who): void {
  const asked = Number(to.items.get('program')?.approvals ?? 0);
  if (asked < approvalsNeeded(deps) && who.by.kind !== 'operator')
    throw new DomainError('release.fewer_approvals');
}

/** What was right once may not be so for this version of the program any more. */
function checkItems(deps: CheckDeps, release: LoadedRelease): Promise<void> {
  return refuseFaults(deps, release.items);
}
