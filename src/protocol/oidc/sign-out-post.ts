/**
 * Sign-out requests by POST (OpenID Connect RP-Initiated Logout 1.0 section 2 asks for both methods). The form comes
 * from another site, so the browser leaves the session cookie out of it (`SameSite=Lax`); it sends it with a GET. So
 * the browser is led to the same request by GET, and nothing is decided where the session cannot be seen.
 */
import { readForm } from '../../base/http/body.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import { isFromElsewhere } from '../../base/http/csrf.ts';
import { DomainError } from '../../base/kernel/errors.ts';

/** Path of the end session endpoint. */
export const endSessionPath = '/sign-out';

const parameters = [
  'id_token_hint',
  'logout_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
  'ui_locales',
] as const;

/**
 * Answers a sign-out request by POST with the way to the same request by GET; leaves every other request alone.
 * @param ctx the request
 * @returns whether the request is answered
 * @throws DomainError `input.unsupported_type`, `input.too_large`, `input.malformed`
 */
export async function leadSignOutToGet(ctx: EdgeContext): Promise<boolean> {
  if (ctx.method !== 'POST' || ctx.path !== endSessionPath) return false;
  const form = await readForm(ctx);
  const query = new URLSearchParams();
  for (const name of parameters) {
    // Repeated ones go along: what is ambiguous is refused there.
    for (const value of [form[name] ?? []].flat()) query.append(name, value);
  }
  ctx.state.route = 'oidc.end_session';
  ctx.redirect(query.size > 0 ? `${endSessionPath}?${query}` : endSessionPath);
  ctx.status = 303;
  return true;
}

/**
 * Refuses the answer to "Sign out?" when it comes from another site's page, as every form of our own does. The page's
 * token is checked by the library.
 * @param ctx the request
 * @param issuer our own address
 * @throws DomainError `csrf.refused`
 */
export function refuseForeignConfirmation(ctx: EdgeContext, issuer: string): void {
  if (ctx.method !== 'POST' || !ctx.path.startsWith(`${endSessionPath}/`)) return;
  if (isFromElsewhere(ctx, new URL(issuer).origin)) throw new DomainError('csrf.refused');
}
