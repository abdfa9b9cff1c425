/**
 * Sign-out requests by POST (OpenID Connect RP-Initiated Logout 1.0 section 2 asks for both methods). The form comes
 * from another site, so the browser leaves the session cookie out of it (`SameSite=Lax`); it sends it with a GET. So
 * the browser is led to the same request by GET, and nothing is decided where the session cannot be seen.
 */
import { readForm } from '../../base/http/body.ts';
import type { EdgeContext } from '../../base/http/context.ts';

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
