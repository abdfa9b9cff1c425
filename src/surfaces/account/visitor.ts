/**
 * The visitor of an account page: who is signed in at this browser, read once per request, and what happens to those
 * who are not. Decides nothing about what a page shows.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import { route } from '../../base/http/routes.ts';
import type { View } from '../../base/http/views.ts';
import { localeCookie } from '../../base/http/visit.ts';
import { DomainError, type FieldFault } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Member, Profile } from '../../people/members/members.ts';
import type { BrowserSession } from '../../protocol/oidc/browser-session.ts';
import type { Place } from '../pages/pages.ts';
import type { AccountDeps } from './deps.ts';
import { leaveNotice, type Notice, type NoticeName, notices, takeNotice } from './notices.ts';
import type { AccountNav } from './views.ts';
import { signInAddress, wayBackTo } from './way-back.ts';

/** A signed-in member at an account page. */
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

/** Scope of the form tokens of every account page. */
export const accountScope = () => 'account';

/** The addresses of the account pages. */
export const nav: AccountNav = {
  homeUrl: '/account',
  profileUrl: '/account/profile',
  signInMethodsUrl: '/account/security',
  sessionsUrl: '/account/sessions',
  applicationsUrl: '/account/applications',
  consentsUrl: '/account/consents',
  signOutUrl: '/account/sign-out',
};

/** How recent a sign-in must be for what changes the ways in (ASVS 5.0 7.5.1), in milliseconds. */
const freshMs = 5 * 60_000;

const present = new WeakMap<object, Promise<Here | undefined>>();

/**
 * The signed-in member of a request; undefined when nobody is signed in.
 * @param deps modules
 * @param ctx the request
 * @param path the page's own path, for its language form
 */
export function visitorOf(deps: AccountDeps, ctx: EdgeContext, path: string): Promise<Here | undefined> {
  const known = present.get(ctx.req) ?? readVisitor(deps, ctx, path);
  present.set(ctx.req, known);
  return known;
}

async function readVisitor(deps: AccountDeps, ctx: EdgeContext, path: string): Promise<Here | undefined> {
  const session = await deps.oidc.browserSessions.read(ctx);
  const member = session && (await deps.members.get(session.memberId));
  if (!session || member?.status !== 'active') return undefined;
  const client = await deps.lastClient.recall(ctx);
  const place = deps.pages.place(ctx, {
    client,
    scope: accountScope(),
    returnTo: path,
    // A choice made at this browser beats the one kept with the account, which beats what the browser prefers.
    chosenLocale: deps.cookies.read(ctx, localeCookie) ?? member.locale,
  });
  // The pages wear the brand of the last app, but nothing here happens on that app's behalf.
  const visit: Visit = {
    ...ctx.state.visit,
    clientId: undefined,
    actor: { kind: 'member', id: member._id },
  };
  ctx.state.visit = visit;
  return { ctx, session, member, place: { ...place, client: undefined }, visit };
}

/**
 * The signed-in member of a request that changes something.
 * @param deps modules
 * @param ctx the request
 * @param path the page it belongs to
 * @throws DomainError `sign_in.required`
 */
export async function requireVisitor(deps: AccountDeps, ctx: EdgeContext, path: string): Promise<Here> {
  const here = await visitorOf(deps, ctx, path);
  if (!here) throw new DomainError('sign_in.required');
  return here;
}

/**
 * A page of a signed-in member; anybody else is sent to sign in and comes back to it.
 * @param deps modules
 * @param page route name, path and what it shows
 */
export function accountPage(
  deps: AccountDeps,
  page: { name: string; path: string; show: (here: Here) => Promise<void> },
) {
  return route({
    name: page.name,
    method: 'GET',
    path: page.path,
    async handle(ctx) {
      const here = await visitorOf(deps, ctx, page.path);
      if (here) await page.show(here);
      else sendToSignIn(deps, ctx, page.path);
    },
  });
}

/**
 * Sends the browser to sign in and back.
 * @param deps modules
 * @param ctx the request
 * @param path where to come back to
 * @param again whether to ask for the proof although there is a session
 */
export function sendToSignIn(deps: AccountDeps, ctx: EdgeContext, path: string, again = false): void {
  const state = wayBackTo(deps.wayBackKeys().current, ctx.state.visit.deviceId, { path, again });
  seeOther(ctx, signInAddress(deps.issuer, state, again));
}

/**
 * Whether the member has proven who they are within the last five minutes; if not, the browser has been sent to
 * do so and comes back to the page.
 * @param deps modules
 * @param here the visitor
 * @param path the page to come back to
 */
export function isFreshOrSent(deps: AccountDeps, here: Here, path: string): boolean {
  if (deps.clock.now() - here.session.signedInAt.getTime() <= freshMs) return true;
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

/**
 * Goes on to a page that tells what has been done.
 * @param deps modules
 * @param ctx the request
 * @param done where to, which notice, and the id of what it is about
 */
export function doneAt(
  deps: AccountDeps,
  ctx: EdgeContext,
  done: { path: string; notice: NoticeName; about?: string },
): void {
  leaveNotice(ctx, deps.cookies, done.notice, done.about);
  seeOther(ctx, done.path);
}

/**
 * Answers with an account page, the waiting notice or the refused form's faults included.
 * @param deps modules
 * @param here the visitor
 * @param page view, data, what was refused, and where its forms may lead beyond ourselves
 */
export async function showAccountPage<T>(
  deps: AccountDeps,
  here: Here,
  page: {
    view: View<T>;
    data: T;
    refused?: Refused | undefined;
    formAction?: readonly string[];
  },
): Promise<void> {
  const { refused } = page;
  const waiting = refused ? undefined : takeNotice(here.ctx, deps.cookies);
  const notice = waiting && (await noticeText(deps, waiting));
  if (refused?.faults[0]) here.ctx.state.errorCode = refused.faults[0].code;
  deps.pages.show(here.ctx, here.place, {
    view: page.view,
    data: page.data,
    shown: {
      ...(notice && { notice }),
      ...refused,
      ...(page.formAction && { formAction: page.formAction }),
    },
  });
}

async function noticeText(deps: AccountDeps, { name, about }: Notice) {
  const { kind, key } = notices[name];
  const params: Record<string, string> = {};
  if (about !== undefined && name === 'application-revoked') {
    params.client = (await deps.findClient(about))?.name ?? about;
  } else if (about !== undefined) {
    params.upstream = deps.upstreams.list().find(({ id }) => id === about)?.label ?? about;
  }
  return { kind, text: { key, params } };
}

/** The member's direct identifiers, opened. */
export function profileOf(deps: AccountDeps, here: Here): Promise<Profile> {
  return deps.members.profile(here.member);
}
