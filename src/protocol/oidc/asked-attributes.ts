/** The member's attributes that a request asks an app to be given: by scope and by name, as the app's experience says. */
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import {
  attributesByName,
  attributesOfScope,
  attributesOfScopes,
} from '../../business/experiences/released-attributes.ts';
import { claimNames, requestedClaims } from './requested-claims.ts';

/** What asked attributes are found with. */
export interface AskedAttributeDeps {
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  /** What a client's visitors meet; undefined for the program's own pages. */
  experienceOf(clientId: string): Promise<Experience | undefined>;
}

/** Attributes that are asked for. */
export interface AskedAttributes {
  /** By the scope that gives them; scopes that give none are left out. */
  ofScopes: Readonly<Record<string, readonly string[]>>;
  byName: readonly string[];
}

/**
 * The attributes of an authorization request.
 * @param deps clients and experiences
 * @param clientId who asks
 * @param params the request's parameters, as checked by the library
 */
export async function askedAttributes(
  deps: AskedAttributeDeps,
  clientId: string,
  params: Readonly<Record<string, unknown>>,
): Promise<AskedAttributes> {
  const said = (await deps.experienceOf(clientId))?.settings;
  if (!said) return { ofScopes: {}, byName: [] };
  const scopes = typeof params.scope === 'string' ? params.scope.split(' ') : [];
  const app = { clientId, scopes };
  const ofScopes = scopes
    .map((scope) => [scope, attributesOfScope(said, app, scope)] as const)
    .filter(([, names]) => names.length > 0);
  return {
    ofScopes: Object.fromEntries(ofScopes),
    byName: attributesByName(said, app, claimNames(params)),
  };
}

/**
 * Puts one question in the place of the library's, which would ask for claims this app can never get, and never for
 * attributes that a scope gives only since the member allowed it.
 * @param consent the prompt
 * @param deps clients and experiences
 */
export function askForClaims(consent: interactionPolicy.Prompt, deps: AskedAttributeDeps): void {
  consent.checks.remove('op_claims_missing');
  consent.checks.add(
    new interactionPolicy.Check(
      'claims_missing',
      'requested claims not granted',
      'consent_required',
      async (ctx) => (await missingClaims(ctx, deps)).length > 0,
    ),
  );
}

async function missingClaims(ctx: KoaContextWithOIDC, deps: AskedAttributeDeps): Promise<string[]> {
  const { client, params } = ctx.oidc;
  const grant = ctx.oidc.entities.Grant;
  if (!client || !grant || (await deps.findClient(client.clientId))?.firstParty) return [];
  const { ofScopes, byName } = await askedAttributes(deps, client.clientId, params ?? {});
  const answered = new Set(grant.getOIDCClaimsEncountered());
  const asked = [...requestedClaims(params ?? {}), ...byName, ...Object.values(ofScopes).flat()];
  return asked.filter((claim) => !answered.has(claim));
}

/** What releasing attributes into a token or an answer needs to know. */
export interface ReleaseRequest {
  clientId: string;
  use: string;
  /** Scopes of the token, parted by spaces. */
  scope: string;
  /** Claims asked for by name, as far as they were allowed. */
  named: Readonly<Record<string, unknown>>;
}

/**
 * The attributes that a token or an answer may say, but for the consent to their purposes.
 * @param deps clients and experiences
 * @param ctx the request
 * @param asked use, scopes and names
 */
export async function releasedAttributes(
  deps: AskedAttributeDeps,
  ctx: KoaContextWithOIDC,
  { clientId, use, scope, named }: ReleaseRequest,
): Promise<{ experience: Experience; names: readonly string[] } | undefined> {
  const experience = await deps.experienceOf(clientId);
  if (!experience) return undefined;
  const app = { clientId, scopes: scope.split(' ') };
  // An ID token beside an access token for userinfo carries none of a scope (OpenID Connect Core section 5.4).
  const byScope =
    use === 'id_token' && !ctx.oidc.entities.AccessToken?.aud
      ? []
      : attributesOfScopes(experience.settings, app);
  const names = new Set([...byScope, ...attributesByName(experience.settings, app, Object.keys(named))]);
  if (names.size === 0) return undefined;
  if ((await deps.findClient(clientId))?.firstParty) return { experience, names: [...names] };
  // What a scope gives only since the member allowed it was never allowed.
  const allowed = new Set(ctx.oidc.entities.Grant?.getOIDCClaims());
  return { experience, names: [...names].filter((name) => allowed.has(name)) };
}
