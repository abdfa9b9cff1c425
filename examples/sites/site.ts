/**
 * One relying-party site: the sample a developer copies. It signs members in through the issuer, shows what the
 * tokens say, refreshes them, checks single sign-on, signs out here or everywhere, and follows the issuer when a
 * member signed out elsewhere (back-channel logout). Every answer works without JavaScript.
 */
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import type { Routes, WebAnswer, WebRequest } from '../web.ts';
import { serve } from '../web.ts';
import type { PageFrame, Sibling } from './pages.ts';
import { leafletPage, leaflets, memberPage, troublePage, welcomePage } from './pages.ts';
import type { RelyingParty } from './relying-party.ts';
import { createRelyingParty } from './relying-party.ts';
import type { Notice, Session, Sessions, SignedIn } from './sessions.ts';
import { createSessions } from './sessions.ts';
import type { SiteData } from './sites.ts';
import { faviconOf, styleOf } from './style.ts';

/** What a site needs to start. */
export interface SiteOptions {
  site: SiteData;
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Port on the loopback address; 0 picks a free one. */
  port: number;
  /** Another address at which servers reach the issuer, where its public name leads elsewhere for them. */
  fetchIssuerAt?: string;
  /** The program's other sites, to step over to. */
  siblings?: readonly Sibling[];
}

/** A running site. */
export interface RunningSite {
  /** The address for browsers. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a site.
 * @param options site data, issuer, client id and secret, port
 */
export async function startSite(options: SiteOptions): Promise<RunningSite> {
  const sessions = createSessions();
  const { site } = options;
  const issuerOrigin = new URL(options.issuer).origin;
  const context: Context = { options, sessions, url: '', party: undefined };
  const server = await serve(routesOf(context), {
    port: options.port,
    headers: {
      // A form may lead to the issuer, because signing out everywhere is answered with a redirect there.
      'content-security-policy': `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${issuerOrigin}; frame-ancestors 'none'; base-uri 'none'`,
      // Not `no-referrer`: browsers would then post our own forms with the origin `null`.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    failed: (error, request) => failure(context, error, request),
  });
  context.url = `http://${site.host}:${server.port}`;
  context.party = createRelyingParty({ ...options, scope: site.scope, siteUrl: context.url });
  return { url: context.url, stop: server.stop };
}

interface Context {
  options: SiteOptions;
  sessions: Sessions;
  url: string;
  party: RelyingParty | undefined;
}

const cookieName = 'site_session';

function routesOf(context: Context): Routes {
  const { site, issuer } = context.options;
  const style = styleOf(site);
  const favicon = faviconOf(site);
  return {
    'GET /style.css': () => ({ text: style, type: 'text/css' }),
    'GET /favicon.svg': () => ({ text: favicon, type: 'image/svg+xml' }),
    'GET /': (request) => home(context, request),
    'GET /login': (request) => begin(context, request, {}),
    'GET /join': (request) => begin(context, request, { join: true }),
    'GET /check': (request) => begin(context, request, { silent: true }),
    'GET /callback': (request) => callback(context, request),
    'GET /help': () => leaflet(context, 'help'),
    'GET /privacy': () => leaflet(context, 'privacy'),
    'GET /terms': () => leaflet(context, 'terms'),
    'GET /signed-out': (request) => tell(context, request, { tone: 'good', text: 'You are signed out.' }),
    'POST /refresh': ownForm(context, (request) => refresh(context, request)),
    'POST /userinfo': ownForm(context, (request) => userinfo(context, request)),
    'POST /redeem': ownForm(context, (request) => redeem(context, request)),
    'POST /leave': ownForm(context, (request) => leave(context, request)),
    'POST /logout': ownForm(context, (request) => logout(context, request)),
    'POST /backchannel-logout': (request) => backchannelLogout(context, request),
    // Third-party initiated login (OpenID Connect Core section 4): only our own issuer may start a sign-in here.
    'GET /start-login': (request) =>
      request.query.get('iss') === issuer
        ? begin(context, request, { loginHint: request.query.get('login_hint') ?? undefined })
        : {
            status: 400,
            html: troublePage(frameOf(context, undefined), {
              title: 'We do not know who sent you',
              text: 'A sign-in here can only be started by the program itself.',
            }),
          },
  };
}

/** Takes a posted form only from this site's own pages. */
function ownForm(context: Context, next: (request: WebRequest) => Promise<WebAnswer> | WebAnswer) {
  return (request: WebRequest): Promise<WebAnswer> | WebAnswer =>
    request.headers.origin === context.url
      ? next(request)
      : { status: 403, text: 'This form came from elsewhere.' };
}

function partyOf(context: Context): RelyingParty {
  if (!context.party) throw new Error('the site is still starting');
  return context.party;
}

function sessionOf(context: Context, request: WebRequest): Session | undefined {
  return context.sessions.find(request.cookies.get(cookieName));
}

/** Lax, because the browser comes back from the issuer by a redirect; a site on https adds `Secure`. */
function cookieFor(session: Session): string {
  return `${cookieName}=${session.id}; Path=/; HttpOnly; SameSite=Lax`;
}

function frameOf(context: Context, notice: Notice | undefined): PageFrame {
  const { site, siblings = [], issuer } = context.options;
  return { site, siblings, accountUrl: `${issuer}/account`, notice };
}

function home(context: Context, request: WebRequest): WebAnswer {
  const session = sessionOf(context, request);
  const frame = frameOf(context, session?.notice);
  if (session) session.notice = undefined;
  return { html: session?.member ? memberPage(frame, session.member) : welcomePage(frame) };
}

function leaflet(context: Context, name: keyof typeof leaflets): WebAnswer {
  return { html: leafletPage(frameOf(context, undefined), leaflets[name]) };
}

/** Goes to the first page and says something there, once. */
function tell(context: Context, request: WebRequest, notice: Notice): WebAnswer {
  const session = sessionOf(context, request) ?? context.sessions.create();
  session.notice = notice;
  return { location: '/', cookies: [cookieFor(session)] };
}

async function begin(
  context: Context,
  request: WebRequest,
  options: Parameters<RelyingParty['begin']>[0],
): Promise<WebAnswer> {
  const { url, attempt } = await partyOf(context).begin(options);
  const session = sessionOf(context, request) ?? context.sessions.create();
  context.sessions.begin(session, attempt);
  return { location: url, cookies: [cookieFor(session)] };
}

async function callback(context: Context, request: WebRequest): Promise<WebAnswer> {
  const session = sessionOf(context, request);
  const attempt = session && context.sessions.take(session, request.query.get('state'));
  if (!session || !attempt) {
    return {
      status: 400,
      html: troublePage(frameOf(context, undefined), {
        title: 'This sign-in is over',
        text: 'It began in another browser, took too long, or was finished already. Nothing is lost: please start again.',
      }),
    };
  }
  try {
    const member = await partyOf(context).finish(request.query, attempt);
    const known = session.member?.sub === member.sub;
    // The access token of a payment is for the points API: a real shop books it there and keeps its own session.
    if (attempt.redeeming) return redeemed(context, request, known);
    const renewed = context.sessions.renew(session);
    renewed.member = member;
    renewed.notice = attempt.silent
      ? {
          tone: 'good',
          text: known ? 'Single sign-on works: the program still knows you.' : 'You arrived signed in.',
        }
      : { tone: 'good', text: 'You are signed in.' };
    return { location: '/', cookies: [cookieFor(renewed)] };
  } catch (error) {
    if (!(error instanceof AuthorizationResponseError)) throw error;
    if (attempt.redeeming && error.error === 'access_denied')
      return tell(context, request, { tone: 'plain', text: 'You did not pay. Nothing was booked.' });
    if (!attempt.silent) throw error;
    return silentRefusal(context, request, error.error);
  }
}

/** Asks the program for one payment with points. */
function redeem(context: Context, request: WebRequest): Promise<WebAnswer> | WebAnswer {
  const { redemption, name } = context.options.site;
  const member = sessionOf(context, request)?.member;
  if (!redemption || !member) return tell(context, request, { tone: 'plain', text: 'Please sign in first.' });
  return begin(context, request, { redemption: { amount: redemption.amount, payee: name } });
}

function redeemed(context: Context, request: WebRequest, known: boolean): WebAnswer {
  const { amount } = context.options.site.redemption ?? { amount: 0 };
  return tell(
    context,
    request,
    known
      ? { tone: 'good', text: `The program let you pay ${amount} points. Thank you!` }
      : { tone: 'bad', text: 'Somebody else allowed the payment, so it was not used.' },
  );
}

/** What the issuer's answer to `prompt=none` means (OpenID Connect Core section 3.1.2.6). */
function silentRefusal(context: Context, request: WebRequest, error: string): WebAnswer {
  if (error === 'login_required') {
    const session = sessionOf(context, request);
    const text = session?.member
      ? 'The program does not know you in this browser any more, so you are signed out here as well.'
      : 'You are not signed in at the program in this browser.';
    if (session) session.member = undefined;
    return tell(context, request, { tone: 'plain', text });
  }
  return tell(context, request, {
    tone: 'plain',
    text: 'The program knows you and has a question first. Choose “Sign in” to go on.',
  });
}

/** Runs a step that needs a member; the issuer's no ends the local session. */
async function asMember(
  context: Context,
  request: WebRequest,
  step: (member: SignedIn) => Promise<SignedIn>,
  done: string,
): Promise<WebAnswer> {
  const session = sessionOf(context, request);
  if (!session?.member) return tell(context, request, { tone: 'plain', text: 'Please sign in first.' });
  try {
    session.member = await step(session.member);
    return tell(context, request, { tone: 'good', text: done });
  } catch (error) {
    if (!(error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError)) throw error;
    session.member = undefined;
    return tell(context, request, {
      tone: 'bad',
      text: 'The program no longer accepts these tokens, so you are signed out here. Please sign in again.',
    });
  }
}

function refresh(context: Context, request: WebRequest): Promise<WebAnswer> | WebAnswer {
  if (sessionOf(context, request)?.member?.refreshToken === undefined) {
    return tell(context, request, { tone: 'plain', text: 'There is no refresh token to use.' });
  }
  return asMember(context, request, partyOf(context).refresh, 'The tokens are fresh.');
}

function userinfo(context: Context, request: WebRequest): Promise<WebAnswer> {
  return asMember(context, request, partyOf(context).userinfo, 'The program answered.');
}

function leave(context: Context, request: WebRequest): WebAnswer {
  const session = sessionOf(context, request);
  if (session) session.member = undefined;
  return tell(context, request, {
    tone: 'good',
    text: 'You are signed out of this site; the program and its other sites still know you.',
  });
}

async function logout(context: Context, request: WebRequest): Promise<WebAnswer> {
  const session = sessionOf(context, request);
  if (!session?.member) return tell(context, request, { tone: 'good', text: 'You are signed out.' });
  const url = await partyOf(context).logoutUrl(session.member);
  session.member = undefined;
  return { location: url };
}

async function backchannelLogout(context: Context, request: WebRequest): Promise<WebAnswer> {
  const tokens = await partyOf(context).logoutTokens();
  try {
    const order = await tokens.check(request.form.get('logout_token') ?? '');
    context.sessions.end(order, {
      tone: 'plain',
      text: 'You were signed out at the program, so you are signed out here.',
    });
    return { text: '' };
  } catch (error) {
    const description = error instanceof Error ? error.message : 'the token does not hold';
    return { status: 400, json: { error: 'invalid_request', error_description: description } };
  }
}

/** Words for what the issuer said or did not say. */
function failure(context: Context, error: unknown, request: WebRequest): WebAnswer {
  if (request.path === '/backchannel-logout')
    return { status: 503, json: { error: 'temporarily_unavailable' } };
  const frame = frameOf(context, undefined);
  if (error instanceof AuthorizationResponseError && error.error === 'access_denied') {
    return {
      html: troublePage(frame, {
        title: 'You are not signed in',
        text: 'You chose not to go on, and that is fine.',
      }),
    };
  }
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const code = error.error_description ? `${error.error}: ${error.error_description}` : error.error;
    return {
      status: 502,
      html: troublePage(frame, {
        title: 'The program said no',
        text: 'It could not sign you in this time.',
        code,
      }),
    };
  }
  return {
    status: 503,
    html: troublePage(frame, {
      title: 'The program does not answer',
      text: 'We could not finish this with the program. Please try again in a moment.',
      code: error instanceof Error ? error.message : undefined,
    }),
  };
}
