/**
 * JWT access tokens at the introspection endpoint: the library takes opaque ones only. An API may verify a JWT itself;
 * whoever asks here learns more (RFC 7662 section 2.2): that the sign-in behind it still lives. Anything else that has
 * the form of a JWT is not a token of ours, and answered as an unknown one.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type PresentedDeps, readStructuredToken } from './exchange/presented.ts';

/** What the answers need. */
export interface StructuredTokenDeps extends PresentedDeps {
  /** Whether a client may introspect tokens issued to others: a protected resource does. */
  mayIntrospectOthers(clientId: string): Promise<boolean>;
}

const signedAnswer = 'application/token-introspection+jwt';

/**
 * Answers questions about JWTs.
 * @param provider a provider that has just been built
 * @param deps keys, clients, members
 */
export function introspectStructuredTokens(provider: Provider, deps: StructuredTokenDeps): void {
  const asked = new WeakSet<object>();
  provider.on('introspection.error', (ctx, error) => {
    if (error.error === 'unsupported_token_type') asked.add(ctx.req);
  });
  provider.use(async (context, next) => {
    await next();
    const ctx = context as KoaContextWithOIDC;
    if (!asked.has(ctx.req)) return;
    const told = await tell(deps, provider, ctx);
    ctx.status = 200;
    ctx.body = told;
    await sign(provider, ctx, told);
  });
}

async function tell(
  deps: StructuredTokenDeps,
  provider: Provider,
  ctx: KoaContextWithOIDC,
): Promise<Record<string, unknown>> {
  const { client, params } = ctx.oidc;
  const value = typeof params?.token === 'string' ? params.token : '';
  if (!client || client.clientAuthMethod === 'none') return { active: false };
  const token = await readStructuredToken(deps, provider, value);
  const mayAsk = token?.clientId === client.clientId || (await deps.mayIntrospectOthers(client.clientId));
  if (!token || !mayAsk) return { active: false };
  return { active: true, ...token.claims, token_type: token.byProof ? 'DPoP' : 'Bearer' };
}

/** RFC 9701, for clients that ask so, as the library does it. */
async function sign(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  told: Record<string, unknown>,
): Promise<void> {
  const { client } = ctx.oidc;
  if (!client?.introspectionSignedResponseAlg || ctx.accepts('json', signedAnswer) !== signedAnswer) return;
  const answer = new provider.IdToken({}, { ctx });
  answer.set('token_introspection', told);
  answer.set('aud', client.clientId);
  ctx.body = await answer.issue({ use: 'introspection' });
  ctx.type = `${signedAnswer}; charset=utf-8`;
}
