/** Resource servers: the protected APIs that access tokens can be asked for (RFC 8707), and what their tokens look like. */
import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Resource } from '../../business/layers/layer-shapes.ts';
import { ownApi, ownResourceServer, ownScopes } from './own-apis.ts';

/** What resource servers ask other modules. */
export interface ResourceDeps {
  issuer: string;
  /** Those of the live configuration. */
  resources(): readonly Resource[];
  findClient(clientId: string): Promise<ClientRecord | undefined>;
}

/**
 * Builds the library's resource indicator feature.
 * @param deps the program's resources, clients
 */
export function resourceIndicators(deps: ResourceDeps) {
  return {
    enabled: true,
    async getResourceServerInfo(ctx: KoaContextWithOIDC, indicator: string, client: Client) {
      const forItself = ctx.oidc.params?.grant_type === 'client_credentials';
      const api = ownApi(deps.issuer, indicator);
      const scopes =
        api && ownScopes(api, await deps.findClient(client.clientId), forItself ? 'client' : 'member');
      const server =
        api && scopes
          ? ownResourceServer(deps.issuer, api, scopes)
          : await resourceServer(deps, indicator, client.clientId);
      if (forItself) refuseOtherScopes(ctx, server);
      return server;
    },
    // A token for one redemption is for the API that takes it, whether or not the token request says so again.
    useGrantedResource: (_ctx: KoaContextWithOIDC, source: { kind: string; rar?: unknown }) =>
      source.kind === 'AuthorizationCode' && source.rar !== undefined,
  };
}

/**
 * A machine that asks for more than it may have is told so: there is no consent that could have lessened its scope,
 * and an answer without scope would say that everything was granted (RFC 6749 sections 3.3 and 5.1).
 */
function refuseOtherScopes(ctx: KoaContextWithOIDC, { scope }: ResourceServer): void {
  const allowed = scope.split(' ');
  const asked = typeof ctx.oidc.params?.scope === 'string' ? ctx.oidc.params.scope.split(' ') : [];
  const other = asked.find((name) => !allowed.includes(name));
  if (other) throw new errors.InvalidScope('requested scope is not allowed', other);
}

/**
 * An API of others: a client that names its scopes gets no others of it either; the library limits the OpenID ones only. A JWT
 * token (RFC 9068) is verified by the API itself and lives its lifetime out; an opaque one is introspected and dies
 * with its grant at once.
 * @param deps the program's resources, clients
 * @param indicator resource indicator
 * @param clientId who asks
 * @throws errors.InvalidTarget
 */
export async function resourceServer(
  deps: ResourceDeps,
  indicator: string,
  clientId: string,
): Promise<ResourceServer> {
  const resource = deps.resources().find((known) => known.indicator === indicator);
  if (!resource) throw new errors.InvalidTarget();
  const allowed = (await deps.findClient(clientId))?.metadata.scope?.split(' ');
  const common = {
    scope: resource.scopes.filter((scope) => !allowed || allowed.includes(scope)).join(' '),
    audience: resource.indicator,
    accessTokenTTL: resource.lifetimeSeconds,
  };
  return resource.tokens === 'opaque'
    ? { ...common, accessTokenFormat: 'opaque' }
    : { ...common, accessTokenFormat: 'jwt', jwt: { sign: { alg: resource.signingAlgorithm } } };
}

/**
 * The resources and scopes of what a client asks for a member, as far as it may have them.
 * @param deps the program's resources
 * @param client who asks
 * @param asked resource indicators and scopes
 */
export function grantable(
  deps: Pick<ResourceDeps, 'issuer' | 'resources'>,
  client: ClientRecord,
  asked: { indicators: readonly unknown[]; scopes: readonly string[] },
): Record<string, string[]> {
  const allowed = client.metadata.scope?.split(' ');
  const found: Record<string, string[]> = {};
  for (const indicator of asked.indicators) {
    if (typeof indicator !== 'string') continue;
    const api = ownApi(deps.issuer, indicator);
    const offered = api
      ? ownScopes(api, client, 'member')
      : (deps.resources().find((known) => known.indicator === indicator)?.scopes ?? []);
    const scopes = offered.filter(
      (each) => asked.scopes.includes(each) && (!allowed || allowed.includes(each)),
    );
    if (scopes.length > 0) found[indicator] = scopes;
  }
  return found;
}
