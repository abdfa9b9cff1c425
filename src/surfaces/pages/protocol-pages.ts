/** The pages the protocol asks for: its errors in words, "sign out?" and what ended. */

import type { EdgeContext } from '../../base/http/context.ts';
import { allowFormAction } from '../../base/http/headers.ts';
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { Log } from '../../base/observability/log.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Member, Members } from '../../people/members/members.ts';
import type { ProtocolPages } from '../../protocol/oidc/configuration.ts';
import type { Pages } from './pages.ts';
import { signedOutView, signOutView } from './views.ts';

/** What these pages are made of. */
export interface ProtocolPageDeps {
  pages(): Pages;
  members: Members;
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  log: Log;
}

/** Our codes for the protocol's errors, as people meet them (OpenID Connect Core section 3.1.2.6). */
const codes: Readonly<Record<string, ErrorCode>> = {
  invalid_client: 'client.unknown',
  invalid_redirect_uri: 'redirect_uri.invalid',
  server_error: 'internal',
  temporarily_unavailable: 'storage.unavailable',
};

/**
 * Builds the pages the protocol asks for.
 * @param deps frames, members, clients, log
 */
export function createProtocolPages(deps: ProtocolPageDeps): ProtocolPages {
  return {
    async error(ctx, out, cause) {
      const edge = asEdge(ctx);
      const code = codeOf(out);
      edge.state.errorCode = code;
      const client = ctx.oidc?.client ? await deps.findClient(ctx.oidc.client.clientId) : undefined;
      if (code === 'internal')
        deps.log.error({ error: cause, trace: edge.state.visit.trace }, 'protocol error');
      deps.pages().protocolError(edge, {
        code,
        status: Math.max(ctx.status, 400),
        client,
        developer: Object.entries(out)
          .filter(([name]) => name === 'error' || name === 'error_description')
          .map(([name, value]) => ({ name, value: String(value) })),
      });
    },
    async signOut(ctx, form) {
      const edge = asEdge(ctx);
      const client = ctx.oidc.client ? await deps.findClient(ctx.oidc.client.clientId) : undefined;
      // The library takes any `logout` for a yes and its absence for half a yes: staying is a link, not a form.
      const uiLocales = ctx.oidc.params?.ui_locales;
      const place = deps.pages().place(edge, {
        client,
        scope: '',
        ...(typeof uiLocales === 'string' && { uiLocales }),
      });
      const session = ctx.oidc.session;
      const member = session?.accountId ? await deps.members.get(session.accountId) : undefined;
      const target = ctx.oidc.params?.post_logout_redirect_uri;
      if (typeof target === 'string' && URL.canParse(target)) allowFormAction(edge, [target]);
      deps.pages().show(edge, place, {
        view: signOutView,
        data: {
          action: new URL(form.action).pathname,
          hidden: [{ name: 'xsrf', value: form.xsrf }],
          stayUrl: client ? (await deps.pages().wayBack(edge, client)).url : '/account',
          account: member && (await accountOf(deps.members, member)),
          apps: await appNames(deps, Object.keys(session?.authorizations ?? {})),
        },
      });
    },
    async signedOut(ctx) {
      const edge = asEdge(ctx);
      const client = ctx.oidc.client ? await deps.findClient(ctx.oidc.client.clientId) : undefined;
      const place = deps.pages().place(edge, { client, scope: '' });
      const next = await deps.pages().wayBack(edge, client);
      deps.pages().show(edge, place, { view: signedOutView, data: { apps: [], continueUrl: next.url } });
    },
    deviceEnded(ctx, outcome) {
      // An address of its own, so that loading it again shows the same.
      ctx.redirect(`/device/ended?as=${outcome}`);
      ctx.status = 303;
    },
  };
}

/** The library answers on the same context as everybody else; only its type does not say so. */
function asEdge(ctx: unknown): EdgeContext {
  return ctx as EdgeContext;
}

function codeOf(out: { error: string; error_description?: string | undefined }): ErrorCode {
  if (out.error === 'invalid_request' && out.error_description?.includes('redirect_uri'))
    return 'redirect_uri.invalid';
  if (out.error === 'invalid_request' && /session|interaction|expired/i.test(out.error_description ?? '')) {
    return 'interaction.unknown';
  }
  return codes[out.error] ?? 'request.invalid';
}

async function accountOf(members: Members, member: Member): Promise<{ email: string } | undefined> {
  const { email } = await members.profile(member);
  return email ? { email } : undefined;
}

async function appNames(deps: ProtocolPageDeps, clientIds: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of clientIds) {
    const client = await deps.findClient(id);
    if (client?.name) names.push(client.name);
  }
  return names;
}
