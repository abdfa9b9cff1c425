/**
 * The routes of the interactions, as a table. Each opens the interaction, does one step and goes back to the
 * interaction's address, where the next step is named and shown.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { localeCookie } from '../../base/http/visit.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { LimiterName } from '../../people/risk/throttles.ts';
import { interactionUidOf } from '../../people/upstreams/service.ts';
import { submitConfirm } from './confirm-link.ts';
import {
  cancel,
  showConsent,
  showContinue,
  showTerms,
  submitConsent,
  submitContinue,
  submitTerms,
  switchAccount,
} from './consent.ts';
import { keep, type Open, redirect } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { showDeviceConfirm, submitDeviceConfirm } from './device.ts';
import { openUnlessFinished, showFinished } from './finished.ts';
import { type FlowView, flowViews, nextStep, type Step } from './flow.ts';
import type { Fields } from './legal.ts';
import { linkRoutes } from './link-routes.ts';
import { offersAny, type SignInMethod, signInMethods, typedMethods } from './methods.ts';
import { showQuestions, skipQuestions, submitQuestions } from './profile-questions.ts';
import {
  resendRecover,
  showNewPassword,
  showRecover,
  showRecoverCode,
  submitNewPassword,
  submitRecover,
  submitRecoverCode,
} from './recover.ts';
import { resendVerify, showRegister, showVerify, submitRegistration, submitVerify } from './register.ts';
import { showPassword, showSignIn, submitIdentifier, submitPassword } from './sign-in.ts';
import { sendSignInCode, showSignInCode, submitSignInCode } from './sign-in-code.ts';
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
  device: showDeviceConfirm,
  'sign-in': (deps, open) => showSignIn(deps, open),
  password: (deps, open) => showPassword(deps, open),
  'sign-in-code': (deps, open) => showSignInCode(deps, open),
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
  questions: (deps, open) => showQuestions(deps, open),
  finished: (deps, open) => showFinished(deps, open.ctx, open.client, open.interaction.returnTo),
};

async function showNext(deps: InteractionDeps, open: Open, view: FlowView | undefined): Promise<void> {
  const step = nextStep({
    prompt: open.interaction.prompt,
    answered: open.interaction.answered,
    firstParty: open.client.firstParty,
    redeeming: open.interaction.redemption !== undefined,
    flow: open.flow,
    view,
    joining: open.interaction.params.screen_hint === 'register',
    methods: signInMethods(open.place.experience),
  });
  await pages[step](deps, open);
}

/** Which question of the protocol a step answers; `any`: it is at home on every page. */
type Phase = 'device' | 'select_account' | 'login' | 'terms' | 'questions' | 'consent' | 'any';

/** One form of the interactions. */
interface StepForm<B extends z.ZodObject> {
  body: B;
  /** Default: `login`. */
  at?: Phase | readonly Phase[];
  /** Default: the limit of every form. */
  limiter?: LimiterName;
  /** Ways to sign in that it belongs to, when it does: one of them must be offered. */
  of?: readonly SignInMethod[];
}

/** A form counts only where its page can have been shown; anything else leads to the page that is due. */
function isDue({ interaction, flow, place }: Open, { at = 'login', of }: Pick<StepForm<never>, 'at' | 'of'>) {
  if (of && !offersAny(signInMethods(place.experience), of)) return false;
  const signingIn = interaction.prompt === 'login' || flow.switching === true;
  const phases: readonly string[] = [at].flat();
  return phases.includes('any') || phases.includes(signingIn ? 'login' : interaction.prompt);
}

/**
 * A step that posts a form; a second tab or a double click after the answer is told so, not judged again.
 * @param deps modules
 * @param name path below the interaction, and name of the route
 * @param form fields, limit, and the question it answers
 * @param act does the step
 */
function step<B extends z.ZodObject>(
  deps: InteractionDeps,
  name: string,
  form: StepForm<B>,
  act: (open: Open, fields: z.output<B>) => void | Promise<void>,
): Route {
  return route({
    name: `interaction.${name}`,
    method: 'POST',
    path: `/interaction/:uid/${name}`,
    input: { params: uidParams, body: form.body },
    csrf: (params) => params.uid ?? '',
    limiter: form.limiter ?? 'edge',
    async handle(ctx, { params, body }) {
      if (deps.turns.repeated(ctx, body)) return;
      const open = await openUnlessFinished(deps, ctx, params.uid, () =>
        redirect(ctx, `/interaction/${params.uid}`),
      );
      if (!open) return;
      if (open.interaction.answered) return redirect(ctx, open.interaction.returnTo);
      if (!isDue(open, form)) return redirect(ctx, open.base);
      await act(open, body);
    },
  });
}

const nothing = z.object({});
const typedCode = z.object({ code: line });
const typedIdentifier = z.object({ identifier: line });
const typedPassword = z.object({ password: line });

/**
 * The routes of sign-in, registration, recovery, upstreams and consent.
 * @param deps modules
 */
export function interactionRoutes(deps: InteractionDeps): Route[] {
  const steps = [signInSteps, recoverySteps, upstreamSteps, decisionSteps].flatMap((make) => make(deps));
  return [
    route({
      name: 'interaction.show',
      method: 'GET',
      path: '/interaction/:uid',
      input: { params: uidParams, query: viewQuery },
      async handle(ctx, { params, query }) {
        const open = await openUnlessFinished(deps, ctx, params.uid, (client) =>
          showFinished(deps, ctx, client),
        );
        if (open) await showNext(deps, open, query.view);
      },
    }),
    ...steps,
    ...upstreamRoutes(deps),
    ...linkRoutes(deps),
    elsewhere(new Set(steps.map(({ path }) => path.replace('/interaction/:uid/', '')))),
  ];
}

/** Whoever reloads the address of a form is led to its page; what is no address at all is said to be none. */
function elsewhere(forms: ReadonlySet<string>): Route {
  return route({
    name: 'interaction.elsewhere',
    method: 'GET',
    path: '/interaction/:uid/{*rest}',
    input: { params: uidParams.extend({ rest: z.string().max(200) }) },
    handle(ctx, { params }) {
      if (!forms.has(params.rest)) throw new DomainError('route.not_found');
      redirect(ctx, `/interaction/${params.uid}`);
    },
  });
}

function signInSteps(deps: InteractionDeps): Route[] {
  const of = typedMethods;
  return [
    step(deps, 'identifier', { body: typedIdentifier, of }, (open, { identifier }) =>
      submitIdentifier(deps, open, identifier),
    ),
    step(
      deps,
      'password',
      { body: z.object({ username: line, password: line }), limiter: 'sign-in', of: ['password'] },
      (open, form) => submitPassword(deps, open, form),
    ),
    step(deps, 'sign-in-code/send', { body: nothing, limiter: 'mail-code', of: ['mail-code'] }, (open) =>
      sendSignInCode(deps, open, (error) => showPassword(deps, open, error)),
    ),
    step(
      deps,
      'sign-in-code/verify',
      { body: typedCode, limiter: 'code-try', of: ['mail-code'] },
      (open, { code }) => submitSignInCode(deps, open, code),
    ),
    step(deps, 'register', { body: loose, limiter: 'register', of }, (open, form: Fields) =>
      submitRegistration(deps, open, form),
    ),
    step(deps, 'verify', { body: typedCode, limiter: 'code-try' }, (open, { code }) =>
      submitVerify(deps, open, code),
    ),
    step(deps, 'verify/resend', { body: nothing, limiter: 'mail-code' }, (open) => resendVerify(deps, open)),
    step(deps, 'confirm', { body: z.object({ token }), limiter: 'code-try' }, (open, form) =>
      submitConfirm(deps, open, form.token),
    ),
  ];
}

function recoverySteps(deps: InteractionDeps): Route[] {
  const of = ['password'];
  return [
    step(deps, 'recover', { body: typedIdentifier, limiter: 'recover', of }, (open, { identifier }) =>
      submitRecover(deps, open, identifier),
    ),
    step(deps, 'recover/code', { body: typedCode, limiter: 'code-try', of }, (open, { code }) =>
      submitRecoverCode(deps, open, code),
    ),
    step(deps, 'recover/resend', { body: nothing, limiter: 'mail-code', of }, (open) =>
      resendRecover(deps, open),
    ),
    step(deps, 'new-password', { body: typedPassword, of }, (open, { password }) =>
      submitNewPassword(deps, open, password),
    ),
  ];
}

function upstreamSteps(deps: InteractionDeps): Route[] {
  return [
    step(
      deps,
      'upstream-email',
      { body: z.object({ email: line }), limiter: 'mail-code' },
      (open, { email }) => submitUpstreamEmail(deps, open, email),
    ),
    step(deps, 'upstream-code', { body: typedCode, limiter: 'code-try' }, (open, { code }) =>
      submitUpstreamCode(deps, open, code),
    ),
    step(deps, 'upstream-code/resend', { body: nothing, limiter: 'mail-code' }, (open) =>
      resendUpstreamCode(deps, open),
    ),
    step(deps, 'details', { body: loose }, (open, form: Fields) => submitDetails(deps, open, form)),
    step(
      deps,
      'link/password',
      { body: typedPassword, limiter: 'sign-in', of: ['password'] },
      (open, { password }) => submitLinkPassword(deps, open, password),
    ),
    step(deps, 'link/code', { body: nothing, limiter: 'mail-code' }, (open) => startLinkCode(deps, open)),
  ];
}

function decisionSteps(deps: InteractionDeps): Route[] {
  return [
    step(deps, 'device', { body: z.object({ decision: line }), at: 'device' }, (open, { decision }) =>
      submitDeviceConfirm(deps, open, decision === 'allow'),
    ),
    step(deps, 'terms', { body: loose, at: 'terms' }, (open, form: Fields) => submitTerms(deps, open, form)),
    step(deps, 'questions', { body: loose, at: 'questions' }, (open, form: Fields) =>
      submitQuestions(deps, open, form),
    ),
    step(
      deps,
      'questions/skip',
      { body: z.object({ asked: z.string().max(2_000).optional() }), at: 'questions' },
      (open, { asked }) => skipQuestions(deps, open, asked),
    ),
    step(deps, 'consent', { body: loose, at: 'consent' }, (open, form: Fields) =>
      submitConsent(deps, open, form),
    ),
    step(deps, 'continue', { body: nothing, at: ['select_account', 'consent'] }, (open) =>
      submitContinue(deps, open),
    ),
    step(deps, 'switch', { body: nothing, at: 'any' }, (open) => switchAccount(deps, open)),
    step(deps, 'cancel', { body: nothing, at: 'any' }, (open) => cancel(deps, open)),
    step(
      deps,
      'language',
      { body: z.object({ locale: z.string().max(35), return_to: line }), at: 'any' },
      (open, form) => chooseLanguage(deps, open, form),
    ),
  ];
}

function upstreamRoutes(deps: InteractionDeps): Route[] {
  return [
    route({
      name: 'interaction.upstream',
      method: 'POST',
      path: '/interaction/:uid/upstream/:provider',
      input: { params: providerParams, body: nothing },
      csrf: (params) => params.uid ?? '',
      limiter: 'upstream',
      async handle(ctx, { params }) {
        const open = await openUnlessFinished(deps, ctx, params.uid, () =>
          redirect(ctx, `/interaction/${params.uid}`),
        );
        if (!open) return;
        if (open.interaction.answered) return redirect(ctx, open.interaction.returnTo);
        if (!isDue(open, {})) return redirect(ctx, open.base);
        await beginUpstream(deps, open, params.provider);
      },
    }),
    route({
      name: 'interaction.callback',
      method: 'GET',
      path: '/interaction/:uid/callback/:provider',
      input: { params: providerParams, query: loose },
      limiter: 'upstream',
      async handle(ctx, { params, query }) {
        const open = await openUnlessFinished(deps, ctx, params.uid, (client) =>
          showFinished(deps, ctx, client),
        );
        if (!open) return;
        if (open.interaction.answered) return redirect(ctx, open.interaction.returnTo);
        if (!isDue(open, {})) return redirect(ctx, open.base);
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
