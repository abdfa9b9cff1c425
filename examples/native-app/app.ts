/**
 * A native app's sign-in, as RFC 8252 wants it: the system browser, a loopback redirect on a port of the moment,
 * PKCE, no client secret. Shows what came back, refreshes once, then revokes what it was given.
 */
import * as oidc from 'openid-client';
import { insecureOnLoopback } from '../loopback.ts';
import type { RunningServer, WebAnswer } from '../web.ts';
import { html, serve } from '../web.ts';

/** What the app needs. */
export interface NativeAppOptions {
  issuer: string;
  clientId: string;
  /** Shows the address to open, or opens it. */
  open(url: string): void;
  /** Writes a line. */
  say(line: string): void;
  /** Gives up waiting for the browser; the default is five minutes. */
  signal?: AbortSignal;
}

/** What the app learnt about the person. */
export interface NativeAppResult {
  claims: Readonly<Record<string, unknown>>;
  refreshed: boolean;
  revoked: boolean;
}

const patienceMs = 5 * 60 * 1000;

/**
 * Runs one sign-in from beginning to end.
 * @param options issuer, client id, and how to talk to the person
 * @throws when the issuer says no or nobody comes back in time
 */
export async function runNativeApp(options: NativeAppOptions): Promise<NativeAppResult> {
  const config = await oidc.discovery(new URL(options.issuer), options.clientId, undefined, oidc.None(), {
    execute: [...insecureOnLoopback(options.issuer), oidc.enableNonRepudiationChecks],
  });
  const state = oidc.randomState();
  const listener = await listen(state);
  try {
    const { callback, verifier, nonce } = await askInBrowser(config, options, { ...listener, state });
    const tokens = await oidc.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims() ?? {};
    options.say('You are signed in. The ID token says:');
    for (const [claim, value] of Object.entries(claims)) options.say(`  ${claim}: ${JSON.stringify(value)}`);
    return { claims, ...(await useTokens(config, tokens, options.say)) };
  } finally {
    await listener.server.stop();
  }
}

interface Listener {
  server: RunningServer;
  /** Resolves with the first callback's address. */
  arrived: Promise<URL>;
}

/** Other programs on the machine may knock at the port, so only an answer with our own state counts. */
async function listen(state: string): Promise<Listener> {
  let arrive: (url: URL) => void = () => undefined;
  const arrived = new Promise<URL>((resolve) => {
    arrive = resolve;
  });
  const server: RunningServer = await serve(
    {
      'GET /callback': (request) => {
        if (request.query.get('state') !== state)
          return { status: 400, text: 'The app did not ask for this.' };
        arrive(new URL(`http://127.0.0.1:${server.port}/callback?${request.query}`));
        return closing();
      },
    },
    {
      port: 0,
      headers: { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" },
      failed: () => ({ status: 500, text: 'That did not work. Please go back to the app.' }),
    },
  );
  return { server, arrived };
}

function closing(): WebAnswer {
  return {
    html: html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Back to the app</title></head>
<body><h1>Back to the app</h1><p>The app has its answer. You can close this page.</p></body></html>`,
    headers: { connection: 'close' },
  };
}

async function askInBrowser(
  config: oidc.Configuration,
  options: NativeAppOptions,
  listener: Listener & { state: string },
) {
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `http://127.0.0.1:${listener.server.port}/callback`,
    scope: 'openid profile email offline_access',
    // A native app is asked for consent, and only then given a refresh token (RFC 8252 section 8.6).
    prompt: 'consent',
    state: listener.state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  options.open(url.href);
  const signal = options.signal ?? AbortSignal.timeout(patienceMs);
  const callback = await Promise.race([listener.arrived, abortion(signal)]);
  return { callback, verifier, nonce };
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () => reject(new Error('nobody came back from the browser'));
    // A signal that was given before we listened does not call again.
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

async function useTokens(
  config: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse,
  say: (line: string) => void,
): Promise<{ refreshed: boolean; revoked: boolean }> {
  if (tokens.refresh_token === undefined) {
    say('No refresh token was issued.');
    await oidc.tokenRevocation(config, tokens.access_token);
    say('The access token is revoked.');
    return { refreshed: false, revoked: true };
  }
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  say('The tokens were refreshed.');
  await oidc.tokenRevocation(config, fresh.refresh_token ?? tokens.refresh_token);
  say('The refresh token is revoked: the app has signed out.');
  return { refreshed: true, revoked: true };
}
