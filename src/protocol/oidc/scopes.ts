/** Scopes of OpenID Connect: the standard's, and those the program's owners have added. Those of an API belong to its resource. */
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { ClaimVocabulary } from '../../business/experiences/claim-vocabulary.ts';
import type { Experience } from '../../business/experiences/experience.ts';

/** Scopes of the standard that are known here. */
export const oidcScopes: readonly string[] = ['openid', 'offline_access', 'profile', 'email'];

/**
 * Every scope that some client may ask for.
 * @param vocabulary what the live configuration releases to apps
 */
export function scopesOf(vocabulary: ClaimVocabulary): string[] {
  return [...new Set([...oidcScopes, ...Object.keys(vocabulary.scopes)])];
}

/**
 * Whether a scope is one of OpenID Connect for a client's visitors, and not of an API.
 * @param experience what the client's visitors meet
 * @param scope the scope
 */
export function isOidcScope(experience: Experience | undefined, scope: string): boolean {
  return oidcScopes.includes(scope) || Object.hasOwn(experience?.settings.claims ?? {}, scope);
}

/**
 * What the library may let a client ask for, as it takes it: undefined for everything there is. It knows the OpenID
 * scopes only, and takes a client without any for one that may ask for all.
 * @param client the client
 * @param experience what its visitors meet
 * @param vocabulary what the provider was built with
 */
export function libraryScope(
  { metadata }: ClientRecord,
  experience: Experience | undefined,
  vocabulary: ClaimVocabulary,
): string | undefined {
  const known = scopesOf(vocabulary);
  if (metadata.scope === undefined && known.length === oidcScopes.length) return undefined;
  const own = known.filter((scope) => isOidcScope(experience, scope));
  const registered = metadata.scope?.split(' ');
  const allowed = registered ? own.filter((scope) => registered.includes(scope)) : own;
  return allowed.length > 0 ? allowed.join(' ') : 'openid';
}
