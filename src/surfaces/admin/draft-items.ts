/** The items of a draft: read, put, patched and removed, each change against the version of the draft that was seen. */
import { z } from 'zod';
import type { Conditions } from '../../base/http/conditions.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import { page, pageOf, pageQuery, placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import type { Json } from '../../business/layers/json.ts';
import type { ItemEdit } from '../../business/releases/draft-edits.ts';
import { editDraft, requireItem } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { tellingFaults } from '../desk/refusals.ts';
import { largestDocument, reading, root, writing } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { type DraftAnswer, draftAnswer, requireSeen } from './draft-answers.ts';
import { itemAnswer } from './releases.ts';
import { draftId, draftShape, itemPathShape, itemShape } from './shapes.ts';

const params = z.object({ id: draftId, path: itemPathShape });
const path = `${root}/drafts/:id/items/*path`;
const common = { tag: 'drafts', limiter: 'edge' } as const;
const changing = {
  ...common,
  auth: writing,
  versioned: true,
  ifMatch: 'required',
  answers: { 200: draftShape },
  errors: ['permission.missing', 'draft.unknown', 'draft.changed', 'draft.closed', 'configuration.refused'],
} as const;
const documents = { json: 'document', bodyLimit: largestDocument } as const;

const patchShape = z.looseObject({}).meta({
  id: 'ItemPatch',
  description: 'Keys to be changed, `null` for those to be taken away (RFC 7386).',
});

/**
 * The routes about a draft's items.
 * @param deps modules
 */
export function draftItemRoutes(deps: ConfigurationApiDeps): Route[] {
  return [list(deps), read(deps), put(deps), patch(deps), remove(deps)];
}

function list(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_items',
    method: 'GET',
    path: `${root}/drafts/:id/items`,
    summary: 'The items as they would be, as far as the caller may read them, by path.',
    auth: reading,
    input: { params: z.object({ id: draftId }), query: z.object(pageQuery({ usual: 200, most: 1000 })) },
    answers: {
      200: pageOf(
        z.object({
          item: z.string(),
          changed: z.boolean().meta({ description: 'Whether the draft puts it.' }),
        }),
      ),
    },
    errors: ['permission.missing', 'draft.unknown', 'draft.contents_gone', 'cursor.invalid'],
    async handle(ctx, { params: { id }, query: { limit, cursor } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const after = placeOf(z.string().max(200), cursor) ?? '';
      const [draft, items] = await Promise.all([draftFor(deps, acting, id), deps.workflow.drafts.items(id)]);
      const changed = new Set(draft.changes.map(({ item }) => item));
      const readable = await acting.allowed(
        'read',
        [...items.keys()].filter((item) => item > after),
      );
      const found = [...readable].sort().map((item) => ({ item, changed: changed.has(item) }));
      return { status: 200, body: page(found, limit, (last) => last.item) };
    },
  });
}

function read(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_item',
    method: 'GET',
    path,
    summary: 'One item as it would be. The `ETag` is that of the draft.',
    auth: reading,
    versioned: true,
    input: { params },
    answers: { 200: itemShape },
    errors: ['permission.missing', 'draft.unknown', 'draft.contents_gone', 'item.unknown'],
    async handle(ctx, { params: { id, path: item } }) {
      const acting = await actingIn(deps, ctx);
      await acting.require('read', [item]);
      const draft = await draftFor(deps, acting, id);
      return itemAnswer(await deps.workflow.drafts.item(id, item), String(draft.version));
    },
  });
}

function put(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...changing,
    ...documents,
    name: 'configuration.draft_item_put',
    method: 'PUT',
    path,
    summary: 'Puts an item as a whole; approvals end.',
    input: { params, body: itemShape },
    handle(ctx, { params: { id, path: item }, body, conditions }) {
      // Files of a configuration folder say where their schema is.
      const { $schema: _schema, ...document } = body;
      return edit(deps, ctx, { id, conditions, edit: { item, put: document as Json } });
    },
  });
}

function patch(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...changing,
    ...documents,
    name: 'configuration.draft_item_patch',
    method: 'PATCH',
    path,
    summary: 'Changes keys of an item, or makes it; approvals end.',
    input: { params, body: patchShape },
    handle: (ctx, { params: { id, path: item }, body, conditions }) =>
      edit(deps, ctx, { id, conditions, edit: { item, patch: body as Json } }),
  });
}

function remove(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...changing,
    name: 'configuration.draft_item_remove',
    method: 'DELETE',
    path,
    summary: 'Removes an item from the configuration once the draft goes live; approvals end.',
    input: { params },
    handle: (ctx, { params: { id, path: item }, conditions }) =>
      edit(deps, ctx, { id, conditions, edit: { item, remove: true } }),
  });
}

function edit(
  deps: ConfigurationApiDeps,
  ctx: EdgeContext,
  given: { id: string; conditions: Conditions; edit: ItemEdit },
): Promise<DraftAnswer> {
  const { id, conditions, edit: wanted } = given;
  return tellingFaults(async () => {
    const acting = await actingIn(deps, ctx);
    await requireItem(acting, wanted.item);
    const { version } = await draftFor(deps, acting, id);
    requireSeen(conditions, { version });
    return draftAnswer(await editDraft(deps, acting, { id, version }, [wanted]), acting);
  });
}
