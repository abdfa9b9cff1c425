/**
 * The site's side of OpenID Connect, by `openid-client`: everything a relying party says to the issuer.
 * Authorization code with PKCE (S256), state and nonce; ID tokens are checked including their signature.
 */
import { createRemoteJWKSet, customFetch as joseFetch } from 'jose';
import * as oidc from 'openid-client';
import { insecureOnLoopback } from '../loopback.ts';
import type { LogoutTokens } from './logout-token.ts';
import { createLogoutTokens } from './logout-token.ts';
import type { Attempt, SignedIn } from './sessions.ts';

/** Who the site is to the issuer. */
export interface RelyingPartyOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  /** The site's own address, such as `http://airline.localhost:4001`. */
  siteUrl: string;
  /** Another address at which servers reach the issuer, where its public name leads elsewhere for them. */
  fetchIssuerAt?: string | undefined;
}

/** A payment with points. */
export interface Redemption {
  /** Whole points. */
  amount: number;
  payee: string;
}

/** The program's points API, and the name of the program whose points they are. */
const points = { resource: 'https://points.xenia.example/api', program: 'Xenia' };

/** What the site can do with the issuer. */
export interface RelyingParty {
  /** Where to send the browser, and what to remember until it is back. */
  begin(options: {
    silent?: boolean;
    /** The registration comes first. */
    join?: boolean;
    loginHint?: string | undefined;
    /** One payment with points that the member is to allow (RFC 9396). */
    redemption?: Redemption | undefined;
  }): Promise<{ url: string; attempt: Attempt }>;
  /** Exchanges the code. @throws when the answer is an error, is not for this attempt, or its tokens do not hold */
  finish(query: URLSearchParams, attempt: Attempt): Promise<SignedIn>;
  /** New tokens for a refresh token. @throws when the issuer says no */
  refresh(member: SignedIn): Promise<SignedIn>;
  /** Asks the userinfo endpoint. @throws when the access token is no longer good */
  userinfo(member: SignedIn): Promise<SignedIn>;
  /** Where to send the browser to sign out everywhere (OpenID Connect RP-Initiated Logout 1.0). */
  logoutUrl(member: SignedIn): Promise<string>;
  logoutTokens(): Promise<LogoutTokens>;
}

/**
 * Builds the relying party. The issuer is asked when it is first needed, so the site may start before it.
 * @param options who the site is
 * @throws Error when the issuer is spoken to by plain http and is not on this machine
 */
export function createRelyingParty(options: RelyingPartyOptions): RelyingParty {
  const fetchIssuer = fetchWith(options);
  const transport = insecureOnLoopback(options.issuer);
  const configuration = remember(() =>
    oidc.discovery(
      new URL(options.issuer),
      options.clientId,
      undefined,
      oidc.ClientSecretBasic(options.clientSecret),
      {
        timeout: 10,
        execute: [...transport, oidc.enableNonRepudiationChecks],
        [oidc.customFetch]: fetchIssuer,
      },
    ),
  );
  return {
    async begin({ silent = false, join = false, loginHint, redemption }) {
      const attempt: Attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        silent,
        redeeming: redemption !== undefined,
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: `${options.siteUrl}/callback`,
        scope: options.scope,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ...(silent ? { prompt: 'none' } : {}),
        ...(join ? { screen_hint: 'register' } : {}),
        ...(loginHint ? { login_hint: loginHint } : {}),
        ...(redemption ? redemptionRequest(redemption) : {}),
      });
      return { url: url.href, attempt };
    },
    async finish(query, attempt) {
      const callback = new URL(`${options.siteUrl}/callback?${query}`);
      const tokens = await oidc.authorizationCodeGrant(await configuration(), callback, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        idTokenExpected: true,
      });
      return signedIn(tokens, undefined);
    },
    async refresh(member) {
      const config = await configuration();
      return signedIn(await oidc.refreshTokenGrant(config, member.refreshToken ?? ''), member);
    },
    async userinfo(member) {
      const userinfo = await oidc.fetchUserInfo(await configuration(), member.accessToken, member.sub);
      return { ...member, userinfo };
    },
    async logoutUrl(member) {
      const url = oidc.buildEndSessionUrl(await configuration(), {
        id_token_hint: member.idToken,
        post_logout_redirect_uri: `${options.siteUrl}/signed-out`,
      });
      return url.href;
    },
    logoutTokens: remember(async () => {
      const { jwks_uri: jwksUri } = (await configuration()).serverMetadata();
      const keys = createRemoteJWKSet(new URL(jwksUri ?? ''), { [joseFetch]: fetchIssuer });
      return createLogoutTokens(options, keys);
    }),
  };
}

function redemptionRequest({ amount, payee }: Redemption): Record<string, string> {
  const { resource, program } = points;
  const details = [{ type: 'points_redemption', amount, payee, program }];
  return { resource, authorization_details: JSON.stringify(details) };
}

/** What the tokens say, on top of what was known before a refresh. */
function signedIn(
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  before: SignedIn | undefined,
): SignedIn {
  const claims = tokens.claims();
  const sub = claims?.sub ?? before?.sub;
  // A refresh must never turn one member into another (OpenID Connect Core section 12.2).
  if (sub === undefined || (before && before.sub !== sub))
    throw new Error('the tokens are for somebody else');
  return {
    sub,
    sid: typeof claims?.sid === 'string' ? claims.sid : before?.sid,
    claims: claims ?? before?.claims ?? {},
    userinfo: before?.userinfo,
    idToken: tokens.id_token ?? before?.idToken ?? '',
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before?.refreshToken,
    refreshed: before ? before.refreshed + 1 : 0,
  };
}

/** Keeps a result; a failure is forgotten, so that the next visitor tries again. */
function remember<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** A fetch as both libraries call it. */
type IssuerFetch = (url: string, init: oidc.CustomFetchOptions | RequestInit) => Promise<Response>;

/** Sends requests for the issuer to the address where servers reach it. */
function fetchWith({ issuer, fetchIssuerAt }: RelyingPartyOptions): IssuerFetch {
  const { origin } = new URL(issuer);
  return (url, { body, ...init }) => {
    const away = fetchIssuerAt !== undefined && url.startsWith(`${origin}/`);
    return fetch(away ? new URL(url.slice(origin.length), fetchIssuerAt) : url, {
      ...init,
      body: body ?? null,
    });
  };
}
