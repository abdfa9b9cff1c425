/**
 * Sign-in at a Symbolon issuer for browsers and servers: authorization code with PKCE, refresh, sign-out (OpenID
 * Connect Core, RFC 9700). Owns the tokens of one member; what they open is for others to say. Needs `fetch` and Web
 * Crypto, and nothing else.
 */

import type { Dpop } from './dpop.ts';
import { digestOf, randomText } from './encoding.ts';

/** Where what must outlive a redirect is kept: `sessionStorage` in a browser, a session's data on a server. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Tokens of a member. */
export interface Tokens {
  accessToken: string;
  idToken: string;
  refreshToken?: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  scope: string;
  /** The member, as this client knows them. */
  sub: string;
}

/** What signing in is made of. */
export interface SignInOptions {
  /** Address of the issuer, exactly as it names itself. */
  issuer: string;
  clientId: string;
  /** Servers only: a page has no secret. */
  clientSecret?: string;
  redirectUri: string;
  /** Default: `openid`. */
  scope?: string;
  /** The API that tokens are for (RFC 8707), such as `<issuer>/api/account`. */
  resource?: string;
  store: Store;
  /** Binds tokens to a key (RFC 9449); whoever uses them needs it too. Signing out forgets the key. */
  dpop?: Dpop;
  fetch?: typeof fetch;
  now?: () => number;
}

/** Signs one member in and out. */
export interface SignIn {
  /** The address to send the browser to; further parameters such as `prompt` or `ui_locales` as they are named there. */
  begin(parameters?: Readonly<Record<string, string>>): Promise<string>;
  /** Ends what {@link SignIn.begin} began, from the address the browser came back to. @throws SignInError */
  finish(address: string): Promise<Tokens>;
  /** The tokens at hand, however old; undefined when nobody is signed in. */
  tokens(): Tokens | undefined;
  /** A token that is good for a while, renewed when it is not; calls at once share one renewal. @throws SignInError */
  accessToken(): Promise<string>;
  /** Forgets the tokens; the address ends the session at the issuer too. */
  signOut(options?: { returnTo?: string; state?: string }): Promise<string>;
}

/** Why signing in did not work: an OAuth error code, or one of `state.unknown`, `issuer.other`, `token.invalid`, `signed_out`. */
export class SignInError extends Error {
  readonly code: string;

  /**
   * @param code stable code
   * @param description for developers
   */
  constructor(code: string, description: string = code) {
    super(description);
    this.name = 'SignInError';
    this.code = code;
  }
}

interface Metadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  end_session_endpoint: string;
}

interface Begun {
  verifier: string;
  nonce: string;
}

/** A token with less time left than this is renewed before it is used; clocks may differ by as much. */
const leewayMs = 30_000;

/**
 * Builds the sign-in of one member: in a browser one for the page, on a server one for each session.
 * @param options issuer, client, store
 */
export function createSignIn(options: SignInOptions): SignIn {
  const { issuer, clientId, store, now = Date.now } = options;
  const keys = { tokens: `symbolon:${clientId}:tokens`, begun: `symbolon:${clientId}:begun:` };
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  let metadata: Promise<Metadata> | undefined;
  let renewing: Promise<string> | undefined;

  const discovered = () => {
    metadata ??= discover(issuer, send).catch((error) => {
      metadata = undefined;
      throw error;
    });
    return metadata;
  };

  const tokens = (): Tokens | undefined => {
    const kept = store.getItem(keys.tokens);
    return kept === null ? undefined : (JSON.parse(kept) as Tokens);
  };

  async function redeem(form: Record<string, string>): Promise<TokenAnswer> {
    const { token_endpoint: endpoint } = await discovered();
    return requestTokens(endpoint, form, { ...options, send });
  }

  function keep(answer: TokenAnswer, idToken: string, sub: string, before?: Tokens): Tokens {
    const refreshToken = answer.refresh_token ?? before?.refreshToken;
    const made: Tokens = {
      accessToken: answer.access_token,
      idToken,
      ...(refreshToken !== undefined && { refreshToken }),
      expiresAt: now() + (answer.expires_in ?? 60) * 1000,
      scope: answer.scope ?? options.scope ?? 'openid',
      sub,
    };
    store.setItem(keys.tokens, JSON.stringify(made));
    return made;
  }

  async function renew(): Promise<string> {
    const before = tokens();
    if (!before?.refreshToken) throw new SignInError('signed_out');
    try {
      const answer = await redeem({ grant_type: 'refresh_token', refresh_token: before.refreshToken });
      if (answer.id_token !== undefined) {
        const { sub } = checkedClaims(answer.id_token, { issuer, clientId, now: now() });
        if (sub !== before.sub) throw new SignInError('token.invalid', 'another member');
      }
      // Somebody signed out while the answer was on its way.
      if (tokens()?.refreshToken !== before.refreshToken) throw new SignInError('signed_out');
      return keep(answer, answer.id_token ?? before.idToken, before.sub, before).accessToken;
    } catch (error) {
      const over = error instanceof SignInError && error.code === 'invalid_grant';
      if (over && tokens()?.refreshToken === before.refreshToken) store.removeItem(keys.tokens);
      throw over ? new SignInError('signed_out', error.message) : error;
    }
  }

  return {
    tokens,
    async begin(parameters = {}) {
      const { authorization_endpoint: endpoint } = await discovered();
      const [state, nonce, verifier] = [randomText(), randomText(), randomText()];
      store.setItem(keys.begun + state, JSON.stringify({ nonce, verifier } satisfies Begun));
      const url = new URL(endpoint);
      const named = {
        ...parameters,
        response_type: 'code',
        client_id: clientId,
        redirect_uri: options.redirectUri,
        scope: options.scope ?? 'openid',
        ...(options.resource !== undefined && { resource: options.resource }),
        state,
        nonce,
        code_challenge: await digestOf(verifier),
        code_challenge_method: 'S256',
        ...(options.dpop && { dpop_jkt: await options.dpop.thumbprint() }),
      };
      for (const [name, value] of Object.entries(named)) url.searchParams.set(name, value);
      return url.href;
    },
    async finish(address) {
      const { searchParams } = new URL(address);
      const state = searchParams.get('state') ?? '';
      const kept = store.getItem(keys.begun + state);
      if (state === '' || kept === null) throw new SignInError('state.unknown');
      store.removeItem(keys.begun + state);
      const begun = JSON.parse(kept) as Begun;
      // RFC 9207: an answer that another issuer has mixed in.
      if (searchParams.get('iss') !== issuer) throw new SignInError('issuer.other');
      const error = searchParams.get('error');
      if (error !== null) throw new SignInError(error, searchParams.get('error_description') ?? error);
      const answer = await redeem({
        grant_type: 'authorization_code',
        code: searchParams.get('code') ?? '',
        redirect_uri: options.redirectUri,
        code_verifier: begun.verifier,
      });
      if (answer.id_token === undefined) throw new SignInError('token.invalid', 'no ID token');
      const { sub } = checkedClaims(answer.id_token, { issuer, clientId, now: now(), nonce: begun.nonce });
      return keep(answer, answer.id_token, sub);
    },
    async accessToken() {
      const present = tokens();
      if (!present) throw new SignInError('signed_out');
      if (present.expiresAt - now() > leewayMs) return present.accessToken;
      // A refresh token is good for one use: who comes meanwhile waits for the same answer.
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    async signOut({ returnTo, state } = {}) {
      const idToken = tokens()?.idToken;
      store.removeItem(keys.tokens);
      await options.dpop?.forget();
      const url = new URL((await discovered()).end_session_endpoint);
      url.searchParams.set('client_id', clientId);
      if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken);
      if (returnTo !== undefined) url.searchParams.set('post_logout_redirect_uri', returnTo);
      if (state !== undefined) url.searchParams.set('state', state);
      return url.href;
    },
  };
}

async function discover(issuer: string, send: typeof fetch): Promise<Metadata> {
  const response = await send(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!response.ok) throw new SignInError('issuer.unavailable', `discovery answered ${response.status}`);
  const found = (await response.json()) as Metadata;
  // OpenID Connect Discovery section 4.3.
  if (found.issuer !== issuer)
    throw new SignInError('issuer.other', `the issuer names itself ${found.issuer}`);
  return found;
}

interface TokenAnswer {
  access_token: string;
  id_token?: string;
  refresh_token?: string;
  expires_in?: number;
  scope?: string;
}

async function requestTokens(
  endpoint: string,
  form: Record<string, string>,
  by: Pick<SignInOptions, 'clientId' | 'clientSecret' | 'resource' | 'dpop'> & { send: typeof fetch },
): Promise<TokenAnswer> {
  const { clientId, clientSecret, resource, dpop, send } = by;
  const body = new URLSearchParams({ ...form, ...(resource !== undefined && { resource }) });
  const headers: Record<string, string> = { accept: 'application/json' };
  if (clientSecret === undefined) body.set('client_id', clientId);
  // RFC 6749 section 2.3.1: both are encoded as in a form first.
  else headers.authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
  const init = { method: 'POST', headers, body };
  const response = await (dpop ? dpop.send({ url: endpoint, init, send }) : send(endpoint, init));
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok && typeof answer.access_token === 'string') {
    // RFC 9449 section 5: a token that anybody could use is not what was asked for.
    const bound = typeof answer.token_type === 'string' && answer.token_type.toLowerCase() === 'dpop';
    if (dpop && !bound) throw new SignInError('token.invalid', 'the token is not bound to the key');
    return { ...answer, access_token: answer.access_token };
  }
  const code = typeof answer.error === 'string' ? answer.error : 'issuer.unavailable';
  const description = typeof answer.error_description === 'string' ? answer.error_description : code;
  throw new SignInError(code, description);
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/**
 * The claims of an ID token that came straight from the token endpoint: the connection vouches for who made it
 * (OpenID Connect Core section 3.1.3.7, item 6), so that only what it says is left to check.
 */
function checkedClaims(
  idToken: string,
  expected: { issuer: string; clientId: string; now: number; nonce?: string },
): { sub: string } {
  const claims = claimsOf(idToken);
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  const faults = [
    claims.iss !== expected.issuer && 'iss',
    (!audiences.includes(expected.clientId) || (audiences.length > 1 && claims.azp !== expected.clientId)) &&
      'aud',
    !(typeof claims.exp === 'number' && claims.exp * 1000 > expected.now - leewayMs) && 'exp',
    expected.nonce !== undefined && claims.nonce !== expected.nonce && 'nonce',
    (typeof claims.sub !== 'string' || claims.sub === '') && 'sub',
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw new SignInError('token.invalid', `the ID token's ${faults.join(', ')}`);
  return { sub: String(claims.sub) };
}

function claimsOf(idToken: string): Record<string, unknown> {
  try {
    const payload = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    throw new SignInError('token.invalid', 'the ID token cannot be read');
  }
}
