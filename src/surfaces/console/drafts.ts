/** Drafts as a whole: listed, opened, and described anew. */
import { z } from 'zod';
import { parseFlat } from '../../base/http/body.ts';
import { placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Target } from '../../business/releases/target.ts';
import { draftId, draftShape } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor, draftsFor } from '../desk/draft-sight.ts';
import { seeOther } from '../pages/visitor.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath, draftsPath, newDraftPath } from './draft-paths.ts';
import { draftFormView, draftsView } from './draft-views.ts';
import { listQuery, nextUrl, pageLength, withQuery } from './paging.ts';
import { namesOf } from './people.ts';
import { type ConsoleRefused, refusalOf } from './refusals.ts';
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

const params = z.object({ id: draftId });
const entered = { ...placeFields, message: z.string().default('') };
const rules = z.object({ message: z.string().trim().min(1).max(500) });
const states = draftShape.shape.state;

/**
 * The routes about drafts as a whole.
 * @param deps modules
 */
export function draftRoutes(deps: ConsoleDeps): Route[] {
  return [list(deps), ...opening(deps), ...describing(deps)];
}

function list(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'drafts',
    path: draftsPath,
    input: { query: z.object({ ...listQuery, state: z.union([states, z.literal('')]).optional() }) },
    async show(here, { query }) {
      const state = query.state || undefined;
      const cursor = placeOf(draftId, query.cursor);
      const { items, next } = await draftsFor(deps, here.acting, { state, cursor, limit: pageLength });
      const nameOf = await namesOf(
        deps,
        here,
        items.map(({ author }) => author),
      );
      const { configuration } = deps.releases.live.current().all;
      const places = placeNames(configuration, here.visit.locale);
      showConsole(deps, here, {
        view: draftsView,
        area: 'drafts',
        data: {
          drafts: items.map((draft) => shownDraft(draft, { nameOf, places })),
          filters: [undefined, ...states.options].map((each) => ({
            state: each,
            url: withQuery(draftsPath, { state: each }),
            current: each === state,
          })),
          nextUrl: nextUrl(draftsPath, { state }, next),
          newUrl: mayEdit(here) ? newDraftPath : undefined,
        },
      });
    },
  });
}

function opening(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft_new',
      path: newDraftPath,
      async show(here) {
        here.acting.requireSome('edit');
        showForm(deps, here, { target: 'all' });
      },
    }),
    consoleForm(deps, {
      name: 'draft_opened',
      path: draftsPath,
      input: { body: z.object({ ...entered, once: z.string().max(64) }) },
      page: () => newDraftPath,
      take: (here, { body }) => open(deps, here, body),
    }),
  ];
}

async function open(
  deps: ConsoleDeps,
  here: StaffHere,
  body: PlaceQuery & { message: string; once: string },
): Promise<void> {
  const { acting } = here;
  try {
    acting.requireSome('edit');
    const { message } = parseFlat(rules, { message: body.message });
    const target = chosenTarget(body);
    const form = { key: body.once, content: ['console', message, JSON.stringify(target)] };
    const id = await once(deps, here, form, async () => {
      const draft = await deps.workflow.drafts.open({ message, target }, acting.who);
      return draft.id;
    });
    seeOther(here.ctx, draftPage(id, 'items'));
  } catch (error) {
    showForm(deps, here, { target: targetFrom(body) }, refusalOf(error, { message: body.message }));
  }
}

/** A form that is sent twice opens one draft, whichever of the two comes first. */
async function once(
  deps: ConsoleDeps,
  { member }: StaffHere,
  form: { key: string; content: readonly string[] },
  work: () => Promise<string>,
): Promise<string> {
  const begun = await deps.idempotencyKeys.begin({ caller: member._id, ...form });
  if ('answer' in begun) return begun.answer;
  let id: string;
  try {
    id = await work();
  } catch (error) {
    await begun.run.release();
    throw error;
  }
  await begun.run.keep(id);
  return id;
}

function describing(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft_describe',
      path: draftPage(':id', 'describe'),
      input: { params },
      async show(here, { params: { id } }) {
        const draft = await draftFor(deps, here.acting, id);
        await requireDraft(here.acting, 'edit', draft);
        showForm(deps, here, draft);
      },
    }),
    consoleForm(deps, {
      name: 'draft_described',
      path: draftPage(':id', 'describe'),
      input: { params, body: z.object({ ...entered, version: z.string() }) },
      page: ({ id }) => draftPage(id, 'describe'),
      async take(here, { params: { id }, body }) {
        const draft = await draftFor(deps, here.acting, id);
        try {
          await requireDraft(here.acting, 'edit', draft);
          const { message } = parseFlat(rules, { message: body.message });
          const target = chosenTarget(body);
          const seen = seenByForm(draft, body.version, () => draft.message === message);
          if (seen) await deps.workflow.drafts.describe(seen, { message, target }, here.acting.who);
          doneAt(deps, here, { path: draftPath(id), notice: 'saved' });
        } catch (error) {
          showForm(
            deps,
            here,
            { ...draft, target: targetFrom(body) },
            refusalOf(error, { message: body.message }),
          );
        }
      },
    }),
  ];
}

function showForm(
  deps: ConsoleDeps,
  here: StaffHere,
  draft: Partial<Omit<Draft, 'target'>> & { target: Target | undefined },
  refused?: ConsoleRefused,
): void {
  const { configuration } = deps.releases.live.current().all;
  const names = placeNames(configuration, here.visit.locale);
  const { id, version, message = '' } = draft;
  showConsole(deps, here, {
    view: draftFormView,
    area: 'drafts',
    refused,
    data: {
      action: id === undefined ? draftsPath : draftPage(id, 'describe'),
      backUrl: id === undefined ? draftsPath : draftPath(id),
      version: version === undefined ? undefined : String(version),
      once: version === undefined ? deps.ids.id('frm') : undefined,
      message,
      choices: placeChoices(configuration, { names, chosen: draft.target, offers: () => true }),
    },
  });
}

function mayEdit({ acting }: StaffHere): boolean {
  return acting.grants.some(({ permission }) => permission === 'edit');
}
