/** The `claims` parameter (OpenID Connect Core section 5.5): what may stand in it, and which claims it asks for by name. */
import { type ClaimsParameter, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { claimsByScope } from './account.ts';

/** Longer than any honest request, and short enough that nothing deep can hide in it. */
const longestClaims = 4_096;

const one = z.union([
  z.null(),
  z.looseObject({ essential: z.boolean().optional(), values: z.array(z.unknown()).min(1).optional() }),
]);
const some = z.record(z.string().max(200), one).optional();
const claimsShape = z.looseObject({ id_token: some, userinfo: some });

/** The library's feature. */
export const claimsParameter = {
  enabled: true,
  assertClaimsParameter(ctx: KoaContextWithOIDC, claims: ClaimsParameter): void {
    if (String(ctx.oidc.params?.claims).length > longestClaims)
      throw new errors.InvalidRequest(`claims parameter must not be longer than ${longestClaims} characters`);
    if (!claimsShape.safeParse(claims).success)
      throw new errors.InvalidRequest('claims must be null or objects with essential, value or values');
  },
};

/** Claims about the member that a person decides on; the protocol's own need nobody's leave. */
const decidable: readonly string[] = [...claimsByScope.profile, ...claimsByScope.email];

/**
 * Every name that a checked authorization request asks for in its `claims`, each once.
 * @param params the request's parameters, as checked by the library
 */
export function claimNames(params: Readonly<Record<string, unknown>>): string[] {
  if (typeof params.claims !== 'string') return [];
  const { id_token: idToken, userinfo } = claimsShape.parse(JSON.parse(params.claims));
  return [...new Set([...Object.keys(idToken ?? {}), ...Object.keys(userinfo ?? {})])];
}

/**
 * The standard claims about the member that a request asks for by name; attributes of the program are apart.
 * @param params the request's parameters, as checked by the library
 */
export function requestedClaims(params: Readonly<Record<string, unknown>>): string[] {
  const names = claimNames(params);
  return decidable.filter((claim) => names.includes(claim));
}

/**
 * Claims that scopes give.
 * @param scopes names of scopes
 */
export function claimsOfScopes(scopes: Iterable<string>): string[] {
  const given = new Set(scopes);
  return Object.entries(claimsByScope).flatMap(([scope, claims]) => (given.has(scope) ? [...claims] : []));
}
