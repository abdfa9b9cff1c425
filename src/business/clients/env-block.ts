/** What an application must be told to be a client. Pure. */
import type { ClientRecord } from './client-record.ts';

/**
 * The environment of a client's application.
 * @param client the client
 * @param issuer the issuer's address
 * @param secret its secret, while it is at hand
 */
export function envBlock(
  client: Pick<ClientRecord, 'id' | 'metadata'>,
  issuer: string,
  secret: string | undefined,
): Record<string, string> {
  const { redirect_uris: redirects, post_logout_redirect_uris: after } = client.metadata;
  return {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: client.id,
    ...(secret !== undefined && { OIDC_CLIENT_SECRET: secret }),
    ...(redirects[0] && { OIDC_REDIRECT_URI: redirects[0] }),
    ...(after[0] && { OIDC_POST_LOGOUT_REDIRECT_URI: after[0] }),
  };
}
