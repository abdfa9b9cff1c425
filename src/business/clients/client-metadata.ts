/**
 * The allow-listed metadata of a relying party, named as the specifications name it (OpenID Connect Dynamic Client
 * Registration 1.0, RFC 7591, RFC 8705, RFC 9101, RFC 9126, RFC 9396, RFC 9449, JARM, CIBA). What is not listed is
 * refused. Pure: which of it fits together is said in `client-rules.ts`.
 */
import { z } from 'zod';
import { redemptionType } from '../layers/layer-shapes.ts';
import { serverUriFault } from './redirect-uri.ts';

/** Grants a client may be registered for. */
export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;

/** Names of the grants whose identifiers are URNs. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const cibaGrant = 'urn:openid:params:grant-type:ciba';
export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/**
 * Ways a client may prove who it is. `client_secret_jwt` is not among them: it needs the secret itself at hand, and
 * secrets are kept as keyed hashes only.
 */
export const authMethods = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const;

/** Algorithms the issuer signs with and accepts; the specifications' default RS256 stays among them. */
export const signingAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

/** Algorithms FAPI 2.0 allows (Security Profile section 5.4.1). */
export const fapiSigningAlgorithms = ['ES256', 'PS256', 'EdDSA'] as const;

/** Asymmetric key management only: a shared-key one would need the client's secret. */
export const encryptionAlgorithms = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'] as const;

/** Content encryption. */
export const contentEncryptions = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const;

/** How an authorization answer may travel. */
const responseModes = [
  'query',
  'fragment',
  'form_post',
  'jwt',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
] as const;

const serverUri = z.string().superRefine((uri, context) => {
  const fault = serverUriFault(uri);
  if (fault) context.addIssue({ code: 'custom', message: fault });
});

const publicJwk = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']), kid: z.string().min(1).max(200).optional() })
  .refine(
    (jwk) => !['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((part) => part in jwk),
    'holds a private key',
  );

const signing = z.enum(signingAlgorithms).optional();
const keyManagement = z.enum(encryptionAlgorithms).optional();
const content = z.enum(contentEncryptions).optional();
const certificateName = z.string().min(1).max(512).optional();

/** The fields; strict where they are used. */
export const metadataShape = {
  application_type: z.enum(['web', 'native']).default('web'),
  redirect_uris: z.array(z.string()).max(50).default([]),
  post_logout_redirect_uris: z.array(z.string()).max(50).default([]),
  grant_types: z.array(z.enum(grantTypes)).min(1).default(['authorization_code', 'refresh_token']),
  /** Follows from the grants: `code` or none; implicit and hybrid responses do not exist here. */
  response_types: z.array(z.literal('code')).max(1).optional(),
  response_modes: z.array(z.enum(responseModes)).min(1).max(7).optional(),
  token_endpoint_auth_method: z.enum(authMethods).optional(),
  token_endpoint_auth_signing_alg: signing,
  jwks: z.strictObject({ keys: z.array(publicJwk).min(1).max(20) }).optional(),
  jwks_uri: serverUri.optional(),
  scope: z
    .string()
    .max(2000)
    .regex(/^([\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*)?$/, 'scopes parted by one space')
    .optional(),
  id_token_signed_response_alg: signing,
  id_token_encrypted_response_alg: keyManagement,
  id_token_encrypted_response_enc: content,
  userinfo_signed_response_alg: signing,
  userinfo_encrypted_response_alg: keyManagement,
  userinfo_encrypted_response_enc: content,
  introspection_signed_response_alg: signing,
  introspection_encrypted_response_alg: keyManagement,
  introspection_encrypted_response_enc: content,
  authorization_signed_response_alg: signing,
  authorization_encrypted_response_alg: keyManagement,
  authorization_encrypted_response_enc: content,
  request_object_signing_alg: signing,
  request_object_encryption_alg: keyManagement,
  request_object_encryption_enc: content,
  require_signed_request_object: z.boolean().optional(),
  authorization_details_types: z
    .array(z.enum([redemptionType]))
    .max(1)
    .optional(),
  subject_type: z.enum(['public', 'pairwise']).optional(),
  sector_identifier_uri: serverUri.optional(),
  backchannel_logout_uri: serverUri.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  backchannel_token_delivery_mode: z.enum(['poll', 'ping']).optional(),
  backchannel_client_notification_endpoint: serverUri.optional(),
  backchannel_authentication_request_signing_alg: signing,
  client_uri: serverUri.optional(),
  logo_uri: serverUri.optional(),
  policy_uri: serverUri.optional(),
  tos_uri: serverUri.optional(),
  initiate_login_uri: serverUri.optional(),
  contacts: z.array(z.email().max(254)).max(10).optional(),
  default_max_age: z.int().min(0).optional(),
  default_acr_values: z.array(z.string().min(1).max(200)).max(10).optional(),
  require_auth_time: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  tls_client_certificate_bound_access_tokens: z.boolean().optional(),
  tls_client_auth_subject_dn: certificateName,
  tls_client_auth_san_dns: certificateName,
  tls_client_auth_san_uri: certificateName,
  tls_client_auth_san_ip: certificateName,
  tls_client_auth_san_email: certificateName,
};

/** The certificate names of which `tls_client_auth` needs exactly one (RFC 8705 section 2.1.2). */
export const certificateNames = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;
