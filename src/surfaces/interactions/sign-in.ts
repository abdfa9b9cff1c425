/** Signing in: identifier, then password or code. The pages are the same whoever is or is not known. */
import type { EdgeContext } from '../../base/http/context.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import { normaliseEmail } from '../../business/profiles/email-text.ts';
import { maxPasswordLength } from '../../people/credentials/password-text.ts';
import { completeSignIn, noteFailedSignIn } from './complete.ts';
import { afterAnswer, keep, type Open, orAgain, proceed, type Standing, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { stepAfterIdentifier } from './flow.ts';
import { whoTries } from './limits.ts';
import { rememberWay, upstreamChoices, wayUsedLast } from './method-choices.ts';
import { offersAny, type SignInMethod, signInMethods, typedMethods } from './methods.ts';
import { mailSignInCode } from './sign-in-code.ts';
import { type PasswordData, passwordView, type SignInData, signInView } from './views.ts';

/** Code points; nothing longer is ever hashed (ASVS 5.0 6.2.9 asks for 64 at least). */

/**
 * What the first page shows.
 * @param deps the upstreams that are configured
 * @param at where it stands
 * @param lastUsed the way this browser signed in last
 */
export function signInData(
  deps: Pick<InteractionDeps, 'upstreams'>,
  at: Pick<Standing, 'place' | 'base'>,
  lastUsed: SignInMethod | undefined,
): SignInData {
  const methods = signInMethods(at.place.experience);
  return {
    ...(offersAny(methods, typedMethods) && { action: `${at.base}/identifier` }),
    asks: methods.includes('password') ? 'password' : 'code',
    identifierKind: at.place.experience.identifierKind,
    upstreams: upstreamChoices(deps, at),
    lastUsed,
    registerUrl: `${at.base}?view=register`,
    cancelAction: `${at.base}/cancel`,
  };
}

/** The first page. */
export function showSignIn(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; identifier: string },
): void {
  const hint = open.interaction.params.login_hint;
  const identifier =
    again?.identifier ?? open.flow.email ?? (typeof hint === 'string' ? hint.slice(0, 254) : '');
  const methods = signInMethods(open.place.experience);
  showStep(deps, open, {
    view: signInView,
    data: signInData(deps, open, wayUsedLast(deps, open.ctx, methods)),
    values: { identifier },
    formAction: deps.upstreams.formActionOrigins(),
    ...(again && { error: again.error }),
  });
}

/**
 * What the second page shows.
 * @param at where it stands
 */
export function passwordData({ place, flow, base }: Pick<Standing, 'place' | 'flow' | 'base'>): PasswordData {
  const byCode = signInMethods(place.experience).includes('mail-code');
  return {
    action: `${base}/password`,
    identifier: flow.email ?? '',
    changeUrl: `${base}?view=sign-in`,
    forgotUrl: `${base}?view=recover`,
    ...(byCode && { codeAction: `${base}/sign-in-code/send` }),
    cancelAction: `${base}/cancel`,
  };
}

/** The second page. */
export function showPassword(deps: InteractionDeps, open: Open, error?: DomainError): void {
  showStep(deps, open, { view: passwordView, data: passwordData(open), ...(error && { error }) });
}

/** Keeps the identifier, and mails a code where there is no password; the next page is the same for everyone. */
export async function submitIdentifier(deps: InteractionDeps, open: Open, identifier: string): Promise<void> {
  await orAgain(
    async () => {
      const email = requireEmail(identifier, 'identifier');
      const step = stepAfterIdentifier(signInMethods(open.place.experience));
      if (step === 'password') return proceed(deps, open, { email, step });
      await mailSignInCode(deps, open, email);
    },
    (error) => showSignIn(deps, open, { error, identifier: identifier.slice(0, 254) }),
  );
}

/**
 * The normal form of a typed address.
 * @param typed what was typed
 * @param field name of the input, for the fault
 * @throws FormError `email.required`, `email.invalid`
 */
export function requireEmail(typed: string, field: string): string {
  if (typed.trim() === '') throw new FormError([{ field, code: 'email.required' }]);
  const email = normaliseEmail(typed);
  if (!email) throw new FormError([{ field, code: 'email.invalid' }]);
  return email;
}

/** Judges a password and signs in. */
export async function submitPassword(
  deps: InteractionDeps,
  open: Open,
  form: { username: string; password: string },
): Promise<void> {
  await orAgain(
    async () => {
      // A password manager may fill in another name than the one typed before: what was sent counts.
      const email = normaliseEmail(form.username) ?? open.flow.email;
      if (!email) throw new FormError([{ field: 'username', code: 'email.required' }]);
      if (email !== open.flow.email) keep(deps, open, { email, step: 'password' });
      if (form.password === '') throw new FormError([{ field: 'password', code: 'password.required' }]);
      const member = await provePassword(deps, open.ctx, { email, password: form.password });
      rememberWay(deps, open.ctx, 'password');
      await completeSignIn(deps, open, member, { method: 'password', amr: ['pwd'] });
    },
    (error) => showPassword(deps, open, error),
  );
}

/**
 * Checks a password, the same way for known and unknown, locked and passwordless members: one count before, one
 * look-up, one hash.
 * @param deps modules
 * @param ctx the request
 * @param claim address and password
 * @returns the member, whatever their status
 * @throws DomainError `limit.reached`, `credentials.invalid`, `overloaded`
 */
export async function provePassword(
  deps: InteractionDeps,
  ctx: EdgeContext,
  claim: { email: string; password: string },
) {
  if ([...claim.password].length > maxPasswordLength) {
    const params = { max: maxPasswordLength };
    throw new FormError([{ field: 'password', code: 'password.too_long', params }]);
  }
  const { visit } = ctx.state;
  const { member, keys } = await whoTries(deps, ctx, claim.email);
  await deps.throttles.attempt('sign-in', keys);
  const verdict = await deps.passwords.verify(member?._id, claim.password);
  if (!verdict.ok || !member) {
    const failed = { method: 'password', reason: 'credentials.invalid' };
    noteFailedSignIn(deps, ctx, { ...failed, member: async () => member });
    throw new FormError([{ field: 'password', code: 'credentials.invalid' }]);
  }
  await deps.throttles.reward('sign-in', keys);
  const { rehash } = verdict;
  if (rehash) afterAnswer(deps, ctx, () => deps.passwords.rehash(member._id, claim.password, rehash, visit));
  return member;
}
