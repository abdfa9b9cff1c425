/**
 * JWTs at the introspection endpoint: an API verifies those itself, and whatever else has the form of one is not a
 * token of ours. The library answers such a question with an error; RFC 7662 section 2.2 says what a protected resource
 * is told about a token that it cannot learn of here: that it is not active.
 */
import type { Provider } from 'oidc-provider';

/**
 * Answers questions about JWTs as questions about unknown tokens.
 * @param provider a provider that has just been built
 */
export function tellNothingOfStructuredTokens(provider: Provider): void {
  provider.on('introspection.error', (ctx, error) => {
    if (error.error !== 'unsupported_token_type') return;
    ctx.status = 200;
    ctx.body = { active: false };
  });
}
