/** What may be said about a relying party, with its defaults. Pure; the parts stand in the files beside it. */
import { z } from 'zod';
import { clientIdShape, configId } from '../layers/id-shapes.ts';
import { checkExchange, exchangePolicy } from './client-exchange.ts';
import { cibaGrant, metadataShape } from './client-metadata.ts';
import { checkProfile, forcedByProfile } from './client-profile.ts';
import { authMethodOf, checkRules, type Report, subjectTypeOf } from './client-rules.ts';

/** A client id: no dot (it becomes a key of stored documents), nothing that needs escaping. */
export const clientId = z
  .string()
  .regex(clientIdShape, 'letters, digits, hyphens and underscores, 3 to 64 of them');

const shape = z.strictObject({
  /** Chosen by the operator, or made when absent. */
  id: clientId.optional(),
  /** Id of the brand whose look and texts the client's visitors meet. */
  brand: configId,
  /** Id of its market; the brand's usual one when absent. */
  market: configId.optional(),
  /** Shown to members: "Continue to …". */
  name: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(80, 'at most 80 characters')
    .regex(
      /^[^\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$/u,
      'control and invisible characters are not allowed',
    ),
  /** The program's own: no scope consent, the public subject. Everyone else is a third party. */
  firstParty: z.boolean().default(false),
  /** A protected API: it may introspect tokens that were issued to others (RFC 7662 section 4). */
  resourceServer: z.boolean().default(false),
  /** `fapi2` forces what FAPI 2.0 Security Profile and Message Signing ask for. */
  profile: z.enum(['baseline', 'fapi2']).default('baseline'),
  /** Need not use PKCE, but then must send a nonce; for a confidential client that cannot be changed. */
  pkceExempt: z.boolean().default(false),
  /**
   * For how many seconds a refresh token that was just rotated may be presented once more, as long as its successor
   * is unused: an app on a bad network may have missed the answer.
   */
  refreshLeewaySeconds: z.int().min(0).max(60).default(0),
  /** What it may exchange tokens for (RFC 8693); nothing unless said here. */
  tokenExchange: exchangePolicy,
  metadata: z.strictObject(metadataShape),
});

/** A description whose fields are well-formed one by one. */
export type ClientShape = z.output<typeof shape>;

/** A client as an operator describes it; the defaults are filled in and every rule holds. */
export const clientInput = shape
  .superRefine((client, context) => {
    const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
    checkRules(client, report);
    checkExchange(client, report);
    checkProfile(client, report);
  })
  .transform(withDefaults);

/** What an operator writes. */
export type ClientDraft = z.input<typeof clientInput>;

/** What is stored. */
export type ClientInput = z.output<typeof clientInput>;

/** Metadata as the provider takes it, without id, name and secret. */
export type ClientMetadata = ClientInput['metadata'];

function withDefaults(client: ClientShape) {
  const { metadata } = client;
  const interactive = metadata.grant_types.includes('authorization_code');
  return {
    ...client,
    metadata: {
      ...metadata,
      response_types: interactive ? (['code'] as const) : [],
      token_endpoint_auth_method: authMethodOf(metadata),
      subject_type: subjectTypeOf(client.firstParty, metadata),
      id_token_signed_response_alg:
        metadata.id_token_signed_response_alg ?? (client.firstParty ? 'ES256' : 'RS256'),
      ...(metadata.grant_types.includes(cibaGrant) && {
        backchannel_token_delivery_mode: metadata.backchannel_token_delivery_mode ?? ('poll' as const),
      }),
      ...forcedByProfile(client),
    },
  };
}
