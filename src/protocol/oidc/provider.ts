/**
 * The provider factory: from configuration, keys and ports to one instance of the protocol library. Pure: a change
 * of keys builds a new one, and nobody keeps a reference to a provider or its models.
 */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { isRegisteredUri } from '../../business/clients/redirect-uri.ts';
import { withoutUserCodes } from './backchannel.ts';
import { configurationOf, type ProviderDeps } from './configuration.ts';
import { completeDeviceAnswer } from './device-flow.ts';
import { nameReplayedProofs } from './dpop-replay.ts';
import { registerTokenExchange } from './exchange/token-exchange.ts';
import { endpointAliases } from './mtls.ts';
import { settleRefusedGrants } from './refused-grants.ts';
import { withholdScopes } from './scope-levels.ts';
import { introspectStructuredTokens } from './structured-tokens.ts';

/**
 * Builds a provider.
 * @param deps configuration, keys and ports
 */
export function createProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(deps.issuer, configurationOf(deps));
  registerTokenExchange(provider, deps);
  const { protocol } = new URL(deps.issuer);
  // Addresses are built from the configured issuer, whatever a proxy or a client says about the connection.
  Object.defineProperty(provider.request, 'protocol', { get: () => protocol.slice(0, -1) });
  provider.Client.prototype.compareClientSecret = function compareClientSecret(secret: string) {
    return deps.verifySecret(this.clientId, secret);
  };
  provider.Client.prototype.redirectUriAllowed = function redirectUriAllowed(uri: string) {
    return isRegisteredUri(uri, this.redirectUris ?? [], this.applicationType);
  };
  provider.Client.prototype.postLogoutRedirectUriAllowed = function postLogoutRedirectUriAllowed(
    uri: string,
  ) {
    return isRegisteredUri(uri, this.postLogoutRedirectUris ?? [], this.applicationType);
  };
  provider.Client.prototype.backchannelLogout = async function backchannelLogout(
    memberId: string,
    sid?: string,
  ) {
    deps.queueLogoutNotice(Provider.ctx, { clientId: this.clientId, memberId, sid });
  };
  // A ping is durable work of its own, never a call within somebody's request.
  provider.Client.prototype.backchannelPing = async () => {};
  const origin = deps.mtls?.origin;
  if (origin) provider.use((ctx, next) => withAliases(origin, ctx as KoaContextWithOIDC, next));
  nameReplayedProofs(provider);
  introspectStructuredTokens(provider, deps);
  settleRefusedGrants(provider);
  withholdScopes(provider);
  refuseOtherTokensAsHint(provider);
  const { Client } = provider;
  const find = Client.find.bind(Client);
  Client.find = async (id) => deps.registration.withOwnSecret(await find(id));
  provider.use((ctx, next) => deps.registration.answer(ctx as KoaContextWithOIDC, next));
  provider.use((ctx, next) => endOfNobodysSession(deps, ctx as KoaContextWithOIDC, next));
  provider.use((ctx, next) => completeDeviceAnswer(ctx as KoaContextWithOIDC, next));
  provider.use((ctx, next) => withoutUserCodes(ctx as KoaContextWithOIDC, next));
  return provider;
}

/** The library leaves the second set of endpoints to whoever knows where it is. */
async function withAliases(
  origin: string,
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'discovery' || ctx.status !== 200) return;
  const document = ctx.body as Record<string, unknown>;
  ctx.body = { ...document, mtls_endpoint_aliases: endpointAliases(document, origin) };
}

/**
 * A logout token has issuer, audience, subject and signature of an ID token and differs by its type only: whoever
 * caught one must not pass it off as a hint (RFC 8725 section 3.11, Back-Channel Logout 1.0 section 2.4).
 */
function refuseOtherTokensAsHint(provider: Provider): void {
  const { IdToken } = provider;
  const validate = IdToken.validate.bind(IdToken);
  IdToken.validate = async (jwt, client) => {
    const valid = await validate(jwt, client);
    const { typ } = valid.header;
    if (typ !== undefined && typ !== 'JWT') throw new Error('the hint is a token of another type');
    return valid;
  };
}

/**
 * Signing out where nobody is signed in: the library would post a bare page to itself by script; there is nothing to
 * ask and nothing to end, so the browser is led on at once (OpenID Connect RP-Initiated Logout 1.0 section 2).
 */
async function endOfNobodysSession(
  deps: ProviderDeps,
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'end_session' || ctx.status !== 200 || ctx.oidc.session?.accountId) return;
  const { params } = ctx.oidc;
  // The library has checked it against the client's registered addresses, or taken it away.
  const target = params?.post_logout_redirect_uri;
  if (typeof target !== 'string') return deps.pages.signedOut(ctx);
  const url = new URL(target);
  if (typeof params?.state === 'string') url.searchParams.set('state', params.state);
  ctx.body = '';
  ctx.status = 303;
  ctx.set('Location', url.href);
}
