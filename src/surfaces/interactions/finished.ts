/**
 * What happens once an interaction has its answer: the browser goes on, and remembers for a while which interactions
 * it has brought to an end, so that the back button leads to "you are signed in" and not to a dead end. The memory
 * is a cookie of interaction and client ids; it leads to registered addresses only, and to nobody else's interaction.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import { stepTo } from '../pages/last-client.ts';
import { type Open, openInteraction, redirect } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { finishedView } from './views.ts';

const cookie = 'finished';
const hourSeconds = 3_600;
const mostRemembered = 5;

/**
 * Goes on after a step that answered the interaction.
 * @param deps modules
 * @param open the open interaction
 * @param to where the protocol goes on
 */
export function goOn(deps: InteractionDeps, open: Open, to: string): void {
  const { ctx, interaction, client } = open;
  const others = remembered(deps, ctx).filter(([uid]) => uid !== interaction.uid);
  const entries = [[interaction.uid, client.id], ...others].slice(0, mostRemembered);
  const value = entries.map((entry) => entry.join('.')).join('~');
  deps.cookies.write(ctx, cookie, value, { maxAgeSeconds: hourSeconds });
  redirect(ctx, to);
}

function remembered(deps: InteractionDeps, ctx: EdgeContext): [string, string][] {
  return (deps.cookies.read(ctx, cookie) ?? '').split('~').flatMap((entry): [string, string][] => {
    const [uid, clientId] = entry.split('.');
    return uid && clientId ? [[uid, clientId]] : [];
  });
}

/** The client an interaction of this browser led to, while somebody is still signed in here. */
async function finishedFor(
  deps: InteractionDeps,
  ctx: EdgeContext,
  uid: string,
): Promise<ClientRecord | undefined> {
  const clientId = remembered(deps, ctx).find(([known]) => known === uid)?.[1];
  if (!clientId || !(await deps.oidc.browserSessions.read(ctx))) return undefined;
  const client = clientId === ownClient.id ? ownClient.record(deps.issuer) : await deps.findClient(clientId);
  return client?.disabledAt ? undefined : client;
}

/**
 * Opens an interaction, or hands on to whatever is right for one that this browser has finished.
 * @param deps modules
 * @param ctx the request
 * @param uid the interaction's uid
 * @param finished what to do with a finished one
 * @throws DomainError `interaction.unknown`, `client.disabled`
 */
export async function openUnlessFinished(
  deps: InteractionDeps,
  ctx: EdgeContext,
  uid: string,
  finished: (client: ClientRecord) => void,
): Promise<Open | undefined> {
  try {
    return await openInteraction(deps, ctx, uid);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'interaction.unknown') throw error;
    const client = await finishedFor(deps, ctx, uid);
    if (!client) throw error;
    finished(client);
    return undefined;
  }
}

/**
 * "You are already signed in": on to the app.
 * @param deps modules
 * @param ctx the request
 * @param client where the interaction led
 * @param returnTo where the protocol goes on, while it waits for that
 */
export function showFinished(
  deps: InteractionDeps,
  ctx: EdgeContext,
  client: ClientRecord,
  returnTo?: string,
): void {
  const place = deps.pages.place(ctx, { client, scope: '' });
  const continueUrl = returnTo ?? stepTo(client, deps.issuer)?.url ?? place.experience.links.home;
  const own = client.id === ownClient.id && !returnTo;
  const data = { continueUrl: own ? '/account' : continueUrl };
  deps.pages.show(ctx, place, { view: finishedView, data });
}
