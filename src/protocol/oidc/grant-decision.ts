/** A member's decision, written into a grant: what is allowed now is no longer refused, whatever was said before. */
import type { Grant } from 'oidc-provider';
import { claimsOfScopes } from './requested-claims.ts';

/** Access, by kind. */
export interface DecidedAccess {
  scopes: readonly string[];
  /** Scopes by resource indicator. */
  resources: Readonly<Record<string, readonly string[]>>;
  /** Claims asked for by name. */
  claims: readonly string[];
}

/**
 * Writes a decision into a grant that is then saved.
 * @param grant the library's grant
 * @param allowed what the member allowed
 * @param refused what the member refused
 */
export function decide(grant: Grant, allowed: DecidedAccess, refused: DecidedAccess): void {
  unrefuse(grant, allowed);
  if (allowed.scopes.length > 0) grant.addOIDCScope([...allowed.scopes]);
  if (refused.scopes.length > 0) grant.rejectOIDCScope([...refused.scopes]);
  if (allowed.claims.length > 0) grant.addOIDCClaims([...allowed.claims]);
  if (refused.claims.length > 0) grant.rejectOIDCClaims([...refused.claims]);
  for (const [resource, scopes] of Object.entries(allowed.resources)) {
    grant.addResourceScope(resource, [...scopes]);
  }
  for (const [resource, scopes] of Object.entries(refused.resources)) {
    if (scopes.length > 0) grant.rejectResourceScope(resource, [...scopes]);
  }
}

/** In a grant of the library a refusal outweighs every later permission. */
function unrefuse(grant: Grant, allowed: DecidedAccess): void {
  const { openid, resources } = grant.rejected ?? {};
  if (openid?.scope) openid.scope = without(openid.scope, allowed.scopes);
  if (openid?.claims) {
    const again = [...allowed.claims, ...claimsOfScopes(allowed.scopes)];
    openid.claims = openid.claims.filter((claim) => !again.includes(claim));
  }
  for (const [resource, scopes] of Object.entries(resources ?? {})) {
    if (resources) resources[resource] = without(scopes, allowed.resources[resource] ?? []);
  }
}

function without(scope: string, gone: readonly string[]): string {
  return scope
    .split(' ')
    .filter((each) => !gone.includes(each))
    .join(' ');
}
