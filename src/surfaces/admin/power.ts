/**
 * What a caller may do here: what the token's scopes allow and what the caller was granted as staff, both. A scope
 * without a grant opens nothing, and neither does a grant without the scope.
 */
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ApiScopeName } from '../../business/clients/api-scopes.ts';
import { type ItemKind, parseItemPath } from '../../business/layers/item-path.ts';
import type { Permission } from '../../people/staff/grants.ts';
import type { Staff } from '../../people/staff/staff.ts';
import { type Power, powerFrom } from '../desk/power.ts';

type ConfigurationScope = ApiScopeName<'configuration'>;

const writeScopes: Readonly<Record<ItemKind, ConfigurationScope>> = {
  program: 'configuration:write.program',
  legal: 'configuration:write.program',
  brand: 'configuration:write.brand',
  region: 'configuration:write.region',
  market: 'configuration:write.market',
  'brand-market': 'configuration:write.market',
  site: 'configuration:write.site',
};

/** The scopes of every route that changes drafts, one of which the token must have. */
export const anyWriteScope = [
  'configuration:write.program',
  'configuration:write.brand',
  'configuration:write.region',
  'configuration:write.market',
  'configuration:write.site',
] as const satisfies readonly ConfigurationScope[];

/**
 * Reads what the caller of this request may do.
 * @param deps the staff, the issuer's address
 * @param ctx a request of a route that asks for a token
 */
export async function powerOf(
  deps: { issuer: string; staff: Pick<Staff, 'grantsOf'> },
  ctx: EdgeContext,
): Promise<Power> {
  const { clientId, memberId, scopes } = callerOf(ctx);
  const principal =
    memberId === undefined
      ? { kind: 'client' as const, id: clientId }
      : { kind: 'member' as const, id: memberId };
  return powerFrom(principal, await deps.staff.grantsOf(principal), {
    allows: (permission, path) => scopes.has(scopeFor(permission, path)),
    refusal: (permission, path) => lackOfScope(ctx, deps.issuer, scopeFor(permission, path)),
  });
}

/** Says which scope is missing, as the guard of every route does (RFC 6750 section 3). */
function lackOfScope(ctx: EdgeContext, issuer: string, scope: string): DomainError {
  const scheme = /^dpop /i.test(ctx.get('Authorization')) ? 'DPoP' : 'Bearer';
  const metadata = `${issuer}/.well-known/oauth-protected-resource/api/configuration`;
  const parts = [`realm="${issuer}"`, 'error="insufficient_scope"', ...(scope ? [`scope="${scope}"`] : [])];
  ctx.append('WWW-Authenticate', `${scheme} ${parts.join(', ')}, resource_metadata="${metadata}"`);
  return new DomainError('token.insufficient');
}

/**
 * The scope that something needs; a path that names nothing needs one that nobody has.
 * @param permission what is to be done
 * @param path path of the item
 */
function scopeFor(permission: Permission, path: string): string {
  if (permission !== 'edit') return `configuration:${permission}`;
  const kind = parseItemPath(path)?.kind;
  return kind ? writeScopes[kind] : '';
}
