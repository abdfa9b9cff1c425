/**
 * Starting an app from here (OpenID Connect Core section 4, third-party initiated login): leads the browser to the
 * registered address at which the app begins a sign-in. Signs nobody in and asks nothing.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { stepTo } from './last-client.ts';

/** What the start is made of. */
export interface StartDeps {
  issuer: string;
  findClient(id: string): Promise<ClientRecord | undefined>;
}

/**
 * Where an app is started; a link for pages, mails and other sites.
 * @param clientId the client
 */
export function startPath(clientId: string): string {
  return `/start/${clientId}`;
}

/**
 * The route. `target_link_uri` is passed on when it lies on an origin that the client has registered.
 * @param deps issuer, clients
 */
export function startRoute(deps: StartDeps): Route {
  return route({
    name: 'start',
    method: 'GET',
    path: '/start/:clientId',
    limiter: 'edge',
    input: {
      params: z.object({ clientId: z.string().regex(/^[\w-]{3,64}$/) }),
      query: z.object({ target_link_uri: z.string().max(2048).optional() }),
    },
    async handle(ctx, { params, query }) {
      const client = await deps.findClient(params.clientId);
      const step = client && !client.disabledAt ? stepTo(client, deps.issuer) : undefined;
      if (!client || !step || step.kind !== 'app') throw new DomainError('route.not_found');
      const url = new URL(step.url);
      const target = query.target_link_uri;
      if (target !== undefined && client.metadata.initiate_login_uri) {
        if (!isOf(client, target)) throw new DomainError('input.invalid');
        url.searchParams.set('target_link_uri', target);
      }
      ctx.redirect(url.href);
      ctx.status = 303;
    },
  });
}

function isOf({ metadata }: ClientRecord, target: string): boolean {
  // Scripts and private-use schemes share one origin, `null`: an app of the device would let `javascript:` through.
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) return false;
  const own = [metadata.initiate_login_uri, metadata.client_uri, ...metadata.redirect_uris];
  return own.some((uri) => uri !== undefined && new URL(uri).origin === new URL(target).origin);
}
