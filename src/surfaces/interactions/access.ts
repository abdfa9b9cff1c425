/** What a third party asks for, and what a decision makes of it. Pure. */
import { apiScope } from '../../business/clients/api-scopes.ts';
import type { CurrentGrant } from '../../people/consents/consents.ts';
import type { Interaction } from '../../protocol/oidc/interactions.ts';
import { claimsOfScopes } from '../../protocol/oidc/requested-claims.ts';

/** Scopes of the protocol, scopes of resources, and claims asked for by name. */
export interface Access {
  scopes: string[];
  /** Scopes by resource indicator. */
  resources: Record<string, string[]>;
  claims: string[];
}

/** Nothing at all. */
export const noAccess = (): Access => ({ scopes: [], resources: {}, claims: [] });

/** Scopes a client cannot do without; the others may be left out by the member. */
const neededScopes = new Set(['openid', 'offline_access']);

/**
 * Whether the member may leave a scope out.
 * @param scope its name
 */
export function isOptional(scope: string): boolean {
  return !neededScopes.has(scope);
}

/**
 * What the client asks. A claim that an asked or allowed scope gives anyway is no question of its own.
 * @param interaction the open interaction
 * @param before what the member allowed so far
 */
export function askedAccess(
  interaction: Pick<Interaction, 'params' | 'details' | 'claims' | 'attributes'>,
  before: CurrentGrant | undefined,
): Access {
  const { params, details, claims, attributes } = interaction;
  const names = String(params.scope ?? '')
    .split(' ')
    .filter(Boolean);
  const missing = details.missingResourceScopes;
  const resources: Record<string, string[]> = Object.fromEntries(
    (before?.resources ?? [])
      .map(({ resource, scopes }) => [resource, scopes.filter((scope) => names.includes(scope))] as const)
      .filter(([, scopes]) => scopes.length > 0),
  );
  if (missing && typeof missing === 'object') {
    for (const [resource, scopes] of Object.entries(missing as Record<string, string[]>)) {
      resources[resource] = [...new Set([...(resources[resource] ?? []), ...scopes])];
    }
  }
  const ofResources = new Set(Object.values(resources).flat());
  // A scope of our own APIs that the client may not have is not asked about.
  const scopes = names.filter((scope) => !ofResources.has(scope) && !apiScope(scope));
  const given = [
    ...claimsOfScopes([...scopes, ...(before?.scopes ?? [])]),
    ...scopes.flatMap((scope) => attributes[scope] ?? []),
  ];
  return { scopes, resources, claims: claims.filter((claim) => !given.includes(claim)) };
}

/**
 * Splits what was asked by what the member ticked. A claim of a scope that was left out is refused with it; the
 * attributes that a scope gives are allowed by their names, so that a scope which gives more one day gives no more of
 * this member.
 * @param asked what the client asks
 * @param interaction every claim that is asked for by name, and the attributes of scopes
 * @param isTicked whether an input, such as `scope.email`, was ticked
 */
export function decidedAccess(
  asked: Access,
  { claims, attributes }: Pick<Interaction, 'claims' | 'attributes'>,
  isTicked: (input: string) => boolean,
): { allowed: Access; refused: Access } {
  const ticked = (scope: string) => !isOptional(scope) || isTicked(`scope.${scope}`);
  const refused = split(asked, (scope) => !ticked(scope));
  const allowed = split(asked, ticked);
  const notGiven = claimsOfScopes(refused.scopes);
  const attributesOf = ({ scopes }: Pick<Access, 'scopes'>) =>
    scopes.flatMap((scope) => attributes[scope] ?? []);
  const allowedClaims = [
    ...new Set([...asked.claims.filter((claim) => isTicked(`claim.${claim}`)), ...attributesOf(allowed)]),
  ];
  const named = claims.filter((claim) =>
    asked.claims.includes(claim) ? !isTicked(`claim.${claim}`) : notGiven.includes(claim),
  );
  const refusedClaims = [...new Set([...named, ...attributesOf(refused)])];
  return {
    allowed: { ...allowed, claims: allowedClaims },
    refused: { ...refused, claims: refusedClaims.filter((claim) => !allowedClaims.includes(claim)) },
  };
}

function split(asked: Access, keep: (scope: string) => boolean): Omit<Access, 'claims'> {
  const resources = Object.entries(asked.resources).map(([id, names]) => [id, names.filter(keep)] as const);
  return { scopes: asked.scopes.filter(keep), resources: Object.fromEntries(resources) };
}

/**
 * What is allowed from now on: what is allowed here, and what was allowed before and is not refused here.
 * @param allowed what the member allowed here
 * @param refused what the member refused here
 * @param before what the member allowed so far
 */
export function withBefore(allowed: Access, refused: Access, before: CurrentGrant | undefined): Access {
  const union = (now: readonly string[], then: readonly string[], not: readonly string[]) => [
    ...new Set([...then.filter((scope) => !not.includes(scope)), ...now]),
  ];
  const resources: Record<string, string[]> = { ...allowed.resources };
  for (const { resource, scopes } of before?.resources ?? []) {
    resources[resource] = union(allowed.resources[resource] ?? [], scopes, refused.resources[resource] ?? []);
  }
  return {
    scopes: union(allowed.scopes, before?.scopes ?? [], refused.scopes),
    resources,
    claims: union(allowed.claims, before?.claims ?? [], refused.claims),
  };
}

/**
 * Whether something that was allowed is allowed no longer.
 * @param before what the member allowed so far
 * @param now what is allowed from now on
 */
export function isNarrower(before: CurrentGrant | undefined, now: Access): boolean {
  if (!before) return false;
  return (
    before.scopes.some((scope) => !now.scopes.includes(scope)) ||
    (before.claims ?? []).some((claim) => !now.claims.includes(claim)) ||
    before.resources.some(({ resource, scopes }) =>
      scopes.some((scope) => !now.resources[resource]?.includes(scope)),
    )
  );
}
