/**
 * Who is at a page of the console: the member of the browser's session, with what they were granted as staff, read in
 * each request and remembered nowhere. Whoever was granted nothing finds no page here, as at any unknown address.
 */
import type { z } from 'zod';
import type { EdgeContext } from '../../base/http/context.ts';
import type { FlatInput } from '../../base/http/flat-input.ts';
import type { KeptAt } from '../../base/http/kept-forms.ts';
import { type Route, type RouteInput, route } from '../../base/http/routes.ts';
import type { FileRule } from '../../base/http/upload.ts';
import type { View } from '../../base/http/views.ts';
import { DomainError, type FormError } from '../../base/kernel/errors.ts';
import { type Acting, actingBy } from '../desk/acting.ts';
import { powerFrom } from '../desk/power.ts';
import { leaveNotice, takeNotice } from '../pages/notices.ts';
import type { Place } from '../pages/pages.ts';
import { languageScope } from '../pages/routes.ts';
import { type Here, isFreshOrSent, seeOther, sendToSignIn, visitorAt } from '../pages/visitor.ts';
import type { ConsoleDeps } from './deps.ts';
import { areaPath, type ConsoleArea, consoleNav } from './nav.ts';
import { type NoticeName, noticeText } from './notices.ts';
import type { ConsoleRefused } from './refusals.ts';
import type { ConsolePage } from './views.ts';

/** A member of the staff at a page of the console. */
export interface StaffHere extends Here {
  acting: Acting;
}

/** How recent a sign-in must be for what changes things for members, in milliseconds. */
const freshMs = 15 * 60_000;

type Inputs = z.ZodObject;
type Empty = z.ZodObject<Record<never, never>>;

/** A page of the console as its module declares it. */
interface PageDeclaration<P extends Inputs, Q extends Inputs, B extends Inputs> {
  /** Route name without `console.`. */
  name: string;
  path: string;
  input?: { params?: P; query?: Q };
  /** Whether it leads to an act that takes a recent sign-in: that is asked for before anything is entered. */
  fresh?: boolean;
  /** Body of its form, where that is kept while whoever has sent it signs in again. */
  keeps?: B;
  /** `kept`: what they had entered then, to be shown to them, and no more. */
  show(
    here: StaffHere,
    input: Pick<RouteInput<P, Q, Empty>, 'params' | 'query'>,
    kept?: z.output<B>,
  ): Promise<void>;
}

/** A form of the console as its module declares it. */
interface FormDeclaration<P extends Inputs, B extends Inputs> {
  name: string;
  path: string;
  input: { params?: P; body: B };
  /** The page that the form stands on, to come back to. */
  page(params: z.output<P>): string;
  fresh?: boolean;
  /** Whether its page shows again what was entered before a second sign-in. */
  keeps?: boolean;
  /** Largest body in bytes, where documents are sent. */
  bodyLimit?: number;
  /** The one file that it may bring. */
  file?: FileRule;
  /** Answers what cannot be read in the form's own page; without it the error page is shown. */
  refused?(here: StaffHere, error: FormError, sent: FlatInput): Promise<void>;
  take(here: StaffHere, input: Pick<RouteInput<P, Empty, B>, 'params' | 'body' | 'file'>): Promise<void>;
}

/**
 * A page of the console: whoever is not signed in is sent to sign in and comes back to it.
 * @param deps modules
 * @param page route, input and what it shows
 */
export function consolePage<P extends Inputs = Empty, Q extends Inputs = Empty, B extends Inputs = Empty>(
  deps: ConsoleDeps,
  page: PageDeclaration<P, Q, B>,
): Route {
  return route<P, Q, Empty>({
    name: `console.${page.name}`,
    method: 'GET',
    path: page.path,
    limiter: 'edge',
    ...(page.input && { input: page.input }),
    async handle(ctx, input) {
      const here = await staffAt(deps, ctx, ctx.url);
      if (!here) sendToSignIn(deps, ctx, ctx.url);
      else if (!page.fresh || isFreshOrSent(deps, here, { path: ctx.url, withinMs: freshMs }))
        await page.show(here, input, page.keeps && (await keptFor(deps, here, page.keeps)));
    },
  });
}

/**
 * A form of the console.
 * @param deps modules
 * @param form route, input and what it does
 */
export function consoleForm<P extends Inputs = Empty, B extends Inputs = Empty>(
  deps: ConsoleDeps,
  form: FormDeclaration<P, B>,
): Route {
  const { refused } = form;
  return route<P, Empty, B>({
    name: `console.${form.name}`,
    method: 'POST',
    path: form.path,
    limiter: 'edge',
    csrf: () => languageScope,
    input: form.input,
    ...(form.bodyLimit && { bodyLimit: form.bodyLimit }),
    ...(form.file && { file: form.file }),
    ...(refused && {
      async invalid(ctx, error, sent) {
        const here = await staffAt(deps, ctx, ctx.path);
        if (!here) throw new DomainError('sign_in.required');
        await refused(here, error, sent);
      },
    }),
    async handle(ctx, input) {
      const path = form.page(input.params);
      const here = await staffAt(deps, ctx, path);
      if (!here) throw new DomainError('sign_in.required');
      const isFresh = !form.fresh || isFreshOrSent(deps, here, { path, withinMs: freshMs });
      if (form.keeps)
        await (isFresh
          ? deps.keptForms.forget(keptAt(here, path))
          : deps.keptForms.keep(keptAt(here, path), input.body));
      if (isFresh) await form.take(here, input);
    },
  });
}

const keptAt = ({ member, session }: StaffHere, path: string): KeptAt => ({
  memberId: member._id,
  session: session.uid,
  path,
});

async function keptFor<B extends Inputs>(
  { keptForms }: ConsoleDeps,
  here: StaffHere,
  schema: B,
): Promise<z.output<B> | undefined> {
  const kept = await keptForms.find(keptAt(here, here.ctx.path));
  // A newer version of the program may read its forms in another way.
  return kept && schema.safeParse(kept).data;
}

/** @throws DomainError `route.not_found` for whoever was granted nothing */
async function staffAt(deps: ConsoleDeps, ctx: EdgeContext, path: string): Promise<StaffHere | undefined> {
  const here = await visitorAt(deps, ctx, { path, scope: languageScope });
  if (!here) return undefined;
  const principal = { kind: 'member' as const, id: here.member._id };
  const grants = await deps.staff.grantsOf(principal);
  if (grants.length === 0) throw new DomainError('route.not_found');
  ctx.state.backTo = { url: areaPath('home'), nameKey: 'console.name' };
  // What staff decide by is worded by nobody whom they decide about.
  const place: Place = { ...here.place, plainTexts: true };
  return { ...here, place, acting: actingBy(deps, powerFrom(principal, grants), here.visit) };
}

/**
 * Answers with a page of the console.
 * @param deps modules
 * @param here who is there
 * @param page view, the area it belongs to, its data, and what was refused
 */
export function showConsole<T extends ConsolePage>(
  deps: ConsoleDeps,
  here: StaffHere,
  page: {
    view: View<T>;
    area: ConsoleArea;
    data: Omit<T, keyof ConsolePage>;
    refused?: ConsoleRefused | undefined;
  },
): void {
  const { refused } = page;
  const waiting = refused && !refused.isKept ? undefined : takeNotice(here.ctx, deps.cookies);
  const told = refused?.isKept ? 'kept' : waiting;
  const notice = told === undefined ? undefined : noticeText(told);
  if (refused?.faults[0]) here.ctx.state.errorCode = refused.faults[0].code;
  const data = { ...page.data, nav: consoleNav(page.area), documentFaults: refused?.documentFaults } as T;
  deps.pages.show(here.ctx, here.place, {
    view: page.view,
    data,
    shown: { ...(notice && { notice }), ...refused },
  });
}

/**
 * Goes on to a page that tells what has been done.
 * @param deps modules
 * @param here who did it
 * @param done where to, and which notice
 */
export function doneAt(
  deps: ConsoleDeps,
  here: Pick<StaffHere, 'ctx'>,
  done: { path: string; notice: NoticeName },
): void {
  leaveNotice(here.ctx, deps.cookies, done.notice);
  seeOther(here.ctx, done.path);
}

/**
 * Whether a question of permission is answered yes.
 * @param asked the question
 */
export async function isAllowed(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'permission.missing') return false;
    throw error;
  }
}
