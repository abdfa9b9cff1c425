/** The overview: who am I here, is my account safe, what did I agree to. */
import type { Route } from '../../base/http/routes.ts';
import type { Here } from '../pages/visitor.ts';
import { connectedApplications } from './applications.ts';
import { agreedBy } from './consents.ts';
import type { AccountDeps } from './deps.ts';
import { lastPasswordChange, signInBefore } from './history.ts';
import { requestsPath, waitingCount } from './requests.ts';
import { waysInOf } from './security.ts';
import { supportAccessOf } from './support-access.ts';
import { type AccountHomeData, accountHomeView } from './views.ts';
import { accountPage, nav, profileOf, showAccountPage } from './visitor.ts';

/**
 * The route of the overview.
 * @param deps modules
 */
export function homeRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, {
      name: 'account.home',
      path: nav.homeUrl,
      async show(here) {
        const [{ name, email }, safety, agreed, count] = await Promise.all([
          profileOf(deps, here),
          safetyOf(deps, here),
          agreedOf(deps, here),
          waitingCount(deps, here),
        ]);
        const member = { name, email: email ?? '', memberSince: here.member.createdAt.toISOString() };
        await showAccountPage(deps, here, {
          view: accountHomeView,
          data: {
            nav,
            member,
            safety,
            agreed,
            waiting: count > 0 ? { count, url: requestsPath } : undefined,
          },
        });
      },
    }),
  ];
}

async function safetyOf(deps: AccountDeps, here: Here): Promise<AccountHomeData['safety']> {
  const [ways, sessions, passwordChangedAt] = await Promise.all([
    waysInOf(deps, here),
    deps.oidc.sessions.list(here.member._id),
    lastPasswordChange(deps, here),
  ]);
  return {
    hasPassword: ways.hasPassword,
    passwordChangedAt,
    upstreams: deps.upstreams.list().flatMap(({ id, label }) => (ways.linked.includes(id) ? [label] : [])),
    sessionCount: sessions.length,
    lastSignIn: await signInBefore(deps, here, sessions),
    supportAccess: await supportAccessOf(deps, here),
  };
}

async function agreedOf(deps: AccountDeps, here: Here): Promise<AccountHomeData['agreed']> {
  const [{ purposes, documents }, applications] = await Promise.all([
    agreedBy(deps, here),
    connectedApplications(deps, here),
  ]);
  const terms = documents.find(({ kind }) => kind === 'terms');
  return {
    givenCount: purposes.filter(({ current, expired }) => current?.kind === 'given' && !expired).length,
    purposeCount: purposes.length,
    applicationCount: applications.length,
    terms: terms && { title: terms.title, acceptedAt: terms.at },
  };
}
