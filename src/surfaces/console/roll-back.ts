/**
 * Going back: an earlier release made live again where it was before, and the last publication undone. Each is shown
 * first with what it would change, asks for a reason, and counts only against what was live when it was shown.
 */
import { z } from 'zod';
import { parseFlat } from '../../base/http/body.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { LoadedRelease } from '../../business/releases/release-store.ts';
import { liesWithin, type Target } from '../../business/releases/target.ts';
import { releaseId } from '../admin/shapes.ts';
import {
  liveWithin,
  requireRollBack,
  requireUndo,
  rollBackBy,
  undoBy,
  undonePairs,
} from '../desk/going-back.ts';
import { seenComparison } from '../desk/sight.ts';
import { shownComparison } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { areaPath } from './nav.ts';
import { type ConsoleRefused, keptAgain, refusalOf } from './refusals.ts';
import { releasePath, rollBackPath, undoPath } from './release-paths.ts';
import { shownPublications } from './releases.ts';
import { shownRelease } from './shown.ts';
import { consoleForm, consolePage, doneAt, isAllowed, type StaffHere, showConsole } from './staff.ts';
import {
  chosenTarget,
  type PlaceQuery,
  placeChoices,
  placeFields,
  placeNames,
  targetFrom,
} from './targets.ts';
import { rollBackView, type ShownReplacement, undoView } from './views.ts';

const entered = { seen: z.string().max(100), reason: z.string().default('') };
const rollBackBody = z.object({ ...placeFields, ...entered });
const undoBody = z.object(entered);
const reasonRule = z.object({ reason: z.string().trim().min(1).max(500) });

/**
 * The routes that go back.
 * @param deps modules
 */
export function rollBackRoutes(deps: ConsoleDeps): Route[] {
  const params = z.object({ id: releaseId });
  return [
    consolePage(deps, {
      name: 'roll_back',
      path: rollBackPath(':id'),
      input: { params, query: z.object(placeFields) },
      fresh: true,
      keeps: rollBackBody,
      show(here, { params: { id }, query }, kept) {
        if (!kept) return showRollBack(deps, here, { id, query });
        const isSame = String(deps.releases.live.current().version) === kept.seen;
        const again = keptAgain({ reason: kept.reason }, isSame ? undefined : 'configuration.changed');
        return showRollBack(deps, here, { id, query: kept }, again);
      },
    }),
    consoleForm(deps, {
      name: 'roll_back_confirmed',
      path: rollBackPath(':id'),
      input: { params, body: rollBackBody },
      page: ({ id }) => rollBackPath(id),
      fresh: true,
      keeps: true,
      take: (here, { params: { id }, body }) => rollBack(deps, here, { id, ...body }),
    }),
    consolePage(deps, {
      name: 'undo',
      path: undoPath,
      fresh: true,
      keeps: undoBody,
      async show(here, _, kept) {
        if (!kept) return showUndo(deps, here);
        const isSame = (await deps.workflow.history.publication())?.id === kept.seen;
        const again = keptAgain({ reason: kept.reason }, isSame ? undefined : 'publication.not_last');
        await showUndo(deps, here, again);
      },
    }),
    consoleForm(deps, {
      name: 'undo_confirmed',
      path: undoPath,
      input: { body: undoBody },
      page: () => undoPath,
      fresh: true,
      keeps: true,
      take: (here, { body }) => undo(deps, here, body),
    }),
  ];
}

async function showRollBack(
  deps: ConsoleDeps,
  here: StaffHere,
  { id, query }: { id: string; query: PlaceQuery },
  refused?: ConsoleRefused,
): Promise<void> {
  const release = await deps.releases.store.info(id);
  if (!release) throw new DomainError('release.unknown');
  const live = deps.releases.live.current();
  const { configuration } = live.all;
  const { items } = await deps.workflow.history.publications({ release: id, limit: 200 });
  const was = (target: Target) => items.some((each) => liesWithin(target, each.target, configuration));
  const target = targetFrom(query) ?? items[0]?.target;
  if (!target || !was(target)) throw new DomainError('release.never_live');
  const names = placeNames(configuration, here.visit.locale);
  const others = liveWithin(live, target).filter((from) => from.id !== id);
  showConsole(deps, here, {
    view: rollBackView,
    area: 'releases',
    refused,
    data: {
      action: rollBackPath(id),
      backUrl: releasePath(id),
      release: shownRelease(release),
      target: names.target(target),
      choices: placeChoices(configuration, { names, chosen: target, offers: was }),
      seen: String(live.version),
      allowed: await isAllowed(requireRollBack(deps, here.acting, { release: id, target })),
      replaced: await replacements(
        deps,
        here,
        others.map((from) => ({ from, to: id })),
      ),
    },
  });
}

async function rollBack(
  deps: ConsoleDeps,
  here: StaffHere,
  given: PlaceQuery & { id: string; seen: string; reason: string },
): Promise<void> {
  const { id } = given;
  const done = () => doneAt(deps, here, { path: areaPath('releases'), notice: 'rolled-back' });
  try {
    const { reason } = parseFlat(reasonRule, { reason: given.reason });
    const target = chosenTarget(given);
    if (String(deps.releases.live.current().version) !== given.seen) {
      // A second click: the first one has made it live already.
      if (liveWithin(deps.releases.live.current(), target).every((each) => each.id === id)) return done();
      throw new DomainError('configuration.changed');
    }
    await rollBackBy(deps, here.acting, { release: id, target, reason });
  } catch (error) {
    return showRollBack(deps, here, { id, query: given }, refusalOf(error, { reason: given.reason }));
  }
  return done();
}

async function showUndo(deps: ConsoleDeps, here: StaffHere, refused?: ConsoleRefused): Promise<void> {
  const last = await deps.workflow.history.publication();
  if (!last?.before) throw new DomainError('release.never_live');
  const [publication] = await shownPublications(deps, here, [last]);
  if (!publication) throw new DomainError('release.never_live');
  showConsole(deps, here, {
    view: undoView,
    area: 'releases',
    refused,
    data: {
      action: undoPath,
      backUrl: areaPath('releases'),
      publication,
      seen: last.id,
      allowed: await isAllowed(requireUndo(deps, here.acting)),
      replaced: await replacements(deps, here, undonePairs(deps.releases.live.current(), last)),
    },
  });
}

async function undo(
  deps: ConsoleDeps,
  here: StaffHere,
  { seen, reason: given }: { seen: string; reason: string },
): Promise<void> {
  const done = () => doneAt(deps, here, { path: areaPath('releases'), notice: 'undone' });
  try {
    const { reason } = parseFlat(reasonRule, { reason: given });
    const last = await deps.workflow.history.publication();
    // A second click: the first one has undone it already.
    if (last?.undone === seen) return done();
    await undoBy(deps, here.acting, { publication: seen, reason });
  } catch (error) {
    return showUndo(deps, here, refusalOf(error, { reason: given }));
  }
  return done();
}

/** Which release each would take the place of, and what that changes. */
async function replacements(
  deps: ConsoleDeps,
  here: StaffHere,
  pairs: readonly { from: LoadedRelease; to: string }[],
): Promise<ShownReplacement[]> {
  const shown: ShownReplacement[] = [];
  // One after the other: each may compare thousands of items.
  for (const { from, to } of pairs) {
    const found = await deps.workflow.comparisons.releases(from.id, to);
    shown.push({
      release: shownRelease(from),
      comparison: shownComparison(await seenComparison(found, here.acting)),
    });
  }
  return shown;
}
