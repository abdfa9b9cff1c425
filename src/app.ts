/** The middleware of the public listener, in order, as a table. What comes first sees every answer. */
import Koa from 'koa';
import type { EdgeContext, EdgeMiddleware, EdgeState } from './base/http/context.ts';
import type { Cookies } from './base/http/cookies.ts';
import type { Csrf } from './base/http/csrf.ts';
import { deadline } from './base/http/deadline.ts';
import { errorHandler } from './base/http/errors.ts';
import { allowFormAction, securityHeaders } from './base/http/headers.ts';
import { hostGuard } from './base/http/host.ts';
import { requestLog } from './base/http/request-log.ts';
import { createRoutes, type Route, type RouteGuards } from './base/http/routes.ts';
import { visitMiddleware } from './base/http/visit.ts';
import { errorDocsPath } from './base/i18n/error-reference.ts';
import type { I18n } from './base/i18n/i18n.ts';
import type { Core } from './compose-core.ts';
import type { Throttles } from './people/risk/throttles.ts';
import type { Oidc } from './protocol/oidc/oidc.ts';
import type { Turns } from './surfaces/interactions/turns.ts';
import type { LastClient } from './surfaces/pages/last-client.ts';
import type { Pages } from './surfaces/pages/pages.ts';

/** What the application is made of. */
export interface AppDeps {
  core: Core;
  oidc: Oidc;
  pages: Pages;
  routes: readonly Route[];
  /** Guards of the APIs' routes. */
  guards: Pick<RouteGuards, 'authorize' | 'idempotencyKeys'>;
  /** Lets pages of other origins call where they may. */
  crossOrigin: EdgeMiddleware;
  csrf: Csrf;
  cookies: Cookies;
  i18n: I18n;
  throttles: Throttles;
  turns: Turns;
  lastClient: LastClient;
}

/** Paths that machines call: they get no device cookie. */
const machinePaths =
  /^\/(?:api|docs|token|register|userinfo|jwks|authorize\/par|backchannel-authentication|device\/(?:authorize|qr)|\.well-known)(?:\/|$)/;

/**
 * Builds the application.
 * @param deps core, protocol, pages, routes and guards
 */
export function createApp(deps: AppDeps): Koa<EdgeState> {
  const { core, oidc, pages, csrf, cookies, i18n, throttles } = deps;
  const { config, clock, ids, log, metrics, keys, experiences } = core;
  const routes = createRoutes(deps.routes, {
    ...deps.guards,
    csrf,
    limit: (ctx) => throttles.attempt('edge', { ip: ctx.state.visit.ip }),
  });
  const table: readonly EdgeMiddleware[] = [
    securityHeaders(config.issuer),
    requestLog({ log, clock, metrics }),
    errorHandler({
      log,
      cookies,
      renderError: pages.error,
      describe: (ctx, code, params) => i18n.error(ctx.state.visit.locale, code, params),
      docsUrl: `${config.issuer}${errorDocsPath}`,
    }),
    visitMiddleware({
      clock,
      ids,
      cookies,
      deviceKeys: [keys.secret('devices')],
      trustedProxies: config.trustedProxies,
      negotiate: ({ asked, chosen, accepted }) =>
        i18n.negotiate({
          uiLocales: asked,
          chosen,
          acceptLanguage: accepted,
          brandDefault: experiences.experienceFor({}).locales.default,
        }),
      mayHaveDevice: (ctx) => !machinePaths.test(ctx.path),
    }),
    hostGuard(
      config.issuer,
      config.mtls.url === undefined ? undefined : { origin: config.mtls.url, paths: machinePaths },
    ),
    deps.crossOrigin,
    deadline({ timeoutMs: config.requestTimeoutMs, log }),
    freshConfiguration(core),
    deps.lastClient.prepare,
    deps.turns.middleware,
    oidc.unitOfWork,
    routes.middleware,
    protocolRoute,
    limitDevices(throttles),
    oidc.endpoints,
  ];
  const app = new Koa<EdgeState>();
  app.silent = true;
  app.on('error', (error) => log.error({ error }, 'an answer could not be sent'));
  Object.defineProperty(app, 'keys', { get: () => oidc.cookieKeys() });
  const { protocol } = new URL(config.issuer);
  Object.defineProperty(app.request, 'protocol', { get: () => protocol.slice(0, -1) });
  for (const middleware of table) app.use(middleware);
  return app;
}

/** Nobody is served what is no longer configured: where changes may go unseen, the head is read first. */
function freshConfiguration({ releases }: Core): EdgeMiddleware {
  return async (_ctx, next) => {
    await releases.live.refresh();
    await next();
  };
}

/** A public client's id is no secret: whoever knows one could fill the database with devices that nobody waits at. */
function limitDevices(throttles: Throttles): EdgeMiddleware {
  return async (ctx, next) => {
    if (ctx.path === '/device/authorize' && ctx.method === 'POST')
      await throttles.attempt('device-start', { ip: ctx.state.visit.ip });
    await next();
  };
}

/** Names the protocol's endpoints for log and metrics, and lets their forms post to the client that asked. */
const protocolRoute: EdgeMiddleware = async (ctx, next) => {
  await next();
  const oidc = protocolContext(ctx);
  if (!oidc) return;
  if (oidc.route) ctx.state.route = `oidc.${oidc.route}`;
  if (oidc.client) ctx.state.visit = { ...ctx.state.visit, clientId: oidc.client.clientId };
  const target = oidc.params?.redirect_uri;
  if (ctx.response.is('html') && typeof target === 'string' && oidc.redirectUriCheckPerformed) {
    allowFormAction(ctx, [target]);
  }
};

/** What the library leaves on the context of its own endpoints. */
function protocolContext(ctx: EdgeContext) {
  const holder: {
    oidc?: {
      route?: string;
      client?: { clientId: string };
      params?: { redirect_uri?: unknown };
      redirectUriCheckPerformed?: boolean;
    };
  } = ctx as never;
  return holder.oidc;
}
