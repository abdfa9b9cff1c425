/** The connected applications: third parties with access, which can be taken back, and the program's own in use. */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import type { SessionInfo } from '../../protocol/oidc/sessions.ts';
import { claimWords } from '../pages/access-words.ts';
import { startPath } from '../pages/start.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { applicationsView, type ConnectedApplication } from './views.ts';
import { accountPage, accountScope, doneAt, nav, requireVisitor, showAccountPage } from './visitor.ts';
import { lastUseOf } from './words.ts';

const path = nav.applicationsUrl;

/** What an own app may ask for by policy, where its registration does not say less. */
const ownScopes = 'openid profile email';

/**
 * The routes of the connected applications.
 * @param deps modules
 */
export function applicationRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, {
      name: 'account.applications',
      path,
      async show(here) {
        const applications = await connectedApplications(deps, here);
        await showAccountPage(deps, here, { view: applicationsView, data: { nav, applications } });
      },
    }),
    route({
      name: 'account.applications.revoke',
      method: 'POST',
      path: `${path}/:clientId/revoke`,
      csrf: accountScope,
      input: { params: z.object({ clientId: z.string().regex(/^[\w-]{1,64}$/) }) },
      async handle(ctx, { params }) {
        await revoke(deps, await requireVisitor(deps, ctx, path), params.clientId);
      },
    }),
  ];
}

/**
 * Every application connected to the member: third parties with a grant first, then own apps of the live sessions.
 * @param deps modules
 * @param here the visitor
 */
export async function connectedApplications(deps: AccountDeps, here: Here): Promise<ConnectedApplication[]> {
  const [grants, sessions] = await Promise.all([
    deps.consents.grants(here.member._id),
    deps.oidc.sessions.list(here.member._id),
  ]);
  const granted = await Promise.all(
    grants.map(async (grant): Promise<ConnectedApplication> => {
      const client = await deps.findClient(grant.clientId);
      const { settings } = deps.experiences.experienceFor({
        clientId: grant.clientId,
        brand: client?.brand,
        market: client?.market,
      });
      const words = { settings, locale: here.visit.locale };
      const scopes = [...grant.scopes, ...grant.resources.flatMap((resource) => resource.scopes)];
      return {
        name: client?.name ?? grant.clientId,
        host: client ? hostOf(client) : '',
        scopes: [...new Set(scopes)].map((name) => ({ name })),
        claims: (grant.claims ?? []).map((name) => ({ name, ...claimWords(deps.i18n, words, name) })),
        since: grant.since.toISOString(),
        lastUsedAt: lastUse(sessions, grant.clientId),
        openUrl: client && openUrlOf(client),
        revokeAction: `${path}/${grant.clientId}/revoke`,
      };
    }),
  );
  const inUse = new Set(sessions.flatMap(({ clients }) => clients));
  inUse.delete(ownClient.id);
  const own = await Promise.all([...inUse].map((id) => ownApplication(deps, sessions, id)));
  return [...granted, ...own.flat()];
}

async function ownApplication(
  deps: AccountDeps,
  sessions: readonly SessionInfo[],
  clientId: string,
): Promise<ConnectedApplication[]> {
  const client = await deps.findClient(clientId);
  if (!client?.firstParty) return [];
  const first = Math.min(...usedBy(sessions, clientId).map(({ signedInAt }) => signedInAt.getTime()));
  return [
    {
      name: client.name,
      host: hostOf(client),
      scopes: (client.metadata.scope ?? ownScopes).split(' ').map((name) => ({ name })),
      since: new Date(first).toISOString(),
      lastUsedAt: lastUse(sessions, clientId),
      openUrl: openUrlOf(client),
    },
  ];
}

/** Apps that have said where they begin can be opened from here. */
function openUrlOf({ id, metadata, disabledAt }: ClientRecord): string | undefined {
  const known = metadata.initiate_login_uri ?? metadata.client_uri;
  return known === undefined || disabledAt ? undefined : startPath(id);
}

function usedBy(sessions: readonly SessionInfo[], clientId: string): SessionInfo[] {
  return sessions.filter(({ clients }) => clients.includes(clientId));
}

function lastUse(sessions: readonly SessionInfo[], clientId: string): string | undefined {
  const times = usedBy(sessions, clientId).map((session) => lastUseOf(session).getTime());
  return times.length > 0 ? new Date(Math.max(...times)).toISOString() : undefined;
}

/**
 * The host people know the app by: its site, else where it receives its members.
 * @param client the app
 */
export function hostOf(client: ClientRecord): string {
  const address = client.metadata.client_uri ?? client.metadata.redirect_uris[0] ?? '';
  return URL.canParse(address) ? new URL(address).host : '';
}

/** Taking back what is taken back already has the same answer; what a crash left over is buried by the next try. */
async function revoke(deps: AccountDeps, here: Here, clientId: string): Promise<void> {
  const client = await deps.findClient(clientId);
  // Access of the program's own apps follows from the membership and has no decision to take back.
  if (client?.firstParty || clientId === ownClient.id) throw new DomainError('input.invalid');
  await deps.consents.revokeGrant(here.member._id, clientId, here.visit);
  await deps.oidc.sessions.endGrants(here.member._id, clientId);
  doneAt(deps, here.ctx, { path, notice: 'application-revoked', about: clientId });
}
