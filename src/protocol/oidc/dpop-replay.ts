/**
 * A proof that is used again: RFC 9449 section 5 has one error for every fault of a proof, the library has another
 * for this one.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

const libraryWords = 'DPoP proof JWT Replay detected';

/**
 * Names the fault as the specification does, at every endpoint where a client authenticates or shows a token.
 * @param provider a provider that has just been built
 */
export function nameReplayedProofs(provider: Provider): void {
  const rename = (ctx: KoaContextWithOIDC, error: object) => {
    const said = [
      Reflect.get(error, 'error_detail'),
      Reflect.get(error, 'error_description'),
      Reflect.get(error, 'message'),
    ];
    if (!said.includes(libraryWords)) return;
    ctx.body = { error: 'invalid_dpop_proof', error_description: 'the DPoP proof was used before' };
    const challenge = ctx.response.get('www-authenticate');
    if (challenge) ctx.set('www-authenticate', challenge.replace('"invalid_token"', '"invalid_dpop_proof"'));
  };
  provider.on('grant.error', rename);
  provider.on('pushed_authorization_request.error', rename);
  provider.on('userinfo.error', rename);
}
