/**
 * The issuer's own APIs as resource servers. They are always there, whatever the configuration says; their tokens are
 * opaque, so that they die at once with whatever they lean on; and a client gets only what its registration names.
 */
import type { ResourceServer } from 'oidc-provider';
import {
  type ApiName,
  type ApiScope,
  apiResource,
  apiScopes,
  type ScopeHolder,
} from '../../business/clients/api-scopes.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';

const lifetimeSeconds = 600;

/**
 * The API of a resource indicator; undefined for those of others.
 * @param issuer the issuer's address
 * @param indicator resource indicator
 */
export function ownApi(issuer: string, indicator: string): ApiName | undefined {
  const names = Object.keys(apiScopes) as ApiName[];
  return names.find((name) => apiResource(issuer, name) === indicator);
}

/**
 * The scopes of an API that a client may have now.
 * @param api the API
 * @param client the client; undefined for one that is gone
 * @param holder for whom it asks: for a member, or for itself
 */
export function ownScopes(api: ApiName, client: ClientRecord | undefined, holder: ScopeHolder): string[] {
  const registered = new Set(client?.metadata.scope?.split(' '));
  const scopes: Readonly<Record<string, ApiScope>> = apiScopes[api];
  return Object.entries(scopes)
    .filter(([name, { holders, ownOnly }]) => {
      return registered.has(name) && holders.includes(holder) && (!ownOnly || client?.firstParty === true);
    })
    .map(([name]) => name);
}

/**
 * An API of ours as the library takes it.
 * @param issuer the issuer's address
 * @param api the API
 * @param scopes what the client may have
 */
export function ownResourceServer(issuer: string, api: ApiName, scopes: readonly string[]): ResourceServer {
  return {
    scope: scopes.join(' '),
    audience: apiResource(issuer, api),
    accessTokenTTL: lifetimeSeconds,
    accessTokenFormat: 'opaque',
  };
}
