/**
 * The routes of the interactions, as a table. Each opens the interaction, does one step and goes back to the
 * interaction's address, where the next step is named and shown.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { localeCookie } from '../../base/http/visit.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { interactionUidOf } from '../../people/upstreams/service.ts';
import { showConfirm, submitConfirm } from './confirm-link.ts';
import {
  cancel,
  showConsent,
  showContinue,
  showFinished,
  showTerms,
  submitConsent,
  submitContinue,
  submitTerms,
  switchAccount,
} from './consent.ts';
import { keep, type Open, openInteraction, redirect } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { type FlowView, flowViews, nextStep, type Step } from './flow.ts';
import type { Fields } from './legal.ts';
import {
  resendRecover,
  showNewPassword,
  showRecover,
  showRecoverCode,
  submitNewPassword,
  submitRecover,
  submitRecoverCode,
} from './recover.ts';
import {
  recoverScope,
  showRecoverLink,
  showRecoverSent,
  showRecoverStart,
  submitRecoverLink,
  submitRecoverStart,
} from './recover-link.ts';
import { resendVerify, showRegister, showVerify, submitRegistration, submitVerify } from './register.ts';
import { showPassword, showSignIn, submitIdentifier, submitPassword } from './sign-in.ts';
import {
  beginUpstream,
  resendUpstreamCode,
  returnFromUpstream,
  routeCallback,
  showDetails,
  showLinkExisting,
  showUpstreamCode,
  showUpstreamEmail,
  showUpstreamProblem,
  startLinkCode,
  submitDetails,
  submitLinkPassword,
  submitUpstreamCode,
  submitUpstreamEmail,
} from './upstream.ts';

const uid = z.string().regex(/^[\w-]{10,64}$/);
const uidParams = z.object({ uid });
const providerParams = z.object({ uid, provider: z.string().regex(/^[a-z]{2,20}$/) });
/** One line of text: longer than any field allows, shorter than the body limit. */
const line = z.string().max(2_000).default('');
const token = z.string().regex(/^[\w-]{20,100}$/);
const loose = z.object({}).catchall(z.string().max(2_000));
const viewQuery = z.object({ view: z.enum(flowViews).optional() });

type Page = (deps: InteractionDeps, open: Open) => void | Promise<void>;

/** What shows each step. */
const pages: Record<Step, Page> = {
  'sign-in': (deps, open) => showSignIn(deps, open),
  password: (deps, open) => showPassword(deps, open),
  register: (deps, open) => showRegister(deps, open),
  verify: (deps, open) => showVerify(deps, open),
  recover: (deps, open) => showRecover(deps, open),
  'recover-code': (deps, open) => showRecoverCode(deps, open),
  'new-password': (deps, open) => showNewPassword(deps, open),
  'upstream-problem': showUpstreamProblem,
  'upstream-email': (deps, open) => showUpstreamEmail(deps, open),
  'upstream-code': (deps, open) => showUpstreamCode(deps, open),
  'link-code': (deps, open) => showUpstreamCode(deps, open),
  details: (deps, open) => showDetails(deps, open),
  'link-existing': (deps, open) => showLinkExisting(deps, open),
  continue: showContinue,
  consent: showConsent,
  terms: (deps, open) => showTerms(deps, open),
  finished: showFinished,
};

async function showNext(deps: InteractionDeps, open: Open, view: FlowView | undefined): Promise<void> {
  const step = nextStep({
    prompt: open.interaction.prompt,
    answered: open.interaction.answered,
    firstParty: open.client.firstParty,
    flow: open.flow,
    view,
  });
  await pages[step](deps, open);
}

/**
 * The routes of sign-in, registration, recovery, upstreams and consent.
 * @param deps modules
 */
export function interactionRoutes(deps: InteractionDeps): Route[] {
  /** A step that posts a form; a second tab or a double click after the answer is told so, not judged again. */
  const step = <B extends z.ZodObject>(
    name: string,
    body: B,
    act: (open: Open, form: z.output<B>) => void | Promise<void>,
    limiter?: string,
  ) =>
    route({
      name: `interaction.${name}`,
      method: 'POST',
      path: `/interaction/:uid/${name}`,
      input: { params: uidParams, body },
      csrf: (params) => params.uid ?? '',
      ...(limiter && { limiter }),
      async handle(ctx, input) {
        const open = await openInteraction(deps, ctx, input.params.uid);
        if (open.interaction.answered) return redirect(ctx, open.interaction.returnTo);
        await act(open, input.body);
      },
    });
  return [
    route({
      name: 'interaction.show',
      method: 'GET',
      path: '/interaction/:uid',
      input: { params: uidParams, query: viewQuery },
      async handle(ctx, { params, query }) {
        await showNext(deps, await openInteraction(deps, ctx, params.uid), query.view);
      },
    }),
    step(
      'identifier',
      z.object({ identifier: line }),
      (open, form) => submitIdentifier(deps, open, form.identifier),
      'edge',
    ),
    step(
      'password',
      z.object({ username: line, password: line }),
      (open, form) => submitPassword(deps, open, form),
      'sign-in',
    ),
    step('register', loose, (open, form: Fields) => submitRegistration(deps, open, form), 'register'),
    step('verify', z.object({ code: line }), (open, form) => submitVerify(deps, open, form.code), 'code-try'),
    step('verify/resend', z.object({}), (open) => resendVerify(deps, open), 'mail-code'),
    step(
      'recover',
      z.object({ identifier: line }),
      (open, form) => submitRecover(deps, open, form.identifier),
      'recover',
    ),
    step(
      'recover/code',
      z.object({ code: line }),
      (open, form) => submitRecoverCode(deps, open, form.code),
      'code-try',
    ),
    step('recover/resend', z.object({}), (open) => resendRecover(deps, open), 'mail-code'),
    step(
      'new-password',
      z.object({ password: line }),
      (open, form) => submitNewPassword(deps, open, form.password),
      'edge',
    ),
    step(
      'upstream-email',
      z.object({ email: line }),
      (open, form) => submitUpstreamEmail(deps, open, form.email),
      'mail-code',
    ),
    step(
      'upstream-code',
      z.object({ code: line }),
      (open, form) => submitUpstreamCode(deps, open, form.code),
      'code-try',
    ),
    step('upstream-code/resend', z.object({}), (open) => resendUpstreamCode(deps, open), 'mail-code'),
    step('details', loose, (open, form: Fields) => submitDetails(deps, open, form), 'edge'),
    step(
      'link/password',
      z.object({ password: line }),
      (open, form) => submitLinkPassword(deps, open, form.password),
      'sign-in',
    ),
    step('link/code', z.object({}), (open) => startLinkCode(deps, open), 'mail-code'),
    step('terms', loose, (open, form: Fields) => submitTerms(deps, open, form)),
    step('consent', loose, (open, form: Fields) => submitConsent(deps, open, form)),
    step('continue', z.object({}), (open) => submitContinue(deps, open)),
    step('switch', z.object({}), (open) => switchAccount(deps, open)),
    step('cancel', z.object({}), (open) => cancel(deps, open)),
    step('confirm', z.object({ token }), (open, form) => submitConfirm(deps, open, form.token), 'code-try'),
    step('language', z.object({ locale: z.string().max(35), return_to: line }), (open, form) =>
      chooseLanguage(deps, open, form),
    ),
    ...upstreamRoutes(deps),
    ...linkRoutes(deps),
  ];
}

function upstreamRoutes(deps: InteractionDeps): Route[] {
  return [
    route({
      name: 'interaction.upstream',
      method: 'POST',
      path: '/interaction/:uid/upstream/:provider',
      input: { params: providerParams },
      csrf: (params) => params.uid ?? '',
      limiter: 'upstream',
      async handle(ctx, { params }) {
        await beginUpstream(deps, await openInteraction(deps, ctx, params.uid), params.provider);
      },
    }),
    route({
      name: 'interaction.callback',
      method: 'GET',
      path: '/interaction/:uid/callback/:provider',
      input: { params: providerParams, query: loose },
      limiter: 'upstream',
      async handle(ctx, { params, query }) {
        const open = await openInteraction(deps, ctx, params.uid);
        await returnFromUpstream(deps, open, { provider: params.provider, query });
      },
    }),
    route({
      name: 'upstream.callback',
      method: 'GET',
      path: '/callback/:provider',
      input: { params: providerParams.omit({ uid: true }), query: loose },
      limiter: 'upstream',
      handle(ctx, { params, query }) {
        const started = interactionUidOf(query.state);
        if (!started) throw new DomainError('upstream.state_mismatch');
        routeCallback(ctx, { uid: started, provider: params.provider, query: ctx.querystring });
      },
    }),
  ];
}

function linkRoutes(deps: InteractionDeps): Route[] {
  const recover = () => recoverScope;
  return [
    route({
      name: 'interaction.confirm.show',
      method: 'GET',
      path: '/interaction/:uid/confirm',
      input: { params: uidParams, query: z.object({ t: token }) },
      handle: (ctx, { params, query }) => showConfirm(deps, ctx, { uid: params.uid, token: query.t }),
    }),
    route({
      name: 'recover.show',
      method: 'GET',
      path: '/recover',
      handle: (ctx) => showRecoverStart(deps, ctx),
    }),
    route({
      name: 'recover.start',
      method: 'POST',
      path: '/recover',
      input: { body: z.object({ identifier: line }) },
      csrf: recover,
      limiter: 'recover',
      handle: (ctx, { body }) => submitRecoverStart(deps, ctx, body.identifier),
    }),
    route({
      name: 'recover.sent',
      method: 'GET',
      path: '/recover/sent',
      handle: (ctx) => showRecoverSent(deps, ctx),
    }),
    route({
      name: 'recover.link.show',
      method: 'GET',
      path: '/recover/link',
      input: { query: z.object({ t: token }) },
      handle: (ctx, { query }) => showRecoverLink(deps, ctx, { token: query.t }),
    }),
    route({
      name: 'recover.link',
      method: 'POST',
      path: '/recover/link',
      input: { query: z.object({ t: token }), body: z.object({ password: line }) },
      csrf: recover,
      limiter: 'recover',
      handle: (ctx, { query, body }) =>
        submitRecoverLink(deps, ctx, { token: query.t, password: body.password }),
    }),
  ];
}

/** The language chosen here stays for this flow and for later visits of this browser. */
function chooseLanguage(
  deps: InteractionDeps,
  open: Open,
  form: { locale: string; return_to: string },
): void {
  if (!deps.i18n.locales.some(({ code }) => code === form.locale)) throw new DomainError('input.invalid');
  keep(deps, open, { locale: form.locale });
  deps.cookies.write(open.ctx, localeCookie, form.locale, { maxAgeSeconds: 365 * 86_400 });
  redirect(open.ctx, sameFlow(open, form.return_to));
}

/** Back to the page of this very interaction; anything else leads to its start. */
function sameFlow(open: Open, path: string): string {
  const view = flowViews.find((known) => path === `${open.base}?view=${known}`);
  return view ? `${open.base}?view=${view}` : open.base;
}
