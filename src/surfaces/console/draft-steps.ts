/**
 * The way of a draft: handed in, approved by others, sent back, withdrawn, called off. Each step is a page of its own
 * that says what it does and shows what it is about, and counts only for the draft as that page showed it.
 */
import { z } from 'zod';
import { parseFlat } from '../../base/http/body.ts';
import type { Route } from '../../base/http/routes.ts';
import { type Draft, samePerson } from '../../business/releases/draft.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import type { Seen } from '../../business/releases/drafts.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Permission } from '../../people/staff/grants.ts';
import { draftId } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { seeingFaults, seenComparison } from '../desk/sight.ts';
import { shownComparison } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPath, itemPage, stepPath } from './draft-paths.ts';
import { draftStepView, type StepName } from './draft-views.ts';
import { namesOf } from './people.ts';
import { type ConsoleRefused, linked, refusalOf } from './refusals.ts';
import { seenByForm } from './seen.ts';
import { shownDraft } from './shown.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';

/** A step that needs nothing but the draft, or a reason besides. */
interface Step {
  name: StepName;
  permission: Permission;
  /** Whether it takes a recent sign-in. */
  fresh: boolean;
  reasoned: boolean;
  take(workflow: Workflow, seen: Seen, who: Who, reason: string): Promise<Draft>;
  /** Whether a first click has done it. */
  isDone(draft: Draft, who: Who): boolean;
}

const steps: readonly Step[] = [
  {
    name: 'submit',
    permission: 'edit',
    fresh: false,
    reasoned: false,
    take: ({ drafts }, seen, who) => drafts.submit(seen, who),
    isDone: ({ state }) => state === 'submitted' || state === 'approved',
  },
  {
    name: 'approve',
    permission: 'approve',
    fresh: true,
    reasoned: false,
    take: ({ drafts }, seen, who) => drafts.approve(seen, who),
    isDone: ({ approvals }, { by }) => approvals.some((approval) => samePerson(approval.by, by)),
  },
  {
    name: 'send-back',
    permission: 'approve',
    fresh: false,
    reasoned: true,
    take: ({ drafts }, seen, who, reason) => drafts.sendBack(seen, reason, who),
    isDone: ({ state, remark }, { by }) =>
      state === 'open' && remark !== undefined && samePerson(remark.by, by),
  },
  {
    name: 'withdraw',
    permission: 'edit',
    fresh: false,
    reasoned: true,
    take: ({ drafts }, seen, who, reason) => drafts.withdraw(seen, reason, who),
    isDone: ({ state }) => state === 'withdrawn',
  },
  {
    name: 'cancel',
    permission: 'publish',
    fresh: false,
    reasoned: false,
    take: ({ publishing }, seen, who) => publishing.cancel(seen, who),
    isDone: ({ schedule }) => schedule === undefined,
  },
];

const params = z.object({ id: draftId });
const reasonRule = z.object({ reason: z.string().trim().min(1).max(500) });

/**
 * The routes of the steps.
 * @param deps modules
 */
export function draftStepRoutes(deps: ConsoleDeps): Route[] {
  return steps.flatMap((step) => [
    consolePage(deps, {
      name: `draft_${step.name.replace('-', '_')}`,
      path: stepPath(':id', step.name),
      input: { params },
      fresh: step.fresh,
      show: (here, { params: { id } }) => showStep(deps, here, { step, id }),
    }),
    consoleForm(deps, {
      name: `draft_${step.name.replace('-', '_')}_taken`,
      path: stepPath(':id', step.name),
      input: { params, body: z.object({ version: z.string(), reason: z.string().default('') }) },
      page: ({ id }) => stepPath(id, step.name),
      fresh: step.fresh,
      take: (here, { params: { id }, body }) => take(deps, here, { step, id, ...body }),
    }),
  ]);
}

async function take(
  deps: ConsoleDeps,
  here: StaffHere,
  given: { step: Step; id: string; version: string; reason: string },
): Promise<void> {
  const { step, id, version } = given;
  const { who } = here.acting;
  try {
    const { reason } = step.reasoned ? parseFlat(reasonRule, { reason: given.reason }) : { reason: '' };
    const draft = await draftFor(deps, here.acting, id);
    await requireDraft(here.acting, step.permission, draft);
    const seen = seenByForm(draft, version, () => step.isDone(draft, who));
    if (seen) await seeingFaults(here.acting, () => step.take(deps.workflow, seen, who, reason));
    doneAt(deps, here, { path: draftPath(id), notice: step.name });
  } catch (error) {
    await showStep(deps, here, given, refusalOf(error, { reason: given.reason }));
  }
}

async function showStep(
  deps: ConsoleDeps,
  here: StaffHere,
  { step, id }: { step: Step; id: string },
  refused?: ConsoleRefused,
): Promise<void> {
  const [draft, found] = await Promise.all([
    draftFor(deps, here.acting, id),
    deps.workflow.comparisons.draft(id),
  ]);
  await requireDraft(here.acting, step.permission, draft);
  const nameOf = await namesOf(deps, here, [draft.author, draft.edited.by]);
  const places = placeNames(deps.releases.live.current().all.configuration, here.visit.locale);
  showConsole(deps, here, {
    view: draftStepView,
    area: 'drafts',
    refused: linked(refused, (item) => itemPage(id, item)),
    data: {
      step: step.name,
      draft: shownDraft(draft, { nameOf, places }),
      changed: { by: nameOf(draft.edited.by), at: draft.edited.at.toISOString() },
      action: stepPath(id, step.name),
      backUrl: draftPath(id),
      version: String(draft.version),
      reasoned: step.reasoned,
      comparison: shownComparison(await seenComparison(found, here.acting)),
    },
  });
}
