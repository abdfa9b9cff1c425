/** Signing in through an upstream: out, back to the one callback, and whatever the decision asks for. */
import type { EdgeContext } from '../../base/http/context.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { Member } from '../../people/members/members.ts';
import { decideUpstream } from '../../people/upstreams/decide.ts';
import type { UpstreamProfile } from '../../people/upstreams/profile.ts';
import { completeSignIn, createMember, linkUpstream, upstreamNames } from './complete.ts';
import { keep, type Open, orAgain, proceed, redirect, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { upstreamProblems } from './flow.ts';
import { type Fields, legalQuestions } from './legal.ts';
import { whoTries } from './limits.ts';
import { rememberWay } from './method-choices.ts';
import { requireOffered, signInMethods } from './methods.ts';
import { codeLifeMs, proveCode, secondsLeft, sentValues } from './register.ts';
import {
  keepPage,
  keptValues,
  pageAfter,
  pageBefore,
  readPage,
  registrationPage,
  sentPage,
  shownPage,
  wholeForm,
} from './registration-form.ts';
import { provePassword, requireEmail } from './sign-in.ts';
import { linkExistingView, registerDetailsView, upstreamProblemView, verifyCodeView } from './views.ts';

/** Sends the browser to the upstream. */
export async function beginUpstream(deps: InteractionDeps, open: Open, provider: string): Promise<void> {
  await deps.throttles.attempt('upstream', { ip: open.ctx.state.visit.ip });
  requireOffered(open.place.experience, provider);
  const { redirectTo, pending } = await deps.upstreams.begin(provider, {
    interactionUid: open.interaction.uid,
    locale: open.ctx.state.visit.locale,
  });
  keep(deps, open, { pending, problem: undefined, upstream: pending.provider });
  redirect(open.ctx, redirectTo);
}

/** Takes the upstream's answer; what was pending is forgotten first, so that one answer counts once. */
export async function returnFromUpstream(
  deps: InteractionDeps,
  open: Open,
  answer: { provider: string; query: Readonly<Record<string, string | string[]>> },
): Promise<void> {
  const { pending } = open.flow;
  keep(deps, open, { pending: undefined });
  try {
    if (!pending || pending.provider !== answer.provider) throw new DomainError('upstream.state_mismatch');
    requireOffered(open.place.experience, pending.provider);
    const profile = await deps.upstreams.finish(answer.provider, answer.query, pending);
    keep(deps, open, { profile, mailProven: false, provenEmail: undefined });
    await follow(deps, open, profile);
  } catch (error) {
    const problem = error instanceof DomainError ? problemOf(error) : undefined;
    if (!problem) throw error;
    deps.metrics.signIn({ method: answer.provider, outcome: 'failure', reason: problem });
    proceed(deps, open, { step: 'upstream-problem', problem });
  }
}

function problemOf(error: DomainError): (typeof upstreamProblems)[number] | undefined {
  return upstreamProblems.find((code) => code === error.code);
}

const factOf = (member: Member | undefined) =>
  member && { id: member._id, available: member.status === 'active' };

/** Looks up the facts and does what the decision says. */
async function follow(deps: InteractionDeps, open: Open, profile: UpstreamProfile): Promise<void> {
  const linked = await deps.members.findByIdentifier({ type: profile.provider, value: profile.subject });
  const email = open.flow.mailProven ? open.flow.email : profile.email && safeEmail(profile.email);
  const proven = open.flow.mailProven || (profile.emailVerified && profile.authoritativeFor);
  const holder =
    email && proven ? await deps.members.findByIdentifier({ type: 'email', value: email }) : undefined;
  const action = decideUpstream({
    profile: { ...profile, ...(email ? { email } : {}) },
    linkedMember: factOf(linked),
    memberWithMail: factOf(holder),
    mailProvenHere: open.flow.mailProven,
  });
  switch (action.kind) {
    case 'sign-in': {
      if (!linked) throw new DomainError('member.unavailable');
      rememberWay(deps, open.ctx, profile.provider);
      return completeSignIn(deps, open, linked, { method: profile.provider, amr: ['fed'] });
    }
    case 'register':
      return proceed(deps, open, { step: 'details', email: action.mail, provenEmail: action.mail });
    case 'prove-existing-then-link':
      return proceed(deps, open, { step: 'link-existing', email });
    case 'prove-mail-first':
      return email
        ? mailUpstreamCode(deps, open, { email, profile })
        : proceed(deps, open, { step: 'upstream-email', email: undefined });
    case 'refuse':
      throw new DomainError(action.code);
    case 'link':
      throw new DomainError('link.taken');
  }
}

/** An upstream's address in our normal form; one we would not accept from a form is no address. */
function safeEmail(email: string): string | undefined {
  try {
    return requireEmail(email, 'email');
  } catch {
    return undefined;
  }
}

/** Mails the code that proves the address for this very upstream subject; the mail names the upstream. */
async function mailUpstreamCode(
  deps: InteractionDeps,
  open: Open,
  to: { email: string; profile: UpstreamProfile },
): Promise<void> {
  const { visit } = open.ctx.state;
  await deps.throttles.attempt('mail-code', (await whoTries(deps, open.ctx, to.email)).keys);
  const sent = await deps.challenges.create({
    purpose: 'link',
    binding: open.binding,
    ttlMs: codeLifeMs,
    subject: { email: to.email, provider: to.profile.provider, upstreamSubject: to.profile.subject },
  });
  await deps.mailer.enqueue(undefined, {
    template: 'link-code',
    to: to.email,
    locale: visit.locale,
    brand: open.place.experience.mailBrand,
    data: {
      code: sent.code,
      expiresInSeconds: codeLifeMs / 1000,
      upstreamName: upstreamNames[to.profile.provider],
    },
  });
  proceed(deps, open, {
    step: 'upstream-code',
    email: to.email,
    codeExpiresAt: deps.clock.now() + codeLifeMs,
  });
}

/** Asks for an address where the upstream gave none. */
export function showUpstreamEmail(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; email: string },
): void {
  const { profile } = open.flow;
  showStep(deps, open, {
    view: registerDetailsView,
    data: {
      action: `${open.base}/upstream-email`,
      upstreamName: profile ? upstreamNames[profile.provider] : '',
      email: { kind: 'asked', suggested: profile?.email },
      fields: [],
      legal: legalQuestions({ terms: [], notices: [], purposes: [] }, open.base),
      cancelAction: `${open.base}/cancel`,
    },
    ...(again && { error: again.error, values: { email: again.email } }),
  });
}

/** Takes the address and mails its proof. */
export async function submitUpstreamEmail(deps: InteractionDeps, open: Open, typed: string): Promise<void> {
  await orAgain(
    async () => {
      const profile = requireProfile(open);
      await mailUpstreamCode(deps, open, { email: requireEmail(typed, 'email'), profile });
    },
    (error) => showUpstreamEmail(deps, open, { error, email: typed.slice(0, 254) }),
  );
}

function requireProfile(open: Open): UpstreamProfile {
  const { profile } = open.flow;
  if (!profile) throw new DomainError('upstream.state_mismatch');
  requireOffered(open.place.experience, profile.provider);
  const { email, name, locale, ...rest } = profile;
  return { ...rest, ...(email && { email }), ...(name && { name }), ...(locale && { locale }) };
}

/** The code page of an upstream flow, before registering (`upstream-code`) or before linking (`link-code`). */
export function showUpstreamCode(deps: InteractionDeps, open: Open, error?: DomainError): void {
  const linking = open.flow.step === 'link-code';
  showStep(deps, open, {
    view: verifyCodeView,
    data: {
      action: `${open.base}/upstream-code`,
      purpose: linking ? 'link' : 'verify',
      address: open.flow.email ?? '',
      expiresInSeconds: secondsLeft(deps, open),
      digits: 8,
      resendAction: `${open.base}/upstream-code/resend`,
      changeUrl: `${open.base}?view=sign-in`,
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Judges the code: the address is proven for this upstream subject, and the decision is taken again. */
export async function submitUpstreamCode(deps: InteractionDeps, open: Open, code: string): Promise<void> {
  await orAgain(
    async () => {
      const profile = requireProfile(open);
      const { subject } = await proveCode(deps, open, { purpose: 'link', code });
      if (subject.provider !== profile.provider || subject.upstreamSubject !== profile.subject) {
        throw new DomainError('upstream.state_mismatch');
      }
      if (open.flow.step === 'link-code')
        return linkProvenByMail(deps, open, { profile, email: String(subject.email) });
      keep(deps, open, { mailProven: true, email: String(subject.email) });
      await follow(deps, open, profile);
    },
    (error) => showUpstreamCode(deps, open, error),
  );
}

/** Mails another code. */
export async function resendUpstreamCode(deps: InteractionDeps, open: Open): Promise<void> {
  await orAgain(
    async () => {
      const { email, step } = open.flow;
      if (!email) throw new DomainError('code.expired');
      await mailUpstreamCode(deps, open, { email, profile: requireProfile(open) });
      if (step) keep(deps, open, { step });
    },
    (error) => showUpstreamCode(deps, open, error),
  );
}

/** Registration after an upstream: only what is missing. */
export function showDetails(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; fields: Fields },
): void {
  const { profile } = open.flow;
  const page = registrationPage(deps, open, 'upstream', again && sentPage(again.fields));
  showStep(deps, open, {
    view: registerDetailsView,
    data: {
      ...shownPage(page, open, open.base),
      action: `${open.base}/details`,
      upstreamName: profile ? upstreamNames[profile.provider] : '',
      email: { kind: 'known', address: open.flow.provenEmail ?? '' },
      cancelAction: `${open.base}/cancel`,
    },
    values: again ? sentValues(again.fields, again.error) : keptValues(page),
    ...(again && { error: again.error }),
  });
}

/** Judges a page; after the last one the member is made: the address is proven, by the upstream or by our own mail. */
export async function submitDetails(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  await orAgain(
    async () => {
      const profile = requireProfile(open);
      const { provenEmail: email, step } = open.flow;
      if (!email || step !== 'details') throw new DomainError('upstream.state_mismatch');
      const page = registrationPage(deps, open, 'upstream', sentPage(fields));
      const read = readPage(page, fields);
      const goTo = (next: number) => {
        keepPage(deps, open, page, { ...read, next });
        redirect(open.ctx, open.base);
      };
      if (fields.go === 'back') return goTo(pageBefore(page, read.answers));
      if (read.faults.length > 0) throw new FormError(read.faults);
      const next = pageAfter(page, read.answers);
      if (next !== undefined) return goTo(next);
      const whole = wholeForm(page, read);
      if ('missingAt' in whole) return goTo(whole.missingAt);
      const { attributes, name, locale } = whole.answers;
      const member = await createMember(deps, open, {
        email,
        name: name === undefined ? profile.name : (name ?? undefined),
        ...(locale && { locale }),
        encodedPassword: undefined,
        attributes,
        release: open.place.experience.release,
        decisions: whole.decisions,
        ...(whole.statedAge !== undefined && { statedAge: whole.statedAge }),
        upstream: { provider: profile.provider, subject: profile.subject },
        via: profile.provider,
      });
      rememberWay(deps, open.ctx, profile.provider);
      await completeSignIn(deps, open, member, {
        method: 'registration',
        amr: ['fed'],
        registered: profile.provider,
      });
    },
    (error) => showDetails(deps, open, { error, fields }),
  );
}

/** The address belongs to a member: prove that account before joining. */
export function showLinkExisting(deps: InteractionDeps, open: Open, error?: DomainError): void {
  const { profile } = open.flow;
  const byPassword = signInMethods(open.place.experience).includes('password');
  showStep(deps, open, {
    view: linkExistingView,
    data: {
      upstreamName: profile ? upstreamNames[profile.provider] : '',
      address: open.flow.email ?? '',
      ...(byPassword && { passwordAction: `${open.base}/link/password` }),
      codeAction: `${open.base}/link/code`,
      ...(byPassword && { forgotUrl: `${open.base}?view=recover` }),
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Proves the existing account by its password, links and signs in. */
export async function submitLinkPassword(deps: InteractionDeps, open: Open, password: string): Promise<void> {
  await orAgain(
    async () => {
      const profile = requireProfile(open);
      const { email } = open.flow;
      if (!email) throw new DomainError('upstream.state_mismatch');
      if (password === '') throw new FormError([{ field: 'password', code: 'password.required' }]);
      const member = await provePassword(deps, open.ctx, { email, password });
      await joinAndSignIn(deps, open, { member, profile, amr: ['pwd'] });
    },
    (error) => showLinkExisting(deps, open, error),
  );
}

/** Mails a code that proves the existing account. */
export async function startLinkCode(deps: InteractionDeps, open: Open): Promise<void> {
  await orAgain(
    async () => {
      const { email } = open.flow;
      if (!email) throw new DomainError('upstream.state_mismatch');
      await mailUpstreamCode(deps, open, { email, profile: requireProfile(open) });
      keep(deps, open, { step: 'link-code' });
    },
    (error) => showLinkExisting(deps, open, error),
  );
}

/** The code was mailed to this very address: whose it is follows from the proof, not from what the flow says now. */
async function linkProvenByMail(
  deps: InteractionDeps,
  open: Open,
  proof: { profile: UpstreamProfile; email: string },
): Promise<void> {
  const member = await deps.members.findByIdentifier({ type: 'email', value: proof.email });
  if (!member) throw new DomainError('member.unavailable');
  await joinAndSignIn(deps, open, { member, profile: proof.profile, amr: ['otp'] });
}

async function joinAndSignIn(
  deps: InteractionDeps,
  open: Open,
  join: { member: Member; profile: UpstreamProfile; amr: string[] },
): Promise<void> {
  if (join.member.status !== 'active') throw new DomainError('member.unavailable');
  await linkUpstream(deps, open, join);
  rememberWay(deps, open.ctx, join.profile.provider);
  await completeSignIn(deps, open, join.member, { method: join.profile.provider, amr: join.amr });
}

/** The upstream did not work out: words, and the other ways. */
export function showUpstreamProblem(deps: InteractionDeps, open: Open): void {
  const offered = deps.upstreams.list().find(({ id }) => id === open.flow.upstream);
  showStep(deps, open, {
    view: upstreamProblemView,
    data: {
      upstreamName: offered?.label ?? '',
      code: open.flow.problem ?? 'upstream.unavailable',
      backUrl: `${open.base}?view=sign-in`,
      ...(offered && { retryAction: `${open.base}/upstream/${offered.id}` }),
    },
    formAction: deps.upstreams.formActionOrigins(),
  });
}

/** The fixed callback: back into the interaction or the account pages it began in, where the cookie is. */
export function routeCallback(ctx: EdgeContext, at: { uid: string; provider: string; query: string }): void {
  const path =
    at.uid === 'account'
      ? `/account/security/upstreams/${at.provider}/callback`
      : `/interaction/${at.uid}/callback/${at.provider}`;
  redirect(ctx, `${path}?${at.query}`);
}
