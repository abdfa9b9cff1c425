/**
 * The provider factory: from configuration, keys and ports to one instance of the protocol library. Pure: a change
 * of keys builds a new one, and nobody keeps a reference to a provider or its models.
 */
import Keygrip from 'keygrip';
import {
  type AdapterFactory,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Keys } from '../../base/keys/keys.ts';
import type { Members } from '../../people/members/members.ts';
import { claimsByScope, createFindAccount } from './account.ts';
import { createLoadExistingGrant, type GrantDeps } from './grants.ts';
import { createPolicy, type PolicyDeps } from './policy.ts';

/** A protected API that access tokens can be asked for (RFC 8707). */
export interface Resource {
  /** Its indicator, an absolute URI; the `aud` of its tokens. */
  indicator: string;
  scopes: readonly string[];
}

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
}

/** Lifetimes in seconds. */
export interface Lifetimes {
  sessionIdle: number;
  sessionAbsolute: number;
}

/** Everything a provider is made of. */
export interface ProviderDeps extends GrantDeps, PolicyDeps {
  issuer: string;
  keys: Keys;
  clock: Clock;
  adapter: AdapterFactory;
  members: Members;
  pages: ProtocolPages;
  resources: readonly Resource[];
  lifetimes: Lifetimes;
  /** Languages of the hosted pages, for discovery. */
  locales: readonly string[];
  /** Hosts that `jwks_uri` and the like may name although they resolve to private addresses. */
  outboundAllowList: readonly string[];
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

/** Scopes of OpenID Connect; those of an API belong to its resource indicator. */
export const oidcScopes: readonly string[] = ['openid', 'offline_access', 'profile', 'email'];

/**
 * Builds a provider.
 * @param deps configuration, keys and ports
 */
export function createProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(deps.issuer, configurationOf(deps));
  const { protocol } = new URL(deps.issuer);
  // Addresses are built from the configured issuer, whatever a proxy or a client says about the connection.
  Object.defineProperty(provider.request, 'protocol', { get: () => protocol.slice(0, -1) });
  provider.Client.prototype.compareClientSecret = function compareClientSecret(secret: string) {
    return deps.verifySecret(this.clientId, secret);
  };
  provider.Client.prototype.backchannelLogout = async function backchannelLogout(
    memberId: string,
    sid?: string,
  ) {
    deps.queueLogoutNotice(Provider.ctx, { clientId: this.clientId, memberId, sid });
  };
  provider.use((ctx, next) => endOfNobodysSession(deps, ctx as KoaContextWithOIDC, next));
  return provider;
}

/**
 * Signing out where nobody is signed in: the library would post a bare page to itself by script; there is nothing to
 * ask and nothing to end, so the browser is led on at once (OpenID Connect RP-Initiated Logout 1.0 section 2).
 */
async function endOfNobodysSession(
  deps: ProviderDeps,
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'end_session' || ctx.status !== 200 || ctx.oidc.session?.accountId) return;
  const { params } = ctx.oidc;
  // The library has checked it against the client's registered addresses, or taken it away.
  const target = params?.post_logout_redirect_uri;
  if (typeof target !== 'string') return deps.pages.signedOut(ctx);
  const url = new URL(target);
  if (typeof params?.state === 'string') url.searchParams.set('state', params.state);
  ctx.body = '';
  ctx.status = 303;
  ctx.set('Location', url.href);
}

function configurationOf(deps: ProviderDeps): Configuration {
  return {
    adapter: deps.adapter,
    jwks: { keys: deps.keys.signingJwks() },
    findAccount: createFindAccount(deps.members),
    loadExistingGrant: createLoadExistingGrant(deps),
    interactions: {
      policy: createPolicy(deps),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    claims: mutable(claimsByScope),
    scopes: [...oidcScopes],
    responseTypes: ['code', 'none'],
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) =>
      keyedHash(deps.keys.secret('pairwise'), String(client.sectorIdentifier), accountId),
    pkce: { required: () => true },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => originOf(uri) === origin),
    rotateRefreshToken: (ctx) => (ctx.oidc.entities.RefreshToken?.totalLifetime() ?? 0) < longestFamily,
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
    discovery: { ui_locales_supported: [...deps.locales] },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      userinfoSigningAlgValues: ['ES256', 'RS256'],
      introspectionSigningAlgValues: ['ES256', 'RS256'],
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      dPoPSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    // What a "Join" button sends: the first page is the registration, everything else is the same.
    extraParams: ['screen_hint'],
    clockTolerance: 15,
    acceptQueryParamAccessTokens: false,
    allowOmittingSingleRegisteredRedirectUri: false,
    fetch: (url, options) => {
      const init: RequestInit = { ...options };
      // The library's dispatcher refuses private addresses; a host the operator has named is exempt.
      if (deps.outboundAllowList.includes(new URL(url).hostname)) Reflect.deleteProperty(init, 'dispatcher');
      return globalThis.fetch(url, init);
    },
  };
}

/** Where the endpoints are; the discovery document is the only thing a client should read them from. */
const routes = {
  authorization: '/authorize',
  pushed_authorization_request: '/authorize/par',
  token: '/token',
  introspection: '/token/introspection',
  revocation: '/token/revocation',
  userinfo: '/userinfo',
  jwks: '/jwks',
  end_session: '/sign-out',
};

function featuresOf(deps: ProviderDeps): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) =>
        client.clientAuthMethod !== 'none' &&
        (token.clientId === client.clientId || (await deps.mayIntrospectOthers(client.clientId))),
    },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    dPoP: { enabled: true, nonceSecret: deps.keys.secret('dpop') },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) =>
        deps.pages.signOut(ctx, {
          action: attribute(form, 'action'),
          xsrf: attribute(form, 'value'),
        }),
      postLogoutSuccessSource: (ctx) => deps.pages.signedOut(ctx),
    },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, indicator, client) => resourceServer(deps, indicator, client.clientId),
      useGrantedResource: () => false,
    },
  };
}

/** A client that names its scopes gets no others of an API either; the library limits the OpenID ones only. */
async function resourceServer(deps: ProviderDeps, indicator: string, clientId: string) {
  const resource = deps.resources.find((known) => known.indicator === indicator);
  if (!resource) throw new errors.InvalidTarget();
  const allowed = (await deps.findClient(clientId))?.metadata.scope?.split(' ');
  return {
    scope: resource.scopes.filter((scope) => !allowed || allowed.includes(scope)).join(' '),
    audience: resource.indicator,
    accessTokenTTL: accessTokenLife,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'ES256' as const } },
  };
}

function ttlOf({ clock, lifetimes }: ProviderDeps): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour,
    AuthorizationCode: minute,
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

/** Names of the protocol's cookies: bound to the host where the connection is safe. */
export function cookieNames(issuer: string): { session: string; interaction: string; resume: string } {
  return issuer.startsWith('https:')
    ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
    : { session: 'session', interaction: 'interaction', resume: 'resume' };
}

function cookiesOf(deps: ProviderDeps): NonNullable<Configuration['cookies']> {
  const options = { signed: true, httpOnly: true, overwrite: true, sameSite: 'lax' as const };
  return { names: cookieNames(deps.issuer), keys: cookieSigner(deps.keys), long: options, short: options };
}

/**
 * Signs cookies with the newest key and accepts those of older ones, SHA-256.
 * @param keys the program's keys
 */
export function cookieSigner(keys: Keys): Keygrip {
  const ring = keys.ring('cookie');
  return new Keygrip(
    ring.all.map(({ key }) => key.toString('base64url')),
    'sha256',
    'base64',
  );
}

/** Reads an attribute of the form the library hands over; its values are URL-safe by construction. */
function attribute(form: string, name: string): string {
  const match = new RegExp(` ${name}="([^"]*)"`).exec(
    name === 'value' ? form.slice(form.indexOf('<input')) : form,
  );
  if (!match?.[1]) throw new Error(`the sign-out form has no ${name}`);
  return match[1].replaceAll('&amp;', '&');
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined;
}

function mutable(claims: Record<string, readonly string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(claims).map(([scope, names]) => [scope, [...names]]));
}
