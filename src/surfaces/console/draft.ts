/** One draft: what it changes, for where, how far it is, and which steps whoever looks may take with it. */
import { z } from 'zod';
import type { Route } from '../../base/http/routes.ts';
import { type Draft, mayApprove, samePerson } from '../../business/releases/draft.ts';
import { usualAt } from '../../business/releases/target.ts';
import type { Permission } from '../../people/staff/grants.ts';
import { draftId } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { faultsShown } from '../desk/refusals.ts';
import { seenFaults } from '../desk/sight.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath, itemPage, stepPath } from './draft-paths.ts';
import { type DraftData, draftView } from './draft-views.ts';
import { namesOf } from './people.ts';
import { previewUrl } from './preview.ts';
import { shownFaults } from './refusals.ts';
import { shownDraft, shownRelease } from './shown.ts';
import { consolePage, isAllowed, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';
import type { ConsolePage } from './views.ts';

/**
 * The route of a draft.
 * @param deps modules
 */
export function draftPageRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft',
      path: draftPath(':id'),
      input: { params: z.object({ id: draftId }) },
      async show(here, { params: { id } }) {
        const draft = await draftFor(deps, here.acting, id);
        showConsole(deps, here, { view: draftView, area: 'drafts', data: await dataOf(deps, here, draft) });
      },
    }),
  ];
}

async function dataOf(
  deps: ConsoleDeps,
  here: StaffHere,
  draft: Draft,
): Promise<Omit<DraftData, keyof ConsolePage>> {
  const { remark, schedule, failure, stages, approvals } = draft;
  const live = deps.releases.live.current();
  const releases = await deps.releases.store.infos([draft.base, ...stages.map(({ release }) => release)]);
  const nameOf = await namesOf(deps, here, [
    draft.author,
    draft.edited.by,
    ...draft.editors,
    ...[...approvals, ...stages].map(({ by }) => by),
    remark?.by,
    schedule?.by,
  ]);
  const places = placeNames(live.all.configuration, here.visit.locale);
  const signed = ({ by, at }: { by: Draft['author']; at: Date }) => ({
    by: nameOf(by),
    at: at.toISOString(),
  });
  const released = (id: string) => shownRelease(releases.get(id) ?? { id, message: '' });
  const may = await rightsOf(here, draft);
  const open = isOpen(draft);
  return {
    draft: shownDraft(draft, { nameOf, places }),
    editors: draft.editors.map(nameOf),
    changed: signed(draft.edited),
    base: released(draft.base),
    changes: draft.changes.map(({ item, change }) => ({ item, change, url: itemPage(draft.id, item) })),
    approvals: approvals.map(signed),
    needed: live.all.configuration.program.approvals,
    remark: remark && { ...signed(remark), text: remark.text },
    schedule: schedule && { ...signed(schedule), target: places.target(schedule.target) },
    failure: failure && {
      at: failure.at.toISOString(),
      code: failure.code,
      faults: shownFaults(faultsShown(await seenFaults(failure.faults, here.acting)), (item) =>
        itemPage(draft.id, item),
      ),
    },
    stages: stages.map((stage) => ({
      ...signed(stage),
      release: released(stage.release),
      target: places.target(stage.target),
    })),
    pages: [
      ...(['diff', 'check', 'dry-run'] as const).map((name) => ({ name, url: draftPage(draft.id, name) })),
      { name: 'preview', url: previewUrl({ draft: draft.id }) },
    ],
    describeUrl: open && may.edit ? draftPage(draft.id, 'describe') : undefined,
    itemsUrl: open && may.edit ? draftPage(draft.id, 'items') : undefined,
    steps: stepsOf(draft, may, usualAt(draft.target, live).release.id !== draft.base).map((name) => ({
      name,
      url: stepPath(draft.id, name),
    })),
    whyNotApprove: whyNotApprove(here, draft, may),
  };
}

type Rights = Record<Exclude<Permission, 'read'>, boolean>;

async function rightsOf({ acting }: StaffHere, draft: Draft): Promise<Rights> {
  const may = (permission: Permission) => isAllowed(requireDraft(acting, permission, draft));
  const [edit, approve, publish] = await Promise.all([may('edit'), may('approve'), may('publish')]);
  const editor = mayApprove(acting.who.by, draft.editors);
  const already = draft.approvals.some(({ by }) => samePerson(by, acting.who.by));
  return { edit, approve: approve && editor && !already, publish };
}

/** Only what could be done is offered; whether it is done is decided where it is done. */
function stepsOf(draft: Draft, may: Rights, stale: boolean): DraftData['steps'][number]['name'][] {
  if (!isOpen(draft)) return [];
  const { state, changes, schedule } = draft;
  const handedIn = state !== 'open';
  return [
    ...(may.edit && !handedIn && changes.length > 0 ? (['submit'] as const) : []),
    ...(may.approve && state === 'submitted' ? (['approve'] as const) : []),
    ...(may.publish && state === 'approved' && !schedule ? (['publish'] as const) : []),
    ...(may.publish && schedule ? (['cancel'] as const) : []),
    ...(may.approve && handedIn ? (['send-back'] as const) : []),
    ...(may.edit && stale && changes.length > 0 ? (['rebase'] as const) : []),
    ...(may.edit ? (['withdraw'] as const) : []),
  ];
}

function whyNotApprove({ acting }: StaffHere, draft: Draft, may: Rights): DraftData['whyNotApprove'] {
  if (draft.state !== 'submitted' || may.approve) return undefined;
  if (!mayApprove(acting.who.by, draft.editors)) return { code: 'draft.approval_refused' };
  const already = draft.approvals.some(({ by }) => samePerson(by, acting.who.by));
  return already ? undefined : { code: 'permission.missing' };
}

function isOpen({ state }: Draft): boolean {
  return state !== 'published' && state !== 'withdrawn';
}
