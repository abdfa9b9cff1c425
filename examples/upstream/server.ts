/**
 * A local upstream that speaks Google's and Facebook's sign-in protocols closely enough for offline play and for
 * tests, including the ways in which a provider can disappoint. Never meant to be reachable from another machine.
 */
import type { ServerResponse } from 'node:http';
import type { RunningServer, WebAnswer, WebRequest } from '../web.ts';
import { serve } from '../web.ts';
import type { FacebookAccount, GoogleAccount, UpstreamAccount } from './accounts.ts';
import { accountKey, demoAccounts } from './accounts.ts';
import { misbehave } from './misbehave.ts';
import { chooserPage, faultPage, style } from './pages.ts';
import type { Mode, Place, UpstreamClient, UpstreamState } from './state.ts';
import { createState, proofFits, same, verifierFits } from './state.ts';

/** What the local upstream needs to start. */
export interface UpstreamOptions {
  /** Port on the loopback address; 0 picks a free one. */
  port: number;
  /** What the issuer is registered as at the local Google. */
  googleClient: UpstreamClient;
  /** What the issuer is registered as at the local Facebook. */
  facebookApp: UpstreamClient;
  /** Where codes may be sent: exact addresses. Without it, any loopback or *.localhost address. */
  redirectUris?: readonly string[];
  /** Other people than the demo's. */
  accounts?: readonly UpstreamAccount[];
}

/** Endpoint addresses of one provider, named as the issuer's configuration names them. */
export interface Endpoints {
  /** For browsers, by host name. */
  authorizationUrl: string;
  /** For servers, by loopback address. */
  tokenUrl: string;
  userinfoUrl: string;
}

/** The endpoints of both providers. */
export interface UpstreamEndpoints {
  google: Endpoints;
  facebook: Endpoints;
}

/**
 * Where the local upstream is met when it listens on a port: known before it starts, so that the issuer can be
 * configured first.
 */
export function upstreamEndpoints(port: number): UpstreamEndpoints {
  const browsers = `http://social.localhost:${port}`;
  const servers = `http://127.0.0.1:${port}`;
  return {
    google: {
      authorizationUrl: `${browsers}/google/o/oauth2/v2/auth`,
      tokenUrl: `${servers}/google/token`,
      userinfoUrl: `${servers}/google/v3/userinfo`,
    },
    facebook: {
      authorizationUrl: `${browsers}/facebook/dialog/oauth`,
      tokenUrl: `${servers}/facebook/oauth/access_token`,
      userinfoUrl: `${servers}/facebook/me`,
    },
  };
}

/** A running local upstream. */
export interface RunningUpstream {
  /** The address for browsers. */
  url: string;
  endpoints: UpstreamEndpoints;
  accounts: readonly UpstreamAccount[];
  /** Makes the endpoints for servers misbehave, or behave again. */
  behave(mode: Mode, place?: Place): void;
  stop(): Promise<void>;
}

type ProviderName = 'google' | 'facebook';

/**
 * Starts the local upstream.
 * @param options port, clients, people
 */
export async function startUpstream(options: UpstreamOptions): Promise<RunningUpstream> {
  const accounts = options.accounts ?? demoAccounts;
  const state = createState();
  const held = new Set<ServerResponse>();
  const context: Context = { options, accounts, state };
  const server = await serve(
    {
      'GET /style.css': () => ({ text: style, type: 'text/css' }),
      'GET /google/o/oauth2/v2/auth': (request) => choose(context, 'google', request),
      'GET /facebook/dialog/oauth': (request) => choose(context, 'facebook', request),
      'POST /google/choose': (request) => chosen(context, 'google', request),
      'POST /facebook/choose': (request) => chosen(context, 'facebook', request),
      'POST /google/token': (request) => googleToken(context, request),
      'POST /facebook/oauth/access_token': (request) => facebookToken(context, request),
      'GET /google/v3/userinfo': (request) => googleUserinfo(context, request),
      'GET /facebook/me': (request) => facebookMe(context, request),
    },
    {
      port: options.port,
      headers: {
        // No form-action: choosing leads back to wherever the issuer sends the browser in the end.
        'content-security-policy':
          "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
        'referrer-policy': 'no-referrer',
      },
      failed: () => ({ status: 500, json: { error: 'server_error' } }),
      before: (request, response) => misbehave(state, held, request.url ?? '', response),
    },
  );
  return runningUpstream(server, context, held);
}

function runningUpstream(
  server: RunningServer,
  context: Context,
  held: ReadonlySet<ServerResponse>,
): RunningUpstream {
  return {
    url: `http://social.localhost:${server.port}`,
    endpoints: upstreamEndpoints(server.port),
    accounts: context.accounts,
    behave(mode, place = 'everywhere') {
      context.state.behaviour = { mode, place };
    },
    async stop() {
      for (const response of held) response.destroy();
      await server.stop();
    },
  };
}

interface Context {
  options: UpstreamOptions;
  accounts: readonly UpstreamAccount[];
  state: UpstreamState;
}

function clientOf(context: Context, provider: ProviderName): UpstreamClient {
  return provider === 'google' ? context.options.googleClient : context.options.facebookApp;
}

function accountsOf(context: Context, provider: ProviderName): readonly UpstreamAccount[] {
  return context.accounts.filter((account) => account.provider === provider);
}

/** What is wrong with an authorization request, in words; undefined when it can be answered. */
function requestFault(context: Context, provider: ProviderName, query: URLSearchParams): string | undefined {
  if (query.get('client_id') !== clientOf(context, provider).clientId)
    return 'The client_id is unknown here.';
  if (!mayReturnTo(context, query.get('redirect_uri') ?? ''))
    return 'The redirect_uri is not registered here.';
  if (query.get('response_type') !== 'code') return 'Only response_type=code is spoken here.';
  if (!query.get('state')) return 'A state is required here.';
  if (query.has('code_challenge') && query.get('code_challenge_method') !== 'S256') {
    return 'Only the code_challenge_method S256 is accepted here.';
  }
  return undefined;
}

function mayReturnTo(context: Context, redirectUri: string): boolean {
  if (context.options.redirectUris) return context.options.redirectUris.includes(redirectUri);
  const host = URL.canParse(redirectUri) ? new URL(redirectUri).hostname : '';
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1';
}

function choose(context: Context, provider: ProviderName, request: WebRequest): WebAnswer {
  const fault = requestFault(context, provider, request.query);
  if (fault) return { status: 400, html: faultPage(fault) };
  return { html: chooserPage(provider, accountsOf(context, provider), request.query) };
}

function chosen(context: Context, provider: ProviderName, request: WebRequest): WebAnswer {
  const fault = requestFault(context, provider, request.query);
  if (fault) return { status: 400, html: faultPage(fault) };
  const back = new URL(request.query.get('redirect_uri') ?? '');
  const account = accountsOf(context, provider).find(
    (each) => accountKey(each) === request.form.get('account'),
  );
  if (account) {
    const code = context.state.issueCode({
      account,
      redirectUri: back.href,
      challenge: request.query.get('code_challenge') ?? undefined,
    });
    back.searchParams.set('code', code);
  } else {
    back.searchParams.set('error', 'access_denied');
    if (provider === 'facebook') back.searchParams.set('error_reason', 'user_denied');
  }
  back.searchParams.set('state', request.query.get('state') ?? '');
  return { location: back.href };
}

/** Exchanges a code for its account; undefined when anything about the request does not fit. */
function exchange(
  context: Context,
  provider: ProviderName,
  form: URLSearchParams,
): UpstreamAccount | undefined {
  const client = clientOf(context, provider);
  if (form.get('client_id') !== client.clientId) return undefined;
  if (!same(form.get('client_secret') ?? '', client.clientSecret)) return undefined;
  const issued = context.state.spendCode(form.get('code') ?? '');
  if (!issued || issued.account.provider !== provider) return undefined;
  if (issued.redirectUri !== new URL(form.get('redirect_uri') ?? 'http://none').href) return undefined;
  return verifierFits(issued.challenge, form.get('code_verifier') ?? '') ? issued.account : undefined;
}

function googleToken(context: Context, request: WebRequest): WebAnswer {
  const account = exchange(context, 'google', request.form);
  if (!account || request.form.get('grant_type') !== 'authorization_code') {
    return { status: 400, json: { error: 'invalid_grant', error_description: 'Bad Request' } };
  }
  return {
    json: {
      access_token: context.state.issueToken(account),
      expires_in: 3599,
      scope: 'openid email profile',
      token_type: 'Bearer',
    },
  };
}

function facebookToken(context: Context, request: WebRequest): WebAnswer {
  const account = exchange(context, 'facebook', request.form);
  if (!account) return graphFault(400, 'This authorization code has been used or is not yours.', 100);
  return {
    json: { access_token: context.state.issueToken(account), token_type: 'bearer', expires_in: 5_183_944 },
  };
}

function googleUserinfo(context: Context, request: WebRequest): WebAnswer {
  const account = bearer(context, request);
  if (account?.provider !== 'google') return { status: 401, json: { error: 'invalid_token' } };
  return { json: userinfoOf(account) };
}

function userinfoOf({ sub, name, email, email_verified, hd, locale }: GoogleAccount) {
  const picture = `https://social.example/${sub}.png`;
  return { sub, name, picture, email, email_verified, hd, locale };
}

function facebookMe(context: Context, request: WebRequest): WebAnswer {
  const account = bearer(context, request);
  if (account?.provider !== 'facebook') return graphFault(401, 'The access token is not valid.', 190);
  const proof = request.query.get('appsecret_proof') ?? '';
  if (!proofFits(context.options.facebookApp.clientSecret, accessToken(request), proof)) {
    return graphFault(400, 'Invalid appsecret_proof provided in the API argument', 100);
  }
  return { json: meOf(account, (request.query.get('fields') ?? 'id,name').split(',')) };
}

/** Facebook answers only the fields it was asked for, and the id. */
function meOf(account: FacebookAccount, fields: readonly string[]): Record<string, unknown> {
  return {
    id: account.id,
    ...(fields.includes('name') ? { name: account.name } : {}),
    ...(fields.includes('email') && account.email !== undefined ? { email: account.email } : {}),
    ...(fields.includes('picture')
      ? { picture: { data: { url: 'https://social.example/picture.png' } } }
      : {}),
  };
}

function graphFault(status: number, message: string, code: number): WebAnswer {
  return { status, json: { error: { message, type: 'OAuthException', code } } };
}

function accessToken(request: WebRequest): string {
  return request.headers.authorization?.replace(/^Bearer /i, '') ?? request.query.get('access_token') ?? '';
}

function bearer(context: Context, request: WebRequest): UpstreamAccount | undefined {
  return context.state.accountOf(accessToken(request));
}
