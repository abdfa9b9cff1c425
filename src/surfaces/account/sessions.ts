/** The devices page: where the member is signed in, ending one or all others. */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import type { SessionInfo } from '../../protocol/oidc/sessions.ts';
import { endSessions } from '../../protocol/oidc/sign-out.ts';
import { type Here, seeOther } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { type SessionEntry, sessionsView } from './views.ts';
import { accountPage, accountScope, doneAt, nav, requireVisitor, showAccountPage } from './visitor.ts';
import { lastUseOf, whereaboutsOf, wordsAt } from './words.ts';

const path = nav.sessionsUrl;

/**
 * The routes of the devices page.
 * @param deps modules
 */
export function sessionRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, { name: 'account.sessions', path, show: (here) => showSessions(deps, here) }),
    route({
      name: 'account.sessions.end',
      method: 'POST',
      path: `${path}/:id/end`,
      csrf: accountScope,
      input: { params: z.object({ id: z.string().max(100) }) },
      async handle(ctx, { params }) {
        await endOne(deps, await requireVisitor(deps, ctx, path), params.id);
      },
    }),
    route({
      name: 'account.sessions.end_others',
      method: 'POST',
      path: `${path}/end-others`,
      csrf: accountScope,
      async handle(ctx) {
        const here = await requireVisitor(deps, ctx, path);
        await end(deps, here, 'others', (session) => session.uid !== here.session.uid);
        doneAt(deps, ctx, { path, notice: 'others-ended' });
      },
    }),
  ];
}

async function showSessions(deps: AccountDeps, here: Here): Promise<void> {
  const sessions = await deps.oidc.sessions.list(here.member._id);
  const entries = await Promise.all(sessions.map((session) => entryOf(deps, here, session)));
  // The present device stands first: everything below it is what one may want to end.
  entries.sort((left, right) => Number(right.current) - Number(left.current));
  await showAccountPage(deps, here, {
    view: sessionsView,
    data: { nav, sessions: entries, revokeOthersAction: `${path}/end-others` },
  });
}

async function entryOf(deps: AccountDeps, here: Here, session: SessionInfo): Promise<SessionEntry> {
  const current = session.uid === here.session.uid;
  const { device, place } = whereaboutsOf(wordsAt(deps, here.place), here.visit.locale, session.visit);
  return {
    device,
    place,
    apps: await appNames(deps, session.clients),
    signedInAt: session.signedInAt.toISOString(),
    // The present one is in use this very moment.
    lastUsedAt: (current ? dateOf(deps.clock) : lastUseOf(session)).toISOString(),
    current,
    revokeAction: current ? undefined : `${path}/${session.id}/end`,
  };
}

async function appNames(deps: AccountDeps, clientIds: readonly string[]): Promise<string[]> {
  const clients = await Promise.all(clientIds.filter((id) => id !== ownClient.id).map(deps.findClient));
  return clients.flatMap((client) => (client ? [client.name] : []));
}

/** Ending a session that is over already has the same answer: there is nothing more to do. */
async function endOne(deps: AccountDeps, here: Here, id: string): Promise<void> {
  let isPresent = false;
  await end(deps, here, 'one', (session) => {
    if (session.id !== id) return false;
    isPresent = session.uid === here.session.uid;
    return !isPresent;
  });
  if (isPresent) seeOther(here.ctx, nav.signOutUrl);
  else doneAt(deps, here.ctx, { path, notice: 'session-ended' });
}

/** The sessions are dead when this returns; the relying parties are told through the outbox. */
async function end(
  deps: AccountDeps,
  { member, visit }: Here,
  scope: 'one' | 'others',
  choose: (session: SessionInfo) => boolean,
): Promise<void> {
  await endSessions({ ...deps, sessions: deps.oidc.sessions }, { member, visit, scope, choose });
}
