/** The routes that mailed links lead to, and recovery outside of an interaction. */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { showConfirm } from './confirm-link.ts';
import type { InteractionDeps } from './deps.ts';
import {
  recoverScope,
  showRecoverLink,
  showRecoverSent,
  showRecoverStart,
  submitRecoverLink,
  submitRecoverStart,
} from './recover-link.ts';

const uid = z.string().regex(/^[\w-]{10,64}$/);
/** One line of text: longer than any field allows, shorter than the body limit. */
const line = z.string().max(2_000).default('');
const token = z.string().regex(/^[\w-]{20,100}$/);

/**
 * The routes of mailed links.
 * @param deps modules
 */
export function linkRoutes(deps: InteractionDeps): Route[] {
  const recover = () => recoverScope;
  return [
    route({
      name: 'interaction.confirm.show',
      method: 'GET',
      path: '/interaction/:uid/confirm',
      input: { params: z.object({ uid }), query: z.object({ t: token }) },
      handle: (ctx, { params, query }) => showConfirm(deps, ctx, { uid: params.uid, token: query.t }),
    }),
    route({
      name: 'recover.show',
      method: 'GET',
      path: '/recover',
      handle: (ctx) => showRecoverStart(deps, ctx),
    }),
    route({
      name: 'recover.start',
      method: 'POST',
      path: '/recover',
      input: { body: z.object({ identifier: line }) },
      csrf: recover,
      limiter: 'recover',
      async handle(ctx, { body }) {
        if (!deps.turns.repeated(ctx, body)) await submitRecoverStart(deps, ctx, body.identifier);
      },
    }),
    route({
      name: 'recover.sent',
      method: 'GET',
      path: '/recover/sent',
      handle: (ctx) => showRecoverSent(deps, ctx),
    }),
    route({
      name: 'recover.link.show',
      method: 'GET',
      path: '/recover/link',
      input: { query: z.object({ t: token }) },
      handle: (ctx, { query }) => showRecoverLink(deps, ctx, { token: query.t }),
    }),
    route({
      name: 'recover.link',
      method: 'POST',
      path: '/recover/link',
      input: { query: z.object({ t: token }), body: z.object({ password: line }) },
      csrf: recover,
      limiter: 'recover',
      async handle(ctx, { query, body }) {
        if (deps.turns.repeated(ctx, body)) return;
        await submitRecoverLink(deps, ctx, { token: query.t, password: body.password });
      },
    }),
  ];
}
