/** Drafts as a whole: listed, opened, and described anew. */
import { z } from 'zod';
import { parseFlat } from '../../base/http/body.ts';
import { placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { samePerson } from '../../business/releases/draft.ts';
import type { Target } from '../../business/releases/target.ts';
import { draftId, draftShape } from '../admin/shapes.ts';
import { requireDraft } from '../desk/draft-rules.ts';
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
import { type PlaceQuery, placeChoices, placeFields, placeNames, targetFrom } from './targets.ts';

const params = z.object({ id: draftId });
const entered = { ...placeFields, message: z.string().default('') };
const rules = z.object({ message: z.string().trim().min(1).max(500) });
const states = draftShape.shape.state;

/** A draft that somebody opened so lately with the same words is the one of their first click. */
const doubleClickMs = 10_000;

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
      const { items, next } = await deps.workflow.drafts.list({ state, cursor, limit: pageLength });
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
      input: { body: z.object(entered) },
      page: () => newDraftPath,
      take: (here, { body }) => open(deps, here, body),
    }),
  ];
}

async function open(
  deps: ConsoleDeps,
  here: StaffHere,
  body: PlaceQuery & { message: string },
): Promise<void> {
  const { acting } = here;
  const target = targetFrom(body) ?? { regions: [], markets: [] };
  try {
    acting.requireSome('edit');
    const { message } = parseFlat(rules, { message: body.message });
    const draft =
      (await openedJustNow(deps, here, message)) ??
      (await deps.workflow.drafts.open({ message, target }, acting.who));
    seeOther(here.ctx, draftPage(draft.id, 'items'));
  } catch (error) {
    showForm(deps, here, { target }, refusalOf(error, { message: body.message }));
  }
}

/** The draft that a first click has opened. */
async function openedJustNow(
  deps: ConsoleDeps,
  { acting }: StaffHere,
  message: string,
): Promise<Draft | undefined> {
  const { items } = await deps.workflow.drafts.list({ state: 'open', limit: 5 });
  return items.find(
    (draft) =>
      draft.message === message &&
      draft.changes.length === 0 &&
      samePerson(draft.author, acting.who.by) &&
      deps.clock.now() - draft.createdAt.getTime() < doubleClickMs,
  );
}

function describing(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'draft_describe',
      path: draftPage(':id', 'describe'),
      input: { params },
      async show(here, { params: { id } }) {
        const draft = await deps.workflow.drafts.get(id);
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
        const draft = await deps.workflow.drafts.get(id);
        const target = targetFrom(body) ?? { regions: [], markets: [] };
        try {
          await requireDraft(here.acting, 'edit', draft);
          const { message } = parseFlat(rules, { message: body.message });
          const seen = seenByForm(draft, body.version, () => draft.message === message);
          if (seen) await deps.workflow.drafts.describe(seen, { message, target }, here.acting.who);
          doneAt(deps, here, { path: draftPath(id), notice: 'saved' });
        } catch (error) {
          showForm(deps, here, { ...draft, target }, refusalOf(error, { message: body.message }));
        }
      },
    }),
  ];
}

function showForm(
  deps: ConsoleDeps,
  here: StaffHere,
  draft: Partial<Draft> & { target: Target },
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
      message,
      choices: placeChoices(configuration, { names, chosen: draft.target, offers: () => true }),
    },
  });
}

function mayEdit({ acting }: StaffHere): boolean {
  return acting.grants.some(({ permission }) => permission === 'edit');
}
