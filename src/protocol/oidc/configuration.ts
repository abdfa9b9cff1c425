/** The library's configuration: what a provider is made of, its lifetimes, algorithms and addresses. */
import type { AdapterFactory, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Outbound } from '../../base/http/outbound.ts';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import type { Keys } from '../../base/keys/keys.ts';
import {
  authMethods,
  contentEncryptions,
  encryptionAlgorithms,
  signingAlgorithms,
} from '../../business/clients/client-metadata.ts';
import { exemptProperty, profileProperty } from '../../business/clients/client-record.ts';
import type { ClaimVocabulary } from '../../business/experiences/claim-vocabulary.ts';
import type { Members } from '../../people/members/members.ts';
import { type AccountDeps, claimsByScope, createFindAccount } from './account.ts';
import { accountChoice } from './account-choice.ts';
import { type BackchannelDeps, backchannelLife } from './backchannel.ts';
import { rememberSubject, withBackchannelAccounts } from './backchannel-accounts.ts';
import { createDocumentFetch, documentLimit } from './client-documents.ts';
import { cookiesOf } from './cookies.ts';
import { type DeviceFlowDeps, type DeviceOutcome, deviceCodeLife } from './device-flow.ts';
import { createTokenClaims } from './exchange/grant-reference.ts';
import type { TokenExchangeDeps } from './exchange/token-exchange.ts';
import { isFapi, pkceRequired } from './fapi.ts';
import { featuresOf } from './features.ts';
import { createLoadExistingGrant, type GrantDeps } from './grants.ts';
import { acrValues } from './levels.ts';
import type { MutualTls } from './mtls.ts';
import { pairwiseSubject } from './pairwise.ts';
import { createPolicy, type PolicyDeps } from './policy.ts';
import type { RedemptionDeps } from './redemptions.ts';
import type { Registration } from './registration.ts';
import type { ResourceDeps } from './resources.ts';
import { withScopeLevels } from './scope-levels.ts';
import { scopesOf } from './scopes.ts';
import { endSessionPath } from './sign-out-post.ts';
import { clockTolerance, signedStatements } from './signed-statements.ts';
import { libraryKeys } from './signing-keys.ts';

/** Pages the library asks for; the surfaces draw them. */
export interface ProtocolPages {
  /** A protocol error a person sees. */
  error(
    ctx: KoaContextWithOIDC,
    error: { error: string; error_description?: string | undefined },
    cause: unknown,
  ): Promise<void>;
  /** "Sign out?": the form must post `xsrf` and `logout` to `action`. */
  signOut(ctx: KoaContextWithOIDC, form: { action: string; xsrf: string }): Promise<void>;
  /** After signing out, where no client waits. */
  signedOut(ctx: KoaContextWithOIDC): Promise<void>;
  /** The end of a person's way through the sign-in of a device. */
  deviceEnded(ctx: KoaContextWithOIDC, outcome: DeviceOutcome): void;
}

/** Lifetimes in seconds. */
export interface Lifetimes {
  sessionIdle: number;
  sessionAbsolute: number;
}

/** Everything a provider is made of. */
export interface ProviderDeps
  extends GrantDeps,
    PolicyDeps,
    ResourceDeps,
    RedemptionDeps,
    DeviceFlowDeps,
    BackchannelDeps,
    TokenExchangeDeps,
    AccountDeps {
  issuer: string;
  keys: Keys;
  clock: Clock;
  adapter: AdapterFactory;
  /** Scopes and attributes that the live configuration releases to apps. */
  vocabulary: ClaimVocabulary;
  members: Members;
  pages: ProtocolPages;
  lifetimes: Lifetimes;
  /** Other sites may post authorization requests (OpenID Connect Core section 3.1.2.1); some old clients do. */
  authorizationPost: boolean;
  /** Where a proxy hands over the certificates of callers. */
  mtls: MutualTls | undefined;
  /** Languages of the hosted pages, for discovery. */
  locales: readonly string[];
  /** Calls the addresses that clients have registered. */
  outbound: Outbound;
  registration: Registration;
  /** Whether a client may introspect tokens issued to others: a protected resource does. */
  mayIntrospectOthers(clientId: string): Promise<boolean>;
  /** Whether the text is a live secret of the client. */
  verifySecret(clientId: string, secret: string): Promise<boolean>;
  /** Keeps a logout notice for durable delivery. */
  queueLogoutNotice(
    ctx: unknown,
    notice: { clientId: string; memberId: string; sid: string | undefined },
  ): void;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** A refresh family lives a year at most, and a grant must outlive every token that leans on it. */
const longestFamily = 365 * day;
const accessTokenLife = 10 * minute;

/**
 * Builds the library's configuration.
 * @param deps configuration, keys and ports
 */
export function configurationOf(deps: ProviderDeps): Configuration {
  return {
    adapter: deps.adapter,
    jwks: { keys: libraryKeys(deps.keys) },
    findAccount: withScopeLevels(withBackchannelAccounts(createFindAccount(deps), deps), deps),
    loadExistingGrant: createLoadExistingGrant(deps),
    interactions: {
      policy: createPolicy(deps),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    claims: claimsOf(deps.vocabulary),
    scopes: scopesOf(deps.vocabulary),
    responseTypes: ['code', 'none'],
    acrValues: [...acrValues],
    subjectTypes: ['public', 'pairwise'],
    async pairwiseIdentifier(ctx, memberId, client) {
      const sub = pairwiseSubject(deps.keys, client, memberId);
      // The library's client knows no scopes of our own APIs.
      const scope = (await deps.findClient(client.clientId))?.metadata.scope;
      rememberSubject(ctx, { memberId, client, scope, sub }, deps.clock);
      return sub;
    },
    pkce: { required: pkceRequired },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => originOf(uri) === origin),
    // FAPI 2.0 Security Profile section 5.3.2.1 forbids rotation; its tokens are bound to a key instead.
    rotateRefreshToken: (ctx) =>
      !isFapi(ctx.oidc.client) && (ctx.oidc.entities.RefreshToken?.totalLifetime() ?? 0) < longestFamily,
    issueRefreshToken: async (_ctx, client, source) => {
      if (!client.grantTypeAllowed('refresh_token')) return false;
      return (
        source.scopes.has('offline_access') || (await deps.findClient(client.clientId))?.firstParty === true
      );
    },
    renderError: (ctx, out, error) => deps.pages.error(ctx, out, error),
    ttl: ttlOf(deps),
    cookies: cookiesOf(deps),
    features: featuresOf(deps),
    routes,
    discovery: {
      ui_locales_supported: [...deps.locales],
      // Initiating User Registration via OpenID Connect 1.0 section 5
      prompt_values_supported: ['none', 'login', 'consent', accountChoice],
    },
    enabledJWA: algorithms(),
    enableHttpPostMethods: deps.authorizationPost,
    extraClientMetadata: { properties: [profileProperty, exemptProperty] },
    clientAuthMethods: authMethods.filter((method) => deps.mtls || !method.includes('tls')),
    // What a "Join" button sends: the first page is the registration, everything else is the same.
    extraParams: ['screen_hint'],
    extraTokenClaims: createTokenClaims(deps.sealer),
    clockTolerance,
    assertJwtClientAuthClaimsAndHeader: signedStatements(deps.clock).assertion,
    acceptQueryParamAccessTokens: false,
    allowOmittingSingleRegisteredRedirectUri: false,
    fetch: createDocumentFetch(deps),
    fetchResponseBodyLimits: { jwks_uri: documentLimit, sector_identifier_uri: documentLimit },
    // The document is compared when a client is registered or changed; a sign-in does not depend on it.
    sectorIdentifierUriValidate: () => false,
  };
}

/** What may be signed and encrypted with, everywhere the same. */
function algorithms(): NonNullable<Configuration['enabledJWA']> {
  const sign = [...signingAlgorithms];
  const manage = [...encryptionAlgorithms];
  const encrypt = [...contentEncryptions];
  return {
    idTokenSigningAlgValues: sign,
    userinfoSigningAlgValues: sign,
    introspectionSigningAlgValues: sign,
    authorizationSigningAlgValues: sign,
    requestObjectSigningAlgValues: sign,
    clientAuthSigningAlgValues: sign,
    dPoPSigningAlgValues: sign,
    idTokenEncryptionAlgValues: manage,
    userinfoEncryptionAlgValues: manage,
    introspectionEncryptionAlgValues: manage,
    authorizationEncryptionAlgValues: manage,
    requestObjectEncryptionAlgValues: manage,
    idTokenEncryptionEncValues: encrypt,
    userinfoEncryptionEncValues: encrypt,
    introspectionEncryptionEncValues: encrypt,
    authorizationEncryptionEncValues: encrypt,
    requestObjectEncryptionEncValues: encrypt,
  };
}

/** Where the endpoints are; the discovery document is the only thing a client should read them from. */
const routes = {
  authorization: '/authorize',
  pushed_authorization_request: '/authorize/par',
  token: '/token',
  registration: '/register',
  introspection: '/token/introspection',
  revocation: '/token/revocation',
  userinfo: '/userinfo',
  jwks: '/jwks',
  end_session: endSessionPath,
  device_authorization: '/device/authorize',
  code_verification: '/device',
  backchannel_authentication: '/backchannel-authentication',
};

function ttlOf({ clock, lifetimes }: ProviderDeps): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour,
    AuthorizationCode: minute,
    DeviceCode: deviceCodeLife,
    BackchannelAuthenticationRequest: backchannelLife,
    ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? accessTokenLife,
    Grant: longestFamily + lifetimes.sessionAbsolute,
    IdToken: hour,
    Interaction: hour,
    RefreshToken: 30 * day,
    Session: (_ctx, session) => {
      const born = session.loginTs ?? epochSeconds(clock);
      const left = born + lifetimes.sessionAbsolute - epochSeconds(clock);
      return Math.max(1, Math.min(lifetimes.sessionIdle, left));
    },
  };
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined;
}

/** Claims by scope; one that no scope gives, and that can be asked for by name only, stands for itself. */
function claimsOf({ scopes, names }: ClaimVocabulary): Record<string, string[] | null> {
  const claims: Record<string, string[] | null> = Object.fromEntries(
    Object.entries(claimsByScope).map(([scope, given]) => [scope, [...given]]),
  );
  for (const [scope, given] of Object.entries(scopes)) claims[scope] = [...(claims[scope] ?? []), ...given];
  const inScopes = new Set(Object.values(claims).flat());
  for (const name of names) if (!inScopes.has(name) && !Object.hasOwn(claims, name)) claims[name] = null;
  return claims;
}
