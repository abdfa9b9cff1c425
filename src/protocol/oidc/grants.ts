/**
 * Grants: one per session and client. What a first-party client asks is allowed by policy; what a third party may
 * have stands in the consent ledger, and a grant is only its shadow for one session.
 */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { claimsOfScopes, requestedClaims } from './requested-claims.ts';

/** What a member has allowed a client, from the consent ledger. */
export interface AllowedAccess {
  scopes: readonly string[];
  /** Scopes by resource indicator. */
  resources: Readonly<Record<string, readonly string[]>>;
  /** Claims allowed by name. */
  claims: readonly string[];
}

/** What grants ask other modules. */
export interface GrantDeps {
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  allowedAccess(memberId: string, clientId: string): Promise<AllowedAccess | undefined>;
}

/**
 * Builds the library's `loadExistingGrant`.
 * @param deps clients and the consent ledger
 */
export function createLoadExistingGrant(deps: GrantDeps) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { client, session, account, provider } = ctx.oidc;
    if (!client || !session || !account) return undefined;
    const grantId = ctx.oidc.result?.consent?.grantId ?? session.grantIdFor(client.clientId);
    const existing = grantId ? await provider.Grant.find(grantId) : undefined;
    const usable = existing?.accountId === account.accountId ? existing : undefined;
    const record = await deps.findClient(client.clientId);
    if (record?.firstParty) {
      const grant = usable ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      const changed = allowEverythingAsked(ctx, grant);
      if (changed || !usable) await grant.save();
      return grant;
    }
    if (usable) {
      if (allowWhatScopesGive(ctx, usable)) await usable.save();
      return usable;
    }
    const allowed = await deps.allowedAccess(account.accountId, client.clientId);
    if (!allowed) return undefined;
    const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
    if (allowed.scopes.length > 0) grant.addOIDCScope(allowed.scopes.join(' '));
    if (allowed.claims.length > 0) grant.addOIDCClaims([...allowed.claims]);
    for (const [resource, scopes] of Object.entries(allowed.resources)) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    allowWhatScopesGive(ctx, grant);
    await grant.save();
    return grant;
  };
}

/** What an allowed scope gives may be asked for by name as well; true when something was added. */
function allowWhatScopesGive(ctx: KoaContextWithOIDC, grant: Grant): boolean {
  const known = new Set(grant.getOIDCClaimsEncountered());
  const given = claimsOfScopes(grant.getOIDCScope().split(' '));
  const claims = requestedClaims(ctx.oidc.params ?? {}).filter(
    (claim) => given.includes(claim) && !known.has(claim),
  );
  if (claims.length > 0) grant.addOIDCClaims(claims);
  return claims.length > 0;
}

/** Adds what the request asks and the grant lacks; true when something was added. */
function allowEverythingAsked(ctx: KoaContextWithOIDC, grant: Grant): boolean {
  let changed = false;
  const asked = [...ctx.oidc.requestParamScopes];
  const known = new Set(grant.getOIDCScopeEncountered().split(' '));
  const oidcScopes = [...ctx.oidc.requestParamOIDCScopes].filter((scope) => !known.has(scope));
  if (oidcScopes.length > 0) {
    grant.addOIDCScope(oidcScopes.join(' '));
    changed = true;
  }
  const knownClaims = new Set(grant.getOIDCClaimsEncountered());
  const claims = [...ctx.oidc.requestParamClaims].filter((claim) => !knownClaims.has(claim));
  if (claims.length > 0) {
    grant.addOIDCClaims(claims);
    changed = true;
  }
  for (const [indicator, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const has = new Set(grant.getResourceScopeEncountered(indicator).split(' '));
    const scopes = asked.filter((scope) => server.scopes.has(scope) && !has.has(scope));
    if (scopes.length === 0) continue;
    grant.addResourceScope(indicator, scopes.join(' '));
    changed = true;
  }
  return changed;
}
