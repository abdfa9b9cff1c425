/** A relying party as the rest of the house sees it: plain, frozen, without the database's ways. */
import { deepFreeze } from '../layers/json.ts';
import type { ExchangePolicy } from './client-exchange.ts';
import type { ClientMetadata } from './client-input.ts';
import type { ClientSecret, StoredClient } from './model.ts';

/** A relying party. */
export interface ClientRecord {
  /** The client_id. */
  readonly id: string;
  readonly brand: string;
  /** Its market; the brand's usual one when undefined. */
  readonly market: string | undefined;
  readonly name: string;
  /** The program's own: no scope consent, the public subject. */
  readonly firstParty: boolean;
  /** A protected API: it may introspect tokens that were issued to others. */
  readonly resourceServer: boolean;
  /** `fapi2`: the FAPI 2.0 rules hold for it. */
  readonly profile: 'baseline' | 'fapi2';
  /** May leave PKCE out when it sends a nonce. */
  readonly pkceExempt: boolean;
  /** For how long a rotated refresh token may be presented once more, while its successor is unused. */
  readonly refreshLeewaySeconds: number;
  /** Id of the invitation it registered itself with; undefined for what operators register. */
  readonly invitation: string | undefined;
  /** What it may exchange tokens for; nothing when empty. */
  readonly tokenExchange: Readonly<ExchangePolicy>;
  readonly disabledAt: Date | undefined;
  /** It has deleted itself: disabled for good. */
  readonly endedAt: Date | undefined;
  /** Metadata named as in OpenID Connect Dynamic Client Registration. */
  readonly metadata: Readonly<ClientMetadata>;
  /** Keyed hashes of its secrets, expired ones included. */
  readonly secrets: readonly Readonly<ClientSecret>[];
  /** Rises with each change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Turns a stored document into the frozen object that is handed around.
 * @param stored as read from the collection
 */
export function toClientRecord(stored: StoredClient): ClientRecord {
  return deepFreeze({
    id: stored._id,
    brand: stored.brand,
    market: stored.market,
    name: stored.name,
    firstParty: stored.firstParty,
    resourceServer: stored.resourceServer,
    profile: stored.profile ?? 'baseline',
    pkceExempt: stored.pkceExempt ?? false,
    refreshLeewaySeconds: stored.refreshLeewaySeconds ?? 0,
    invitation: stored.invitation,
    tokenExchange: stored.tokenExchange ?? {},
    disabledAt: stored.disabledAt,
    endedAt: stored.endedAt,
    metadata: stored.metadata,
    secrets: stored.secrets,
    version: stored.version,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
  });
}

/** Names under which our own policy travels on the library's client; no registration may set them. */
export const profileProperty = 'symbolon_profile';
export const exemptProperty = 'symbolon_pkce_exempt';

/**
 * The document that the protocol library takes for a client: registration metadata with id, name and, where the client
 * has secrets, the keyed hash of the newest one in the place of the secret. The hash satisfies the library's rule that
 * a secret exists; comparing is done by `verifySecret`, so nobody can sign in with the hash.
 * @param client the relying party
 */
export function toOidcMetadata(client: ClientRecord): Record<string, unknown> {
  const secret = client.secrets[0];
  const { initiate_login_uri: initiate, ...metadata } = client.metadata;
  return {
    client_id: client.id,
    ...(client.name && { client_name: client.name }),
    ...metadata,
    // The library takes an https address only; one on this machine serves our own way back and no protocol step.
    ...(initiate?.startsWith('https:') && { initiate_login_uri: initiate }),
    ...(secret && { client_secret: secret.hash }),
    [profileProperty]: client.profile,
    [exemptProperty]: client.pkceExempt,
  };
}
