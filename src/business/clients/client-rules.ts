/** Which metadata of a relying party fits together. Pure; faults are words for an operator. */
import { apiScope } from './api-scopes.ts';
import type { ClientShape } from './client-input.ts';
import {
  certificateNames,
  cibaGrant,
  deviceGrant,
  encryptionAlgorithms,
  tokenExchangeGrant,
} from './client-metadata.ts';
import { redirectUriFault } from './redirect-uri.ts';

/** Tells a fault: path within the description, words. */
export type Report = (path: (string | number)[], message: string) => void;

type Metadata = ClientShape['metadata'];

/**
 * Looks at every rule that concerns more than one field.
 * @param client the description, its fields checked one by one, defaults not yet filled in
 * @param report told of each fault
 */
export function checkRules(client: ClientShape, report: Report): void {
  const inMetadata: Report = (path, message) => report(['metadata', ...path], message);
  checkAddresses(client.metadata, inMetadata);
  checkGrants(client.metadata, inMetadata);
  checkBackchannel(client.metadata, inMetadata);
  checkAuthentication(client.metadata, inMetadata);
  checkKeys(client.metadata, inMetadata);
  checkSubject(client, inMetadata);
  checkExemption(client, report);
  checkApiScopes(client, report);
}

function checkAddresses(metadata: Metadata, report: Report): void {
  for (const list of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    for (const [index, uri] of metadata[list].entries()) {
      const fault = redirectUriFault(uri, metadata.application_type);
      if (fault) report([list, index], fault);
    }
    if (new Set(metadata[list]).size !== metadata[list].length) report([list], 'an address stands twice');
  }
}

function checkGrants(metadata: Metadata, report: Report): void {
  const grants = new Set<string>(metadata.grant_types);
  const interactive = grants.has('authorization_code');
  if (interactive && metadata.redirect_uris.length === 0)
    report(['redirect_uris'], 'authorization_code needs at least one');
  if (!interactive && metadata.redirect_uris.length > 0)
    report(['redirect_uris'], 'of no use without authorization_code');
  if (grants.has('refresh_token') && !interactive && !grants.has(deviceGrant) && !grants.has(cibaGrant))
    report(['grant_types'], 'refresh_token needs authorization_code, device_code or ciba');
  if (authMethodOf(metadata) !== 'none') return;
  for (const grant of ['client_credentials', cibaGrant, tokenExchangeGrant]) {
    if (grants.has(grant)) report(['grant_types'], `${grant} needs a client that can authenticate`);
  }
}

/** OpenID Connect Client-Initiated Backchannel Authentication section 4. */
function checkBackchannel(metadata: Metadata, report: Report): void {
  const used = (metadata.grant_types as readonly string[]).includes(cibaGrant);
  const { backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint: endpoint } =
    metadata;
  if (!used && (mode || endpoint))
    report(['backchannel_token_delivery_mode'], `of no use without ${cibaGrant}`);
  if (used && mode === 'ping' && !endpoint)
    report(['backchannel_client_notification_endpoint'], 'ping needs the address that is to be called');
  if (used && endpoint && !endpoint.startsWith('https:'))
    report(['backchannel_client_notification_endpoint'], 'must be https');
}

function checkAuthentication(metadata: Metadata, report: Report): void {
  const method = authMethodOf(metadata);
  // RFC 8252 section 8.5: a secret shipped inside an app is no secret.
  if (metadata.application_type === 'native' && method !== 'none')
    report(['token_endpoint_auth_method'], 'a native app is a public client: none');
  if (metadata.jwks && metadata.jwks_uri) report(['jwks_uri'], 'either jwks or jwks_uri');
  const names = certificateNames.filter((name) => metadata[name] !== undefined);
  if (method === 'tls_client_auth' && names.length !== 1)
    report(['token_endpoint_auth_method'], `tls_client_auth needs one of ${certificateNames.join(', ')}`);
  if (method !== 'tls_client_auth' && names.length > 0)
    report([names[0] ?? ''], 'of no use without tls_client_auth');
  if (metadata.token_endpoint_auth_signing_alg && method !== 'private_key_jwt')
    report(['token_endpoint_auth_signing_alg'], 'of no use without private_key_jwt');
  if (metadata.dpop_bound_access_tokens && metadata.tls_client_certificate_bound_access_tokens)
    report(['dpop_bound_access_tokens'], 'tokens are bound by DPoP or by certificate, not by both');
}

function checkKeys(metadata: Metadata, report: Report): void {
  const method = authMethodOf(metadata);
  const encrypts = Object.entries(metadata).some(
    ([field, value]) =>
      field.endsWith('_encrypted_response_alg') &&
      (encryptionAlgorithms as readonly unknown[]).includes(value),
  );
  const needed =
    method === 'private_key_jwt' ||
    method === 'self_signed_tls_client_auth' ||
    encrypts ||
    metadata.require_signed_request_object === true ||
    metadata.request_object_signing_alg !== undefined ||
    metadata.backchannel_authentication_request_signing_alg !== undefined;
  if (needed && !metadata.jwks && !metadata.jwks_uri)
    report(
      ['jwks'],
      method === 'private_key_jwt'
        ? 'private_key_jwt needs jwks or jwks_uri'
        : 'its keys are needed: jwks or jwks_uri',
    );
  for (const kind of ['id_token', 'userinfo', 'introspection', 'authorization'] as const) {
    if (metadata[`${kind}_encrypted_response_enc`] && !metadata[`${kind}_encrypted_response_alg`])
      report([`${kind}_encrypted_response_alg`], `needed beside ${kind}_encrypted_response_enc`);
  }
  if (metadata.request_object_encryption_enc && !metadata.request_object_encryption_alg)
    report(['request_object_encryption_alg'], 'needed beside request_object_encryption_enc');
}

function checkSubject({ firstParty, metadata }: ClientShape, report: Report): void {
  if (subjectTypeOf(firstParty, metadata) !== 'pairwise') return;
  const grants: readonly string[] = metadata.grant_types;
  if (grants.includes(deviceGrant) || grants.includes(cibaGrant)) {
    // The sector of a client without redirect addresses is the host of its key set (CIBA section 4).
    const method = authMethodOf(metadata);
    if ((method !== 'private_key_jwt' && method !== 'self_signed_tls_client_auth') || !metadata.jwks_uri)
      report(
        ['subject_type'],
        'pairwise subjects with device_code or ciba need jwks_uri and private_key_jwt or self_signed_tls_client_auth; or choose public',
      );
    if (metadata.redirect_uris.length > 0 && !metadata.sector_identifier_uri)
      report(['sector_identifier_uri'], 'needed, as pairwise subjects go to more than one kind of address');
  }
  if (metadata.sector_identifier_uri) return;
  const hosts = new Set(
    metadata.redirect_uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).host),
  );
  // OpenID Connect Core section 8.1: several hosts have no common sector unless the client names one.
  if (hosts.size > 1)
    report(['sector_identifier_uri'], 'needed, as pairwise subjects go to more than one host');
}

/** Scopes of the issuer's own APIs that only some may have. */
function checkApiScopes({ firstParty, metadata }: ClientShape, report: Report): void {
  const forItself = metadata.grant_types.includes('client_credentials');
  for (const name of metadata.scope?.split(' ') ?? []) {
    const scope = apiScope(name);
    if (scope?.ownOnly && !firstParty) report(['metadata', 'scope'], `${name} is for the program's own only`);
    if (scope && !scope.holders.includes('member') && !forItself)
      report(['metadata', 'scope'], `${name} needs the grant client_credentials`);
  }
}

/** RFC 9700 section 2.1.1: a confidential OpenID Connect client may lean on the nonce instead of PKCE. */
function checkExemption({ pkceExempt, profile, metadata }: ClientShape, report: Report): void {
  if (!pkceExempt) return;
  if (authMethodOf(metadata) === 'none' || metadata.application_type === 'native')
    report(['pkceExempt'], 'a public client cannot be exempt from PKCE');
  if (profile === 'fapi2') report(['pkceExempt'], 'a FAPI 2.0 client cannot be exempt from PKCE');
}

/**
 * How a client authenticates when its description does not say.
 * @param metadata as described
 */
export function authMethodOf(metadata: Metadata) {
  const usual = metadata.application_type === 'native' ? 'none' : 'client_secret_basic';
  return metadata.token_endpoint_auth_method ?? usual;
}

/**
 * What kind of subject a client learns: our own share the public one, others get one of their own.
 * @param firstParty whether the client is the program's own
 * @param metadata as described
 */
export function subjectTypeOf(firstParty: boolean, metadata: Metadata) {
  return metadata.subject_type ?? (firstParty ? 'public' : 'pairwise');
}
