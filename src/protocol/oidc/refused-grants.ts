/**
 * Token requests that are refused: they write nothing, and their error is the one RFC 6749 section 5.2 names. The
 * library spends a code or refresh token before its last checks; what is refused then would be lost for its owner.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { currentUnit } from './artefacts/unit.ts';

/**
 * Makes refused requests leave everything as it was, except for a family that they have ended.
 * @param provider a provider that has just been built
 */
export function settleRefusedGrants(provider: Provider): void {
  provider.on('grant.error', (ctx, error) => {
    currentUnit().takeBack();
    nameForbiddenGrant(ctx, error);
  });
  provider.on('device_authorization.error', nameForbiddenGrant);
  provider.on('backchannel_authentication.error', nameForbiddenGrant);
}

/** A client that may not use a grant: the library calls the request invalid. */
function nameForbiddenGrant(
  ctx: KoaContextWithOIDC,
  error: { error_description?: string | undefined },
): void {
  if (!error.error_description?.endsWith('is not allowed for this client')) return;
  ctx.body = { error: 'unauthorized_client', error_description: error.error_description };
}
