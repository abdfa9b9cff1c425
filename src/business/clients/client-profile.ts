/**
 * What a client's profile forces. `fapi2` is the FAPI 2.0 Security Profile, with the algorithms of Message Signing
 * for whatever is signed; a client asks for signed requests and answers by its metadata. Pure.
 */
import type { ClientShape } from './client-input.ts';
import { fapiSigningAlgorithms } from './client-metadata.ts';
import { authMethodOf, type Report } from './client-rules.ts';

type Metadata = ClientShape['metadata'];

const signatureFields = [
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'authorization_signed_response_alg',
  'request_object_signing_alg',
  'backchannel_authentication_request_signing_alg',
  'token_endpoint_auth_signing_alg',
] as const satisfies readonly (keyof Metadata)[];

/** What the profile fills in. */
type Forced = Partial<
  Pick<
    Metadata,
    | 'require_pushed_authorization_requests'
    | 'dpop_bound_access_tokens'
    | 'id_token_signed_response_alg'
    | 'authorization_signed_response_alg'
    | 'introspection_signed_response_alg'
  >
>;

const strongAuthentication: readonly string[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

/**
 * Looks at what FAPI 2.0 forbids (Security Profile sections 5.3 and 5.4).
 * @param client the description
 * @param report told of each fault
 */
export function checkProfile(client: ClientShape, report: Report): void {
  if (client.profile !== 'fapi2') return;
  const { metadata } = client;
  if (!strongAuthentication.includes(authMethodOf(metadata)))
    report(
      ['metadata', 'token_endpoint_auth_method'],
      `FAPI 2.0 needs one of ${strongAuthentication.join(', ')}`,
    );
  for (const field of signatureFields) {
    const algorithm = metadata[field];
    if (algorithm && !(fapiSigningAlgorithms as readonly string[]).includes(algorithm))
      report(['metadata', field], `FAPI 2.0 allows ${fapiSigningAlgorithms.join(', ')}`);
  }
  if (metadata.require_pushed_authorization_requests === false)
    report(['metadata', 'require_pushed_authorization_requests'], 'FAPI 2.0 needs it');
  for (const [index, uri] of metadata.redirect_uris.entries()) {
    if (!uri.startsWith('https:')) report(['metadata', 'redirect_uris', index], 'FAPI 2.0 needs https');
  }
  if (metadata.dpop_bound_access_tokens === false && !metadata.tls_client_certificate_bound_access_tokens)
    report(['metadata', 'dpop_bound_access_tokens'], 'FAPI 2.0 needs tokens bound by DPoP or by certificate');
}

/**
 * The metadata that a profile adds to a description that keeps its rules.
 * @param client the description
 */
export function forcedByProfile(client: ClientShape): Forced {
  if (client.profile !== 'fapi2') return {};
  const { metadata } = client;
  const byCertificate = metadata.tls_client_certificate_bound_access_tokens === true;
  return {
    ...(metadata.grant_types.includes('authorization_code') && {
      require_pushed_authorization_requests: true,
    }),
    ...(!byCertificate && { dpop_bound_access_tokens: true }),
    id_token_signed_response_alg: metadata.id_token_signed_response_alg ?? 'ES256',
    authorization_signed_response_alg: metadata.authorization_signed_response_alg ?? 'ES256',
    introspection_signed_response_alg: metadata.introspection_signed_response_alg ?? 'ES256',
  };
}
