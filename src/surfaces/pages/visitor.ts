/**
 * The visitor of a page for signed-in people: who is signed in at this browser, read once per request, and what
 * happens to those who are not. Decides nothing about what a page shows, nor who may see it.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import { localeCookie } from '../../base/http/visit.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { FieldFault } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Member, Members } from '../../people/members/members.ts';
import type { BrowserSession, BrowserSessions } from '../../protocol/oidc/browser-session.ts';
import type { Pages, Place } from './pages.ts';
import { signInAddress, wayBackTo } from './way-back.ts';

/** A signed-in member at a page. */
export interface Here {
  ctx: EdgeContext;
  session: BrowserSession;
  member: Member;
  place: Place;
  /** The visit, with the member as its actor. */
  visit: Visit;
}

/** What goes wrong on a form, and what was entered. */
export interface Refused {
  status: number;
  faults: readonly FieldFault[];
  values?: Readonly<Record<string, string>>;
}

/** What finding the visitor takes. */
export interface VisitorDeps {
  issuer: string;
  clock: Clock;
  /** Keys of the way back from a sign-in, 32 bytes each: one signs, all are believed. */
  wayBackKeys(): { current: Buffer; all: readonly Buffer[] };
  cookies: Cookies;
  pages: Pick<Pages, 'place'>;
  members: Pick<Members, 'get'>;
  oidc: { browserSessions: Pick<BrowserSessions, 'read'> };
}

/** Where a visitor is. */
export interface VisitedPage {
  /** The page's own path, for its language form. */
  path: string;
  /** Scope of its form tokens. */
  scope: string;
  /** The app whose brand the page wears, found only for somebody who is signed in; the program's own without. */
  wears?(): Promise<ClientRecord | undefined>;
}

const present = new WeakMap<object, Promise<Here | undefined>>();

/**
 * The signed-in member of a request; undefined when nobody is signed in.
 * @param deps modules
 * @param ctx the request
 * @param page where they are
 */
export function visitorAt(deps: VisitorDeps, ctx: EdgeContext, page: VisitedPage): Promise<Here | undefined> {
  const known = present.get(ctx.req) ?? readVisitor(deps, ctx, page);
  present.set(ctx.req, known);
  return known;
}

async function readVisitor(
  deps: VisitorDeps,
  ctx: EdgeContext,
  page: VisitedPage,
): Promise<Here | undefined> {
  const session = await deps.oidc.browserSessions.read(ctx);
  const member = session && (await deps.members.get(session.memberId));
  if (!session || member?.status !== 'active') return undefined;
  const place = deps.pages.place(ctx, {
    client: await page.wears?.(),
    scope: page.scope,
    returnTo: page.path,
    // A choice made at this browser beats the one kept with the account, which beats what the browser prefers.
    chosenLocale: deps.cookies.read(ctx, localeCookie) ?? member.locale,
  });
  // The pages wear a brand, but nothing here happens on an app's behalf.
  const visit: Visit = {
    ...ctx.state.visit,
    clientId: undefined,
    actor: { kind: 'member', id: member._id },
  };
  ctx.state.visit = visit;
  return { ctx, session, member, place: { ...place, client: undefined }, visit };
}

/**
 * Sends the browser to sign in and back.
 * @param deps modules
 * @param ctx the request
 * @param path where to come back to
 * @param again whether to ask for the proof although there is a session
 */
export function sendToSignIn(
  deps: Pick<VisitorDeps, 'issuer' | 'wayBackKeys'>,
  ctx: EdgeContext,
  path: string,
  again = false,
): void {
  const state = wayBackTo(deps.wayBackKeys().current, ctx.state.visit.deviceId, { path, again });
  seeOther(ctx, signInAddress(deps.issuer, state, again));
}

/**
 * Whether the member has proven who they are lately; if not, the browser has been sent to do so and comes back.
 * @param deps modules
 * @param here the visitor
 * @param page the page to come back to, and how long ago the proof may be, in milliseconds
 */
export function isFreshOrSent(
  deps: Pick<VisitorDeps, 'issuer' | 'wayBackKeys' | 'clock'>,
  here: Pick<Here, 'ctx' | 'session'>,
  { path, withinMs }: { path: string; withinMs: number },
): boolean {
  if (deps.clock.now() - here.session.signedInAt.getTime() <= withinMs) return true;
  sendToSignIn(deps, here.ctx, path, true);
  return false;
}

/**
 * Redirects by 303, so that a reload repeats nothing and nothing posted travels on (RFC 9110 section 15.4.4).
 * @param ctx the request
 * @param to a path of ours, or an address the product itself has made
 */
export function seeOther(ctx: EdgeContext, to: string): void {
  ctx.status = 303;
  ctx.set('Location', to);
  ctx.body = '';
}
