/** What may be said about a relying party, and which of it fits together. Pure; faults are words for an operator. */
import { z } from 'zod';
import { configId } from '../experiences/config-shapes.ts';
import { redirectUriFault, serverUriFault } from './redirect-uri.ts';

/** A client id: no dot (it becomes a key of stored documents), nothing that needs escaping. */
export const clientId = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,63}$/, 'letters, digits, hyphens and underscores, 3 to 64 of them');

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

/**
 * The allow-listed part of OpenID Connect Dynamic Client Registration metadata, named as the specification names it.
 * What is not listed is refused, above all anything that would weaken PKCE, which holds for every client.
 */
const metadataShape = {
  application_type: z.enum(['web', 'native']).default('web'),
  redirect_uris: z.array(z.string()).max(50).default([]),
  post_logout_redirect_uris: z.array(z.string()).max(50).default([]),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .default(['authorization_code', 'refresh_token']),
  /** Follows from the grants: `code` or none; implicit and hybrid responses do not exist here. */
  response_types: z.array(z.literal('code')).max(1).optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .optional(),
  jwks: z.strictObject({ keys: z.array(publicJwk).min(1).max(20) }).optional(),
  jwks_uri: serverUri.optional(),
  scope: z
    .string()
    .regex(/^([\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*)?$/, 'scopes parted by one space')
    .optional(),
  id_token_signed_response_alg: z.enum(['ES256', 'RS256']).optional(),
  userinfo_signed_response_alg: z.enum(['ES256', 'RS256']).optional(),
  introspection_signed_response_alg: z.enum(['ES256', 'RS256']).optional(),
  subject_type: z.enum(['public', 'pairwise']).optional(),
  sector_identifier_uri: serverUri.optional(),
  backchannel_logout_uri: serverUri.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  client_uri: serverUri.optional(),
  logo_uri: serverUri.optional(),
  policy_uri: serverUri.optional(),
  tos_uri: serverUri.optional(),
  initiate_login_uri: serverUri.optional(),
  contacts: z.array(z.email()).max(10).optional(),
  default_max_age: z.int().min(0).optional(),
  default_acr_values: z.array(z.string().min(1).max(200)).max(10).optional(),
  require_auth_time: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
};

const shape = z.strictObject({
  /** Chosen by the operator, or made when absent. */
  id: clientId.optional(),
  /** Id of the brand whose look and texts the client's visitors meet. */
  brand: configId,
  /** Id of its market; the brand's usual one when absent. */
  market: configId.optional(),
  /** Shown to members: "Continue to …". */
  name: z.string().trim().min(1).max(80),
  /** The program's own: no scope consent, the public subject. Everyone else is a third party. */
  firstParty: z.boolean().default(false),
  /** A protected API: it may introspect tokens that were issued to others (RFC 7662 section 4). */
  resourceServer: z.boolean().default(false),
  metadata: z.strictObject(metadataShape),
});

/** A client as an operator describes it; the defaults are filled in and every rule holds. */
export const clientInput = shape.superRefine(checkRules).transform(withDefaults);

/** What an operator writes. */
export type ClientDraft = z.input<typeof clientInput>;

/** What is stored. */
export type ClientInput = z.output<typeof clientInput>;

/** Metadata as the provider takes it, without id, name and secret. */
export type ClientMetadata = ClientInput['metadata'];

type Shape = z.output<typeof shape>;
type Report = (path: (string | number)[], message: string) => void;

function checkRules(client: Shape, context: z.RefinementCtx): void {
  const report: Report = (path, message) =>
    context.addIssue({ code: 'custom', path: ['metadata', ...path], message });
  checkAddresses(client.metadata, report);
  checkGrants(client.metadata, report);
  checkAuthentication(client.metadata, report);
  checkSubject(client, report);
}

function checkAddresses(metadata: Shape['metadata'], report: Report): void {
  for (const list of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    for (const [index, uri] of metadata[list].entries()) {
      const fault = redirectUriFault(uri, metadata.application_type);
      if (fault) report([list, index], fault);
    }
    if (new Set(metadata[list]).size !== metadata[list].length) report([list], 'an address stands twice');
  }
}

function checkGrants(metadata: Shape['metadata'], report: Report): void {
  const grants = new Set(metadata.grant_types);
  const interactive = grants.has('authorization_code');
  if (interactive && metadata.redirect_uris.length === 0)
    report(['redirect_uris'], 'authorization_code needs at least one');
  if (!interactive && metadata.redirect_uris.length > 0)
    report(['redirect_uris'], 'of no use without authorization_code');
  if (grants.has('refresh_token') && !interactive)
    report(['grant_types'], 'refresh_token needs authorization_code');
  if (grants.has('client_credentials') && authMethodOf(metadata) === 'none')
    report(['grant_types'], 'client_credentials needs a client that can authenticate');
}

function checkAuthentication(metadata: Shape['metadata'], report: Report): void {
  const method = authMethodOf(metadata);
  // RFC 8252 section 8.5: a secret shipped inside an app is no secret.
  if (metadata.application_type === 'native' && method !== 'none')
    report(['token_endpoint_auth_method'], 'a native app is a public client: none');
  if (metadata.jwks && metadata.jwks_uri) report(['jwks_uri'], 'either jwks or jwks_uri');
  if (method === 'private_key_jwt' && !metadata.jwks && !metadata.jwks_uri)
    report(['jwks'], 'private_key_jwt needs jwks or jwks_uri');
}

function checkSubject({ firstParty, metadata }: Shape, report: Report): void {
  if (subjectTypeOf(firstParty, metadata) !== 'pairwise' || metadata.sector_identifier_uri) return;
  const hosts = new Set(
    metadata.redirect_uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).host),
  );
  // OpenID Connect Core section 8.1: several hosts have no common sector unless the client names one.
  if (hosts.size > 1)
    report(['sector_identifier_uri'], 'needed, as pairwise subjects go to more than one host');
}

function withDefaults(client: Shape) {
  const { metadata } = client;
  return {
    ...client,
    metadata: {
      ...metadata,
      response_types: metadata.grant_types.includes('authorization_code') ? (['code'] as const) : [],
      token_endpoint_auth_method: authMethodOf(metadata),
      subject_type: subjectTypeOf(client.firstParty, metadata),
      id_token_signed_response_alg:
        metadata.id_token_signed_response_alg ?? (client.firstParty ? 'ES256' : 'RS256'),
    },
  };
}

function authMethodOf(metadata: Shape['metadata']) {
  const usual = metadata.application_type === 'native' ? 'none' : 'client_secret_basic';
  return metadata.token_endpoint_auth_method ?? usual;
}

function subjectTypeOf(firstParty: boolean, metadata: Shape['metadata']) {
  return metadata.subject_type ?? (firstParty ? 'public' : 'pairwise');
}
