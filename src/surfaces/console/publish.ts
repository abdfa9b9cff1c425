/** Making an approved draft live: everywhere it is meant for or in a part of it, at once or at a time. */
import { z } from 'zod';
import type { Route } from '../../base/http/routes.ts';
import { type ErrorCode, FormError } from '../../base/kernel/errors.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { liesWithin, type Target } from '../../business/releases/target.ts';
import { draftId } from '../admin/shapes.ts';
import { publishDraft, requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { seeingFaults, seenComparison } from '../desk/sight.ts';
import { shownComparison } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath, itemPage } from './draft-paths.ts';
import { draftPublishView } from './draft-views.ts';
import { withQuery } from './paging.ts';
import { namesOf } from './people.ts';
import { type ConsoleRefused, keptAgain, linked, refusalOf } from './refusals.ts';
import { comparePath } from './release-paths.ts';
import { seenByForm } from './seen.ts';
import { shownDraft } from './shown.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';
import {
  chosenTarget,
  type PlaceQuery,
  placeChoices,
  placeFields,
  placeNames,
  targetFrom,
} from './targets.ts';
import { instantOf } from './wall-time.ts';

const params = z.object({ id: draftId });
const body = z.object({
  ...placeFields,
  version: z.string(),
  when: z.enum(['now', 'later']).default('now'),
  at: z.string().default(''),
  zone: z.string().max(64).default('UTC'),
  ending: z.literal('yes').optional(),
  orphan: z.array(z.string().max(100)).max(200).default([]),
});
type Entered = z.output<typeof body>;

/**
 * The routes that publish.
 * @param deps modules
 */
export function publishRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft_publish',
      path: draftPage(':id', 'publish'),
      input: { params },
      fresh: true,
      keeps: body,
      async show(here, { params: { id } }, kept) {
        if (!kept) return showPublish(deps, here, id);
        const { version } = await draftFor(deps, here.acting, id);
        const overtaken = String(version) === kept.version ? undefined : 'draft.changed';
        await showPublish(deps, here, id, {
          entered: kept,
          refused: keptAgain(valuesOf(kept), overtaken),
        });
      },
    }),
    consoleForm(deps, {
      name: 'draft_published',
      path: draftPage(':id', 'publish'),
      input: { params, body },
      page: ({ id }) => draftPage(id, 'publish'),
      fresh: true,
      keeps: true,
      take: (here, input) => publish(deps, here, input.params.id, input.body),
    }),
  ];
}

async function publish(deps: ConsoleDeps, here: StaffHere, id: string, entered: Entered): Promise<void> {
  const { acting } = here;
  try {
    const draft = await draftFor(deps, here.acting, id);
    await requireDraft(acting, 'publish', draft);
    const target = stageOf(draft, entered);
    const at = entered.when === 'later' ? timeOf(deps, entered) : undefined;
    const seen = seenByForm(draft, entered.version, () => isDone(draft, at));
    const options = { target, at, ending: entered.ending === 'yes', orphans: entered.orphan };
    if (seen) await seeingFaults(acting, () => publishDraft(deps.workflow.publishing, acting, seen, options));
    doneAt(deps, here, { path: draftPath(id), notice: at ? 'scheduled' : 'published' });
  } catch (error) {
    await showPublish(deps, here, id, { entered, refused: refusalOf(error, valuesOf(entered)) });
  }
}

const valuesOf = ({ at, zone, when, ending }: Entered) => ({ at, zone, when, ending: ending ?? '' });

/** A first click has done it: it went live, or it is planned for that time. */
function isDone({ state, schedule, stages }: Draft, at: Date | undefined): boolean {
  return at ? schedule?.at.getTime() === at.getTime() : state === 'published' || stages.length > 0;
}

/** All of the draft's target is the draft's target itself, so that it is published when it went live there. */
function stageOf(draft: Draft, entered: PlaceQuery): Target | undefined {
  const target = chosenTarget(entered);
  const text = (each: Target) =>
    each === 'all' ? each : JSON.stringify([[...each.regions].sort(), [...each.markets].sort()]);
  return text(target) === text(draft.target) ? undefined : target;
}

function timeOf({ clock }: ConsoleDeps, { at, zone }: Entered): Date {
  if (at === '') return refuse('at', 'field.required');
  const instant = instantOf(at, zone || 'UTC');
  if (instant === undefined) return refuse('at', 'field.invalid');
  return instant > clock.now() ? new Date(instant) : refuse('at', 'draft.time_past');
}

function refuse(field: string, code: ErrorCode): never {
  throw new FormError([{ field, code }]);
}

async function showPublish(
  deps: ConsoleDeps,
  here: StaffHere,
  id: string,
  back?: { entered: Entered; refused: ConsoleRefused },
): Promise<void> {
  const [draft, found] = await Promise.all([
    draftFor(deps, here.acting, id),
    deps.workflow.comparisons.draft(id),
  ]);
  await requireDraft(here.acting, 'publish', draft);
  const live = deps.releases.live.current();
  const { configuration } = live.all;
  const names = placeNames(configuration, here.visit.locale);
  const nameOf = await namesOf(deps, here, [draft.author]);
  const offers = (target: Target) => liesWithin(target, draft.target, configuration);
  const chosen = back ? targetFrom(back.entered) : draft.target;
  const zones = [...configuration.markets]
    .filter(([market]) => offers({ regions: [], markets: [market] }))
    .map(([, { timeZone }]) => timeZone);
  const { refused } = back ?? {};
  showConsole(deps, here, {
    view: draftPublishView,
    area: 'drafts',
    refused: linked(refused, (item) => itemPage(id, item)),
    data: {
      draft: shownDraft(draft, { nameOf, places: names }),
      action: draftPage(id, 'publish'),
      backUrl: draftPath(id),
      version: String(draft.version),
      choices: placeChoices(configuration, { names, chosen, offers }),
      when: back?.entered.when ?? 'now',
      zones: ['UTC', ...new Set(zones)],
      ownPlaces: here.acting.grants.some(isEverywhere)
        ? live.own.map(({ kind, id: place, live: { release } }) => ({
            name: names[kind](place),
            url: withQuery(comparePath, { from: live.all.release.id, to: release.id }),
          }))
        : [],
      orphans: (await orphansOf(deps, id)).map((name) => ({
        name,
        confirmed: back?.entered.orphan.includes(name) ?? false,
      })),
      comparison: shownComparison(await seenComparison(found, here.acting)),
    },
  });
}

/** What is not right as a whole says so when it is published. */
async function orphansOf({ workflow }: ConsoleDeps, id: string): Promise<string[]> {
  const { faults, conflicts } = await workflow.drafts.check(id);
  if (faults.length + conflicts.length > 0) return [];
  const changes = await workflow.drafts.schema(id);
  return changes.flatMap(({ attribute, mustConfirm }) => (mustConfirm ? [attribute] : []));
}

function isEverywhere({ permission, layers }: StaffHere['acting']['grants'][number]): boolean {
  return permission === 'publish' && layers.includes('*');
}
