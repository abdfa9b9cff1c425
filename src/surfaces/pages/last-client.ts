/**
 * The app a browser was last on the way to, in a signed cookie that holds its client id and nothing else: the way
 * back from an interaction that is gone. The address always comes from the client's registration, never from a request.
 */
import type { EdgeContext, EdgeMiddleware } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import { constantTimeEqual, keyedHash } from '../../base/kernel/sealing.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { NextStep } from './views.ts';

/** Remembers and recalls. */
export interface LastClient {
  /** Notes the client for a day. */
  remember(ctx: EdgeContext, clientId: string): void;
  /** The live client of the cookie. */
  recall(ctx: EdgeContext): Promise<ClientRecord | undefined>;
  /** The client that {@link LastClient.prepare} found for this request, for the error handler, which cannot wait. */
  recalled(ctx: EdgeContext): ClientRecord | undefined;
  /** Looks the way back up before a page is handled. */
  prepare: EdgeMiddleware;
}

const cookie = 'app';
const daySeconds = 86_400;
/** Where people meet pages; machines and files need no way back. */
const pagePaths = /^\/(?:interaction|recover|device|callback|legal|language|sign-out|authorize)(?:\/|$)/;

/**
 * Builds the memory.
 * @param deps cookies, signing keys (the first signs, all are believed), clients (from the cache: no command), issuer
 */
export function createLastClient(deps: {
  cookies: Cookies;
  keys(): readonly Buffer[];
  issuer: string;
  findClient(id: string): Promise<ClientRecord | undefined>;
}): LastClient {
  const found = new WeakMap<object, ClientRecord>();
  const signatures = (clientId: string) => deps.keys().map((key) => keyedHash(key, 'last-client', clientId));
  const recall: LastClient['recall'] = async (ctx) => {
    const [clientId = '', signature = ''] = (deps.cookies.read(ctx, cookie) ?? '').split('.');
    const ours = signatures(clientId).filter((each) => constantTimeEqual(each, signature));
    if (!clientId || ours.length === 0) return undefined;
    const client = await deps.findClient(clientId);
    return client?.disabledAt ? undefined : client;
  };
  return {
    remember(ctx, clientId) {
      const value = `${clientId}.${signatures(clientId)[0]}`;
      if (deps.cookies.read(ctx, cookie) !== value)
        deps.cookies.write(ctx, cookie, value, { maxAgeSeconds: daySeconds });
    },
    recall,
    recalled: (ctx) => found.get(ctx.req),
    async prepare(ctx, next) {
      if (pagePaths.test(ctx.path)) {
        const client = await recall(ctx);
        if (client) found.set(ctx.req, client);
      }
      await next();
    },
  };
}

/**
 * The registered address that starts or shows an app: third-party initiated login where it has one (OpenID Connect
 * Core section 4), else its site.
 * @param client the relying party
 * @param issuer told to the app as `iss`
 */
export function stepTo(client: ClientRecord, issuer: string): NextStep | undefined {
  const { initiate_login_uri: initiate, client_uri: site } = client.metadata;
  if (initiate) {
    const url = new URL(initiate);
    url.searchParams.set('iss', issuer);
    return { kind: 'app', url: url.href, name: client.name };
  }
  return site ? { kind: 'app', url: site, name: client.name } : undefined;
}
