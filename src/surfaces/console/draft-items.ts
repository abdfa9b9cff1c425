/** The items of a draft: found, edited as documents, and removed, each against the version of the draft that was seen. */
import { z } from 'zod';
import { placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { prettyJson } from '../../business/layers/folder.ts';
import { parseItemPath } from '../../business/layers/item-path.ts';
import { type JsonObject, sameJson } from '../../business/layers/json.ts';
import { keyChanges } from '../../business/layers/json-changes.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { LoadedRelease } from '../../business/releases/release-store.ts';
import { usualAt } from '../../business/releases/target.ts';
import { largestDocument } from '../admin/access.ts';
import { draftId, itemPathShape } from '../admin/shapes.ts';
import { editDraft, requireItem } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { seeOther } from '../pages/visitor.ts';
import { shownKeys } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPage, draftPath, itemPage, removePage } from './draft-paths.ts';
import { type DraftItemData, draftItemsView, draftItemView, removeItemView } from './draft-views.ts';
import { faultPlaces, readDocument } from './item-document.ts';
import { listQuery, nextUrl } from './paging.ts';
import { namesOf } from './people.ts';
import { type ConsoleRefused, refusalOf } from './refusals.ts';
import { seenByForm } from './seen.ts';
import { shownRelease } from './shown.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';

const params = z.object({ id: draftId });
const itemParams = z.object({ id: draftId, path: itemPathShape });
const pageLength = 100;

/**
 * The routes about a draft's items.
 * @param deps modules
 */
export function draftItemRoutes(deps: ConsoleDeps): Route[] {
  return [
    picker(deps),
    consolePage(deps, {
      name: 'draft_item',
      path: `${draftPage(':id', 'items')}/*path`,
      input: { params: itemParams },
      show: (here, { params: { id, path } }) => showItem(deps, here, { id, item: path }),
    }),
    consoleForm(deps, {
      name: 'draft_item_saved',
      path: `${draftPage(':id', 'items')}/*path`,
      input: { params: itemParams, body: z.object({ version: z.string(), document: z.string() }) },
      // Every character of a document may take three in a form.
      bodyLimit: 3 * largestDocument,
      page: ({ id, path }) => itemPage(id, path),
      take: (here, { params: { id, path }, body }) => save(deps, here, { id, item: path, ...body }),
    }),
    consolePage(deps, {
      name: 'draft_item_remove',
      path: removePage(':id', '*path'),
      input: { params: itemParams },
      show: (here, { params: { id, path } }) => showRemoval(deps, here, { id, item: path }),
    }),
    consoleForm(deps, {
      name: 'draft_item_removed',
      path: removePage(':id', '*path'),
      input: { params: itemParams, body: z.object({ version: z.string() }) },
      page: ({ id, path }) => removePage(id, path),
      take: (here, { params: { id, path }, body }) => remove(deps, here, { id, item: path, ...body }),
    }),
  ];
}

function picker(deps: ConsoleDeps): Route {
  const text = z.string().trim().max(200).optional();
  return consolePage(deps, {
    name: 'draft_items',
    path: draftPage(':id', 'items'),
    input: { params, query: z.object({ ...listQuery, q: text, open: text }) },
    async show(here, { params: { id }, query: { q = '', open, cursor } }) {
      if (open) return seeOther(here.ctx, itemPage(id, encodeURI(open)));
      here.acting.requireSome('edit');
      const after = placeOf(z.string().max(200), cursor) ?? '';
      const [draft, items] = await Promise.all([
        draftFor(deps, here.acting, id),
        deps.workflow.drafts.items(id),
      ]);
      const changed = new Set(draft.changes.map(({ item }) => item));
      const wanted = [...items.keys()].filter((item) => item > after && item.includes(q));
      const found = [...(await here.acting.allowed('edit', wanted))].sort();
      const shown = found.slice(0, pageLength);
      const next = found.length > shown.length ? shown.at(-1) : undefined;
      showConsole(deps, here, {
        view: draftItemsView,
        area: 'drafts',
        data: {
          message: draft.message,
          backUrl: draftPath(id),
          action: draftPage(id, 'items'),
          q,
          items: shown.map((item) => ({ item, changed: changed.has(item), url: itemPage(id, item) })),
          nextUrl: nextUrl(draftPage(id, 'items'), { q }, next),
        },
      });
    },
  });
}

interface Which {
  id: string;
  item: string;
}

async function showItem(
  deps: ConsoleDeps,
  here: StaffHere,
  { id, item }: Which,
  refused?: ConsoleRefused,
): Promise<void> {
  await requireItem(here.acting, item);
  if (!parseItemPath(item)) throw new DomainError('item.unknown');
  const { drafts, history } = deps.workflow;
  const [draft, now] = await Promise.all([draftFor(deps, here.acting, id), drafts.item(id, item)]);
  const before = (await history.release(draft.base)).items.get(item);
  const live = usualAt(draft.target, deps.releases.live.current()).release;
  const overtaken = refused?.faults.some(({ code }) => code === 'draft.changed');
  const by = draft.changedBy ?? draft.author;
  const nameOf = await namesOf(deps, here, [by]);
  showConsole(deps, here, {
    view: draftItemView,
    area: 'drafts',
    refused,
    data: {
      message: draft.message,
      item,
      action: itemPage(id, item),
      backUrl: draftPath(id),
      version: String(draft.version),
      // A removed item is brought back by saving what it was.
      document: prettyJson(now ?? before ?? {}),
      state: now ? (before ? 'kept' : 'new') : before ? 'removed' : 'new',
      reopens: draft.state !== 'open',
      removeUrl: now ? removePage(id, item) : undefined,
      moved: movedOn(draft, { before, live, item }),
      overtaken: overtaken
        ? { by: nameOf(by), at: draft.changedAt.toISOString(), document: prettyJson(now ?? {}) }
        : undefined,
    },
  });
}

/** What is live by now may say something else of an item than what its draft began with. */
function movedOn(
  { id, base, changes }: Draft,
  { before, live, item }: { before: JsonObject | undefined; live: LoadedRelease; item: string },
): DraftItemData['moved'] {
  const found = live.id === base ? [] : keyChanges(before, live.items.get(item));
  if (found.length === 0) return undefined;
  return {
    ...shownKeys(found),
    release: shownRelease(live),
    rebaseUrl: changes.length > 0 ? draftPage(id, 'rebase') : undefined,
  };
}

async function save(
  deps: ConsoleDeps,
  here: StaffHere,
  given: Which & { version: string; document: string },
): Promise<void> {
  const { id, item, version } = given;
  const { drafts } = deps.workflow;
  try {
    await requireItem(here.acting, item);
    const document = readDocument(item, given.document);
    const draft = await draftFor(deps, here.acting, id);
    const now = await drafts.item(id, item);
    const seen = seenByForm(draft, version, () => now !== undefined && sameJson(now, document));
    if (seen) await editDraft(deps, here.acting, seen, [{ item, put: document }]);
    doneAt(deps, here, { path: draftPath(id), notice: 'saved' });
  } catch (error) {
    const refused = refusalOf(error, { document: given.document });
    await showItem(deps, here, given, faultPlaces(refused, given));
  }
}

async function showRemoval(
  deps: ConsoleDeps,
  here: StaffHere,
  { id, item }: Which,
  refused?: ConsoleRefused,
): Promise<void> {
  await requireItem(here.acting, item);
  const { drafts } = deps.workflow;
  const [draft, now] = await Promise.all([draftFor(deps, here.acting, id), drafts.item(id, item)]);
  if (!now) throw new DomainError('item.unknown');
  showConsole(deps, here, {
    view: removeItemView,
    area: 'drafts',
    refused,
    data: {
      message: draft.message,
      item,
      action: removePage(id, item),
      backUrl: itemPage(id, item),
      version: String(draft.version),
      document: prettyJson(now),
    },
  });
}

async function remove(deps: ConsoleDeps, here: StaffHere, given: Which & { version: string }): Promise<void> {
  const { id, item, version } = given;
  const { drafts } = deps.workflow;
  try {
    await requireItem(here.acting, item);
    const draft: Draft = await draftFor(deps, here.acting, id);
    const now = await drafts.item(id, item);
    const seen = seenByForm(draft, version, () => now === undefined);
    if (seen) await editDraft(deps, here.acting, seen, [{ item, remove: true }]);
    doneAt(deps, here, { path: draftPath(id), notice: 'removed' });
  } catch (error) {
    await showRemoval(deps, here, given, refusalOf(error));
  }
}
