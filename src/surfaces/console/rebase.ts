/** Carrying a draft over to what is live by now: where both sides changed the same key, whoever drafted says which counts. */
import { z } from 'zod';
import type { Route } from '../../base/http/routes.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import { draftId } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { seeingFaults, seenReport } from '../desk/sight.ts';
import { valueText } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath } from './draft-paths.ts';
import { draftRebaseView } from './draft-views.ts';
import { type ConsoleRefused, refusalOf } from './refusals.ts';
import { seenByForm } from './seen.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';

const params = z.object({ id: draftId });
const sides = ['theirs', 'yours'] as const;
/** Every further field says of one conflict which side counts. */
const body = z.looseObject({ version: z.string(), live: z.string() });

/**
 * The routes that carry over.
 * @param deps modules
 */
export function rebaseRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft_rebase',
      path: draftPage(':id', 'rebase'),
      input: { params },
      show: (here, { params: { id } }) => showRebase(deps, here, id),
    }),
    consoleForm(deps, {
      name: 'draft_rebased',
      path: draftPage(':id', 'rebase'),
      input: { params, body },
      page: ({ id }) => draftPage(id, 'rebase'),
      take: (here, input) => rebase(deps, here, input.params.id, input.body),
    }),
  ];
}

async function rebase(
  deps: ConsoleDeps,
  here: StaffHere,
  id: string,
  entered: z.output<typeof body>,
): Promise<void> {
  const { drafts } = deps.workflow;
  try {
    const draft = await draftFor(deps, here.acting, id);
    await requireDraft(here.acting, 'edit', draft);
    const { conflicts, stale } = await seenReport(await drafts.check(id), here.acting);
    const seen = seenByForm(draft, entered.version, () => !stale);
    // The places of conflicts in the list are those of the list that was shown.
    if (seen && entered.live !== String(deps.releases.live.current().version))
      throw new DomainError('configuration.changed');
    const chosen = conflicts.map(({ item, key }, index) => ({ item, key, side: entered[`side-${index}`] }));
    const missing = chosen.findIndex(({ side }) => !sides.some((known) => known === side));
    if (missing >= 0) throw new FormError([{ field: `side-${missing}`, code: 'choice.required' }]);
    const take = (item: string, key: string) =>
      sides.find((side) =>
        chosen.some((each) => each.item === item && each.key === key && each.side === side),
      );
    if (seen) await seeingFaults(here.acting, () => drafts.rebase(seen, { take }, here.acting.who));
    doneAt(deps, here, { path: draftPath(id), notice: 'rebased' });
  } catch (error) {
    const values = Object.entries(entered).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    await showRebase(deps, here, id, refusalOf(error, Object.fromEntries(values)));
  }
}

async function showRebase(
  deps: ConsoleDeps,
  here: StaffHere,
  id: string,
  refused?: ConsoleRefused,
): Promise<void> {
  const { drafts } = deps.workflow;
  const [draft, found] = await Promise.all([draftFor(deps, here.acting, id), drafts.check(id)]);
  await requireDraft(here.acting, 'edit', draft);
  const { conflicts } = await seenReport(found, here.acting);
  showConsole(deps, here, {
    view: draftRebaseView,
    area: 'drafts',
    refused,
    data: {
      message: draft.message,
      action: draftPage(id, 'rebase'),
      backUrl: draftPath(id),
      version: String(draft.version),
      live: String(deps.releases.live.current().version),
      conflicts: conflicts.map(({ item, key, theirs, yours }, index) => ({
        input: `side-${index}`,
        item,
        key,
        theirs: valueText(theirs),
        yours: valueText(yours),
      })),
    },
  });
}
