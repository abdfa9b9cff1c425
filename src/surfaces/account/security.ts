/** The page of the ways in: what it shows, and that a member never loses the last one. */
import type { Route } from '../../base/http/routes.ts';
import { signInMethods } from '../interactions/methods.ts';
import { shownPasswordRules } from '../pages/password-rules.ts';
import type { Here, Refused } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { lastPasswordChange } from './history.ts';
import { signInMethodsView, type UpstreamLink } from './views.ts';
import { accountPage, nav, profileOf, showAccountPage } from './visitor.ts';
import { isLastWayIn, type WaysIn } from './ways-in.ts';

/** Path of the page. */
export const securityPath = nav.signInMethodsUrl;

/**
 * The route that shows the page; its forms have routes of their own.
 * @param deps modules
 */
export function securityPageRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, {
      name: 'account.security',
      path: securityPath,
      show: (here) => showSecurity(deps, here),
    }),
  ];
}

/**
 * The ways in that the member has.
 * @param deps modules
 * @param here the visitor
 */
export async function waysInOf(deps: AccountDeps, here: Here): Promise<WaysIn> {
  const [hasPassword, linked] = await Promise.all([
    deps.passwords.has(here.member._id),
    deps.members.identifierTypes(here.member._id),
  ]);
  const upstreams = deps.upstreams.list().map(({ id }) => id);
  return { hasPassword, linked, usable: byCodeOnly(here) ? [...upstreams, 'email'] : upstreams };
}

/** Where members have no password, the code mailed to their address is a way in of its own. */
function byCodeOnly(here: Here): boolean {
  const methods = signInMethods(here.place.experience);
  return methods.includes('mail-code') && !methods.includes('password');
}

/**
 * Shows the page.
 * @param deps modules
 * @param here the visitor
 * @param refused what went wrong with one of its forms
 */
export async function showSecurity(deps: AccountDeps, here: Here, refused?: Refused): Promise<void> {
  const [{ email }, ways, upstreams, changedAt] = await Promise.all([
    profileOf(deps, here),
    waysInOf(deps, here),
    upstreamLinks(deps, here),
    lastPasswordChange(deps, here),
  ]);
  await showAccountPage(deps, here, {
    view: signInMethodsView,
    data: {
      nav,
      email: email ?? '',
      // Who has one, perhaps from another brand, can change it anywhere.
      password:
        ways.hasPassword || signInMethods(here.place.experience).includes('password')
          ? {
              isSet: ways.hasPassword,
              changedAt: ways.hasPassword ? changedAt : undefined,
              action: `${securityPath}/password`,
              rules: shownPasswordRules(deps, here.place, here.member),
            }
          : undefined,
      upstreams: upstreams.map((link) => ({
        ...link,
        lastWayIn: link.linked && isLastWayIn(ways, link.id),
      })),
    },
    refused,
    formAction: deps.upstreams.formActionOrigins(),
  });
}

/** The brand's upstreams, and any other that is linked: what was linked elsewhere can be unlinked here. */
async function upstreamLinks(deps: AccountDeps, here: Here): Promise<UpstreamLink[]> {
  const identifiers = await deps.members.identifiers(here.member);
  const offered = signInMethods(here.place.experience);
  return deps.upstreams.list().flatMap(({ id, label }): UpstreamLink[] => {
    const linked = identifiers.find(({ type }) => type === id);
    if (!linked && !offered.includes(id)) return [];
    return [
      {
        id,
        name: label,
        linked: linked !== undefined,
        linkedAt: linked?.verifiedAt.toISOString(),
        action: `${securityPath}/upstreams/${id}/${linked ? 'unlink' : 'link'}`,
      },
    ];
  });
}
