/** Going back: what an earlier release at a place, or the undoing of the last publication, would change and takes. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { PublicationInfo } from '../../business/releases/history.ts';
import type { LiveConfiguration } from '../../business/releases/live.ts';
import type { LoadedRelease } from '../../business/releases/release-store.ts';
import type { Releases } from '../../business/releases/releases.ts';
import type { RollBack } from '../../business/releases/roll-back.ts';
import { liesWithin, liveAt, type Target } from '../../business/releases/target.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Acting } from './acting.ts';

/** What going back takes. */
export interface GoingBackDeps {
  releases: Pick<Releases, 'live'>;
  workflow: Pick<Workflow, 'history' | 'publishing'>;
}

/**
 * Lets somebody make a release live again only if they may publish every item that is different then.
 * @param deps what is live, history
 * @param acting who
 * @param back which release, where
 * @returns the version of what is live that this was found out about
 * @throws DomainError `permission.missing`, `release.unknown`
 */
export async function requireRollBack(
  deps: GoingBackDeps,
  acting: Acting,
  { release, target }: Pick<RollBack, 'release' | 'target'>,
): Promise<number> {
  acting.requireSome('publish');
  const to = await deps.workflow.history.release(release);
  const live = await liveNow(deps);
  const changed = liveWithin(live, target).flatMap((from) => itemsBetween(from, to));
  await acting.require('publish', [...new Set(changed)]);
  return live.version;
}

/**
 * Makes a release live again.
 * @param deps what is live, history, publishing
 * @param acting who
 * @param back which release, where, why
 * @throws as {@link requireRollBack} and `Publishing.rollBack`
 */
export async function rollBackBy(
  deps: GoingBackDeps,
  acting: Acting,
  back: RollBack,
): Promise<PublicationInfo> {
  const version = await requireRollBack(deps, acting, back);
  return deps.workflow.publishing.rollBack({ ...back, version }, acting.who);
}

/**
 * Lets somebody undo the last publication only if they may publish every item that is different then.
 * @param deps what is live, history
 * @param acting who
 * @returns the id of the publication that this was found out about
 * @throws DomainError `permission.missing`
 */
export async function requireUndo(deps: GoingBackDeps, acting: Acting): Promise<string | undefined> {
  acting.requireSome('publish');
  const live = await liveNow(deps);
  const last = await deps.workflow.history.publication(live.version);
  await acting.require('publish', await undoneItems(deps, live, last));
  return last?.id;
}

/**
 * Undoes the last publication.
 * @param deps what is live, history, publishing
 * @param acting who
 * @param undo id of the publication, and why
 * @throws as {@link requireUndo} and `Publishing.undo`
 */
export async function undoBy(
  deps: GoingBackDeps,
  acting: Acting,
  undo: { publication: string; reason: string },
): Promise<PublicationInfo> {
  if ((await requireUndo(deps, acting)) !== undo.publication) throw new DomainError('publication.not_last');
  return deps.workflow.publishing.undo(undo, acting.who);
}

/** What is live by now, also where another process has published a moment ago: what changes then is asked about. */
async function liveNow({ releases }: GoingBackDeps): Promise<LiveConfiguration> {
  await releases.live.reload();
  return releases.live.current();
}

/**
 * Every release that is live at a target, what its parts have of their own included.
 * @param live what is live
 * @param target where
 */
export function liveWithin(live: LiveConfiguration, target: Target): LoadedRelease[] {
  const { configuration } = live.all;
  const known =
    target === 'all'
      ? target
      : {
          regions: target.regions.filter((id) =>
            configuration.program.regions.some((each) => each.id === id),
          ),
          markets: target.markets.filter((id) => configuration.markets.has(id)),
        };
  const own = live.own.filter(({ kind, id }) => {
    const place = { regions: kind === 'region' ? [id] : [], markets: kind === 'market' ? [id] : [] };
    return liesWithin(place, known, configuration);
  });
  return [...new Set([...liveAt(known, live), ...own.map((each) => each.live)])].map(
    ({ release }) => release,
  );
}

/**
 * Which releases the undoing of a publication would replace by which, each pair once, wherever that is.
 * @param live what is live
 * @param last the publication
 */
export function undonePairs(
  live: LiveConfiguration,
  last: Pick<PublicationInfo, 'before'> | undefined,
): { from: LoadedRelease; to: string }[] {
  const before = last?.before;
  if (!before) return [];
  const usual = live.all.release;
  const pairs = new Map<string, { from: LoadedRelease; to: string }>();
  const add = (from: LoadedRelease, to: string) => {
    if (from.id !== to) pairs.set(`${from.id} ${to}`, { from, to });
  };
  add(usual, before.all);
  for (const kind of ['region', 'market'] as const) {
    const then = new Map(before[`${kind}s`].map(({ id, release }) => [id, release]));
    const now = new Map(live.own.flatMap((own) => (own.kind === kind ? [[own.id, own.live.release]] : [])));
    for (const id of new Set([...then.keys(), ...now.keys()]))
      add(now.get(id) ?? usual, then.get(id) ?? before.all);
  }
  return [...pairs.values()];
}

/** The items that are different once the last publication is undone, wherever that is. */
async function undoneItems(
  { workflow }: GoingBackDeps,
  live: LiveConfiguration,
  last: PublicationInfo | undefined,
): Promise<string[]> {
  const found = new Set<string>();
  for (const { from, to } of undonePairs(live, last))
    for (const item of itemsBetween(from, await workflow.history.release(to))) found.add(item);
  return [...found];
}

function itemsBetween(from: LoadedRelease, to: LoadedRelease): string[] {
  const paths = new Set([...from.hashes.keys(), ...to.hashes.keys()]);
  return [...paths].filter((path) => from.hashes.get(path) !== to.hashes.get(path));
}
