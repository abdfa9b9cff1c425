/**
 * The account pages: who am I here, is my account safe, what did I agree to. Owns the member's own pages and the
 * changes members make to their own account; never signs anybody in, and never acts for anybody but the member of
 * the present session: no route takes a member's id.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import { leaveNotice, signedInAgain } from '../pages/notices.ts';
import { seeOther } from '../pages/visitor.ts';
import { wayBackFrom } from '../pages/way-back.ts';
import { applicationRoutes } from './applications.ts';
import { consentRoutes } from './consents.ts';
import type { AccountDeps } from './deps.ts';
import { formRoutes } from './forms.ts';
import { homeRoutes } from './home.ts';
import { passwordRoutes } from './password.ts';
import { preferenceRoutes } from './preferences.ts';
import { profileRoutes } from './profile.ts';
import { requestRoutes } from './requests.ts';
import { securityPageRoutes, securityPath } from './security.ts';
import { sessionRoutes } from './sessions.ts';
import { upstreamLinkRoutes } from './upstream-links.ts';
import { nav, visitorOf } from './visitor.ts';

/**
 * Every route of the account pages.
 * @param deps modules
 */
export function accountRoutes(deps: AccountDeps): Route[] {
  return [
    ...homeRoutes(deps),
    ...profileRoutes(deps),
    ...preferenceRoutes(deps),
    ...formRoutes(deps),
    ...securityPageRoutes(deps),
    ...passwordRoutes(deps),
    ...upstreamLinkRoutes(deps),
    ...sessionRoutes(deps),
    ...applicationRoutes(deps),
    ...consentRoutes(deps),
    ...requestRoutes(deps),
    ...passageRoutes(deps),
  ];
}

/** Addresses that only lead on. */
function passageRoutes(deps: AccountDeps): Route[] {
  return [
    route({
      name: 'account.signed_in',
      method: 'GET',
      path: ownClient.returnPath,
      input: {
        query: z.object({ state: z.string().max(3_000).optional(), error: z.string().max(200).optional() }),
      },
      async handle(ctx, { query }) {
        const { path, again } = wayBackFrom(deps.wayBackKeys().all, ctx.state.visit.deviceId, query.state);
        // Whoever turned back is not sent to the sign-in again; a session that was there before still is.
        if (query.error !== undefined && !(await visitorOf(deps, ctx, path)))
          throw new DomainError('sign_in.required');
        if (again && query.error === undefined) leaveNotice(ctx, deps.cookies, signedInAgain);
        seeOther(ctx, path);
      },
    }),
    route({
      name: 'account.sign_out',
      method: 'GET',
      path: nav.signOutUrl,
      handle: (ctx) => seeOther(ctx, '/sign-out'),
    }),
    route({
      name: 'account.change_password',
      method: 'GET',
      // A Well-Known URL for Changing Passwords (W3C): password managers come here.
      path: '/.well-known/change-password',
      handle(ctx) {
        seeOther(ctx, securityPath);
        ctx.status = 302;
      },
    }),
  ];
}
