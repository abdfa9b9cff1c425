/** Routes that every surface shares: files, legal texts, the choice of a language, and the front door. */
import { z } from 'zod';
import type { Assets } from '../../base/http/assets.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { localeCookie } from '../../base/http/visit.ts';
import { errorDocs, errorDocsPath } from '../../base/i18n/error-reference.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Purposes } from '../../business/purposes/purposes.ts';
import type { LastClient } from './last-client.ts';
import type { Pages } from './pages.ts';
import { startRoute } from './start.ts';
import { legalTextView } from './views.ts';

/** What these routes are made of. */
export interface PageRouteDeps {
  assets: Assets;
  cookies: Cookies;
  i18n: I18n;
  purposes: Purposes;
  pages: Pages;
  lastClient: LastClient;
  issuer: string;
  findClient(id: string): Promise<ClientRecord | undefined>;
}

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const version = z.string().regex(/^[\w.-]{1,20}$/);
const localPath = z.string().regex(/^\/(?![/\\])[\w./?=&%-]{0,300}$/);

/** Scope of the language form's token outside of interactions and account pages. */
export const languageScope = 'account';

/**
 * The shared routes.
 * @param deps files, texts, frames
 */
export function pageRoutes(deps: PageRouteDeps): Route[] {
  return [
    route({
      name: 'front',
      method: 'GET',
      path: '/',
      handle(ctx) {
        ctx.redirect('/account');
        ctx.status = 303;
      },
    }),
    startRoute(deps),
    route({
      name: 'docs.errors',
      method: 'GET',
      // Where the `type` of a problem leads (RFC 9457 section 3.1.1).
      path: errorDocsPath,
      handle(ctx) {
        ctx.body = errorDocs();
        ctx.type = 'text/plain; charset=utf-8';
      },
    }),
    route({
      name: 'asset',
      method: 'GET',
      path: '/assets/{*path}',
      input: { query: z.object({ v: z.string().max(64).optional() }) },
      handle: (ctx, { query }) => sendAsset(deps.assets, ctx, query.v),
    }),
    route({
      name: 'legal.text',
      method: 'GET',
      path: '/legal/:id/:version',
      input: { params: z.object({ id, version }), query: z.object({ back: localPath.optional() }) },
      handle: (ctx, { params, query }) => showLegalText(deps, ctx, { ...params, back: query.back }),
    }),
    route({
      name: 'language',
      method: 'POST',
      path: '/language',
      input: { body: z.object({ locale: z.string().max(35), return_to: localPath }) },
      csrf: () => languageScope,
      limiter: 'edge',
      handle(ctx, { body }) {
        if (!deps.i18n.locales.some(({ code }) => code === body.locale))
          throw new DomainError('input.invalid');
        deps.cookies.write(ctx, localeCookie, body.locale, { maxAgeSeconds: 365 * 86_400 });
        ctx.redirect(body.return_to);
        ctx.status = 303;
      },
    }),
  ];
}

function sendAsset(assets: Assets, ctx: EdgeContext, asked: string | undefined): void {
  const asset = assets.read(ctx.path, asked);
  if (!asset) throw new DomainError('route.not_found');
  ctx.set('ETag', asset.etag);
  ctx.set('Cache-Control', asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  ctx.type = asset.type;
  if (asset.shared) ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
  if (ctx.get('If-None-Match') === asset.etag) {
    ctx.status = 304;
    return;
  }
  ctx.body = asset.body;
}

async function showLegalText(
  deps: PageRouteDeps,
  ctx: EdgeContext,
  asked: { id: string; version: string; back: string | undefined },
): Promise<void> {
  const client = await deps.lastClient.recall(ctx);
  const place = deps.pages.place(ctx, { client, scope: languageScope, returnTo: ctx.url });
  const { locale } = ctx.state.visit;
  const text = deps.purposes.text(asked.id, asked.version, locale, place.experience.jurisdiction);
  if (!text) throw new DomainError('route.not_found');
  deps.pages.show(ctx, place, {
    view: legalTextView,
    data: {
      kind: text.kind,
      title: text.title,
      version: text.version,
      effectiveFrom: text.validFrom,
      language: text.language,
      body: text.plain,
      backUrl: asked.back,
    },
  });
}
