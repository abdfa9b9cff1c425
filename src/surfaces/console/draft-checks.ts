/** What is to be known of a draft before it goes on: its difference, what publishing it would meet, and its dry run. */
import { z } from 'zod';
import type { Route } from '../../base/http/routes.ts';
import { draftId } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { faultsShown } from '../desk/refusals.ts';
import { dryRunOf, seenComparison, seenReport } from '../desk/sight.ts';
import { shownComparison, valueText } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath, itemPage } from './draft-paths.ts';
import { draftCheckView, draftDiffView, dryRunView } from './draft-views.ts';
import { journeyNames } from './journeys.ts';
import { type ConsoleRefused, refusalOf, shownFaults } from './refusals.ts';
import { consolePage, isAllowed, showConsole } from './staff.ts';

const params = z.object({ id: draftId });
/** Journeys that are shown one by one; the summary counts all of them. */
const mostJourneys = 40;
const mostPaths = 12;

/**
 * The routes that look at a draft.
 * @param deps modules
 */
export function draftCheckRoutes(deps: ConsoleDeps): Route[] {
  return [difference(deps), check(deps), dryRun(deps)];
}

function difference(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'draft_diff',
    path: draftPage(':id', 'diff'),
    input: { params },
    async show(here, { params: { id } }) {
      const [draft, found] = await Promise.all([
        draftFor(deps, here.acting, id),
        deps.workflow.comparisons.draft(id),
      ]);
      const comparison = shownComparison(await seenComparison(found, here.acting));
      showConsole(deps, here, {
        view: draftDiffView,
        area: 'drafts',
        data: { message: draft.message, backUrl: draftPath(id), comparison },
      });
    },
  });
}

function check(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'draft_check',
    path: draftPage(':id', 'check'),
    input: { params },
    async show(here, { params: { id } }) {
      const { drafts } = deps.workflow;
      const [draft, found] = await Promise.all([draftFor(deps, here.acting, id), drafts.check(id)]);
      const { stale, conflicts, faults, warnings } = await seenReport(found, here.acting);
      // Values are counted only where a configuration can be opened at all, and for whoever may have them counted: that
      // opens what every member has said, and what it tells hangs on what the draft asks.
      const mayCount = faults.length === 0 && (await isAllowed(requireDraft(here.acting, 'read', draft)));
      const values = mayCount ? await drafts.schema(id) : [];
      const readable = await here.acting.allowed('read', [...new Set(values.map(({ item }) => item))]);
      showConsole(deps, here, {
        view: draftCheckView,
        area: 'drafts',
        data: {
          message: draft.message,
          backUrl: draftPath(id),
          stale,
          conflicts: conflicts.map(({ item, key, theirs, yours }) => ({
            item,
            key,
            theirs: valueText(theirs),
            yours: valueText(yours),
          })),
          found: shownFaults(faultsShown(faults), (item) => itemPage(id, item)),
          warnings: shownFaults(faultsShown(warnings), (item) => itemPage(id, item)),
          values: values
            .filter(({ item }) => readable.has(item))
            .map(({ attribute, kind, details, item, mustConfirm, values: counts }) => ({
              attribute,
              kind,
              details: details.join(', '),
              item,
              mustConfirm,
              failing: counts,
            })),
        },
      });
    },
  });
}

function dryRun(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'draft_dry_run',
    path: draftPage(':id', 'dry-run'),
    input: { params },
    async show(here, { params: { id } }) {
      const draft = await draftFor(deps, here.acting, id);
      const about = { message: draft.message, backUrl: draftPath(id) };
      const named = journeyNames(deps.releases.live.current().all.configuration, here.visit.locale);
      let refused: ConsoleRefused | undefined;
      const report = await dryRunOf(deps, here.acting, id).catch((error) => {
        refused = refusalOf(error);
        return undefined;
      });
      showConsole(deps, here, {
        view: dryRunView,
        area: 'drafts',
        refused,
        data: {
          ...about,
          summary: report && {
            synthetic: report.summary.synthetic,
            recorded: report.summary.recorded,
            paths: report.summary.paths.slice(0, mostPaths),
          },
          warnings: shownFaults(faultsShown(report?.warnings ?? []), (item) => itemPage(id, item)),
          journeys: (report?.changed ?? [])
            .slice(0, mostJourneys)
            .map(({ journey, source, count, differences }) => ({
              ...named(journey),
              source,
              count,
              changes: differences.map(({ path, before, after }) => ({
                key: path,
                before: valueText(before),
                after: valueText(after),
              })),
            })),
          more: Math.max(0, (report?.changed.length ?? 0) - mostJourneys),
        },
      });
    },
  });
}
