/** FAPI 2.0 for the clients whose profile says so; what their metadata must be stands with the clients. */
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { exemptProperty, profileProperty } from '../../business/clients/client-record.ts';

/** The library's feature: the rules of the Security Profile for FAPI clients, none of them for others. */
export const fapi = {
  enabled: true,
  profile: (_ctx: KoaContextWithOIDC, client?: Client) => (isFapi(client) ? ('2.0' as const) : undefined),
};

/**
 * Whether FAPI 2.0 holds for a client.
 * @param client the library's client
 */
export function isFapi(client: Client | undefined): boolean {
  return client?.[profileProperty] === 'fapi2';
}

/**
 * Whether a request must carry a PKCE challenge: all must, but those of a client that an operator has exempted, which
 * then carries a nonce (RFC 9700 section 2.1.1).
 * @param ctx the request
 * @param client the library's client
 */
export function pkceRequired(ctx: KoaContextWithOIDC, client: Client): boolean {
  return client[exemptProperty] !== true || !ctx.oidc.params?.nonce;
}
