/** Reading what is live and what was: heads, publications, releases and their items, and what is different between two. */
import { z } from 'zod';
import { type JsonAnswer, jsonRoute } from '../../base/http/json-routes.ts';
import { page, pageOf, pageQuery, placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { JsonObject } from '../../business/layers/json.ts';
import { reading, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import {
  comparisonShape,
  itemPathShape,
  itemShape,
  publicationShape,
  releaseId,
  releaseShape,
} from './shapes.ts';
import { comparisonView, pageView, publicationView, releaseView } from './views.ts';

const tag = 'releases';
const common = { tag, limiter: 'edge', auth: reading } as const;

const ownRelease = z.object({ id: z.string(), release: z.string() });
const liveShape = z.object({
  version: z.int().meta({ description: 'Rises with each publication.' }),
  all: releaseShape.meta({ description: 'What is live where nothing else is said.' }),
  regions: z.array(ownRelease).meta({ description: 'Regions with a release of their own.' }),
  markets: z.array(ownRelease).meta({ description: 'Markets with a release of their own.' }),
});

/** An item in a list. */
const listedItem = z.object({
  item: z.string(),
  hash: z.string().meta({ description: 'Of its content: equal contents have equal hashes.' }),
});

/**
 * The routes about what is and was live.
 * @param deps modules
 */
export function releaseRoutes(deps: ConfigurationApiDeps): Route[] {
  return [live(deps), publications(deps), release(deps), items(deps), item(deps), difference(deps)];
}

function live(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.live',
    method: 'GET',
    path: `${root}/live`,
    summary: 'What is live, everywhere and in parts.',
    versioned: true,
    answers: { 200: liveShape },
    errors: ['permission.missing'],
    async handle(ctx) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const { version, all, own } = deps.releases.live.current();
      const ownOf = (kind: 'region' | 'market') =>
        own
          .filter((each) => each.kind === kind)
          .map(({ id, live: { release } }) => ({ id, release: release.id }));
      const body = {
        version,
        all: await releaseView(all.release, acting),
        regions: ownOf('region'),
        markets: ownOf('market'),
      };
      return { status: 200, body, etag: String(version) };
    },
  });
}

function publications(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.publications',
    method: 'GET',
    path: `${root}/releases`,
    summary: 'What went live, where, when and through whom, the newest first.',
    input: { query: z.object({ ...pageQuery(), release: releaseId.optional() }) },
    answers: { 200: pageOf(publicationShape) },
    errors: ['permission.missing', 'cursor.invalid'],
    async handle(ctx, { query: { limit, cursor, release: of } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const at = placeOf(z.string().regex(/^\d{1,15}$/), cursor);
      const found = await deps.workflow.history.publications({ limit, cursor: at, release: of });
      return { status: 200, body: await pageView(found, (each) => publicationView(each, acting)) };
    },
  });
}

function release(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.release',
    method: 'GET',
    path: `${root}/releases/:id`,
    summary: 'A release: what it says of itself.',
    input: { params: z.object({ id: releaseId }) },
    answers: { 200: releaseShape },
    errors: ['permission.missing', 'release.unknown'],
    async handle(ctx, { params: { id } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const found = await deps.releases.store.info(id);
      if (!found) throw new DomainError('release.unknown');
      return { status: 200, body: await releaseView(found, acting) };
    },
  });
}

function items(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.release_items',
    method: 'GET',
    path: `${root}/releases/:id/items`,
    summary: 'The items of a release that the caller may read, by path.',
    input: { params: z.object({ id: releaseId }), query: z.object(pageQuery({ usual: 200, most: 1000 })) },
    answers: { 200: pageOf(listedItem) },
    errors: ['permission.missing', 'release.unknown', 'cursor.invalid'],
    async handle(ctx, { params: { id }, query: { limit, cursor } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const after = placeOf(z.string().max(200), cursor) ?? '';
      const { hashes } = await deps.workflow.history.release(id);
      const readable = await acting.allowed(
        'read',
        [...hashes.keys()].filter((path) => path > after),
      );
      const found = [...readable].sort().map((path) => ({ item: path, hash: hashes.get(path) ?? '' }));
      return { status: 200, body: page(found, limit, (last) => last.item) };
    },
  });
}

function item(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.release_item',
    method: 'GET',
    path: `${root}/releases/:id/items/*path`,
    summary: 'One item of a release.',
    input: { params: z.object({ id: releaseId, path: itemPathShape }) },
    versioned: true,
    answers: { 200: itemShape },
    errors: ['permission.missing', 'release.unknown', 'item.unknown'],
    async handle(ctx, { params: { id, path } }) {
      const acting = await actingIn(deps, ctx);
      await acting.require('read', [path]);
      const { items: all, hashes } = await deps.workflow.history.release(id);
      return itemAnswer(all.get(path), hashes.get(path) ?? '');
    },
  });
}

/**
 * An item as an answer.
 * @param document the item
 * @param etag its version
 * @throws DomainError `item.unknown`
 */
export function itemAnswer(
  document: JsonObject | undefined,
  etag: string,
): JsonAnswer<{ 200: typeof itemShape }> {
  if (!document) throw new DomainError('item.unknown');
  return { status: 200, body: { ...document }, etag };
}

function difference(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.release_diff',
    method: 'GET',
    path: `${root}/releases/:from/diff/:to`,
    summary: 'What is different between two releases, key by key, and what that comes to for whom.',
    input: { params: z.object({ from: releaseId, to: releaseId }) },
    answers: { 200: comparisonShape },
    errors: ['permission.missing', 'release.unknown'],
    async handle(ctx, { params: { from, to } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const found = await deps.workflow.comparisons.releases(from, to);
      return { status: 200, body: await comparisonView(found, acting) };
    },
  });
}
