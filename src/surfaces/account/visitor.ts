/** The visitor of an account page, and how such a page is shown. Decides nothing about what a page says. */
import type { EdgeContext } from '../../base/http/context.ts';
import { route } from '../../base/http/routes.ts';
import type { View } from '../../base/http/views.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Profile } from '../../people/members/members.ts';
import { leaveNotice, takeNotice } from '../pages/notices.ts';
import { type Here, type Refused, seeOther, sendToSignIn, visitorAt } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { type Notice, type NoticeName, notices, readNotice } from './notices.ts';
import type { AccountNav } from './views.ts';

/** Scope of the form tokens of every account page. */
export const accountScope = () => 'account';

/** The addresses of the account pages. */
export const nav: AccountNav = {
  homeUrl: '/account',
  profileUrl: '/account/profile',
  preferencesUrl: '/account/preferences',
  signInMethodsUrl: '/account/security',
  sessionsUrl: '/account/sessions',
  applicationsUrl: '/account/applications',
  consentsUrl: '/account/consents',
  signOutUrl: '/account/sign-out',
};

/** How recent a sign-in must be for what changes the ways in (ASVS 5.0 7.5.1), in milliseconds. */
export const freshMs = 5 * 60_000;

/**
 * The signed-in member of a request; undefined when nobody is signed in. The page wears the brand of the last app.
 * @param deps modules
 * @param ctx the request
 * @param path the page's own path, for its language form
 */
export function visitorOf(deps: AccountDeps, ctx: EdgeContext, path: string): Promise<Here | undefined> {
  return visitorAt(deps, ctx, { path, scope: accountScope(), wears: () => deps.lastClient.recall(ctx) });
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
 * What a brand's visitors meet in the member's home market, whose law and forms are theirs wherever they are.
 * @param deps experiences
 * @param here the visitor
 * @param brand id of a brand; default: the one the page stands in
 */
export function experienceAtHome(
  deps: Pick<AccountDeps, 'experiences'>,
  { place, member }: Pick<Here, 'place' | 'member'>,
  brand = place.experience.brand.id,
): Experience {
  return deps.experiences.experienceFor({ brand, market: member.market });
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
    /** What its inputs hold, beside what was refused. */
    values?: Readonly<Record<string, string>>;
    refused?: Refused | undefined;
    formAction?: readonly string[];
  },
): Promise<void> {
  const { refused } = page;
  const waiting = refused ? undefined : takeNotice(here.ctx, deps.cookies);
  const told = waiting === undefined ? undefined : readNotice(waiting);
  const notice = told && (await noticeText(deps, told));
  if (refused?.faults[0]) here.ctx.state.errorCode = refused.faults[0].code;
  deps.pages.show(here.ctx, here.place, {
    view: page.view,
    data: page.data,
    shown: {
      ...(notice && { notice }),
      ...refused,
      values: { ...page.values, ...refused?.values },
      ...(page.formAction && { formAction: page.formAction }),
    },
  });
}

async function noticeText(deps: AccountDeps, { name, about }: Notice) {
  const { kind, key } = notices[name];
  const params: Record<string, string> = {};
  if (about !== undefined && name === 'application-revoked') {
    params.client = (await deps.findClient(about))?.name ?? about;
  } else if (about !== undefined && name === 'brand-preferences-saved') {
    params.brand = deps.experiences.brands().find(({ id }) => id === about)?.name ?? about;
  } else if (about !== undefined) {
    params.upstream = deps.upstreams.list().find(({ id }) => id === about)?.label ?? about;
  }
  return { kind, text: { key, params } };
}

/** The member's direct identifiers, opened. */
export function profileOf(deps: AccountDeps, here: Here): Promise<Profile> {
  return deps.members.profile(here.member);
}
