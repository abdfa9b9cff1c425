/**
 * Signing in by a mailed code. Page, answer and time are the same whoever is or is not known; what differs is the
 * mail: a member gets the code, anybody else the news that nobody is registered with the address. A locked member
 * gets a code too, and learns of the lock only by proving that the mailbox is theirs.
 */
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import type { ProvenChallenge } from '../../people/credentials/challenges.ts';
import type { Member } from '../../people/members/members.ts';
import { completeSignIn, noteFailedSignIn } from './complete.ts';
import { type Open, orAgain, proceed, redirect, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { whoTries } from './limits.ts';
import { rememberWay } from './method-choices.ts';
import { signInMethods } from './methods.ts';
import { codeLifeMs, proveCode, secondsLeft } from './register.ts';
import { verifyCodeView } from './views.ts';

const method = 'mail-code';

/**
 * Mails the code to sign in with and goes on to the page that asks for it.
 * @param deps modules
 * @param open the open interaction
 * @param email the address in its normal form
 * @throws DomainError `limit.reached`
 */
export async function mailSignInCode(deps: InteractionDeps, open: Open, email: string): Promise<void> {
  const { member, keys } = await whoTries(deps, open.ctx, email);
  await deps.throttles.attempt('mail-code', keys);
  const sent = await deps.challenges.create({
    purpose: 'sign-in',
    binding: open.binding,
    ttlMs: codeLifeMs,
    ...(member && { memberId: member._id, home: member.home }),
    // The proof counts for the account as it stands now: a changed password or a lock in between ends it.
    subject: { email, epoch: member?.securityEpoch ?? 0 },
  });
  const mail = { to: email, locale: open.ctx.state.visit.locale, brand: open.place.experience.mailBrand };
  if (member) {
    const data = { code: sent.code, expiresInSeconds: codeLifeMs / 1000 };
    await deps.mailer.enqueue(undefined, { template: 'sign-in-code', ...mail, data });
  } else {
    const data = { registerUrl: `${deps.issuer}/account` };
    await deps.mailer.enqueue(undefined, { template: 'recover-unknown', ...mail, data });
  }
  proceed(deps, open, { step: 'sign-in-code', email, codeExpiresAt: deps.clock.now() + codeLifeMs });
}

/** Mails a first or another code; a refusal is shown on the page that asked, as `again` draws it. */
export async function sendSignInCode(
  deps: InteractionDeps,
  open: Open,
  again: (error: DomainError) => void,
): Promise<void> {
  const { email, step } = open.flow;
  if (!email) return redirect(open.ctx, open.base);
  await orAgain(
    () => mailSignInCode(deps, open, email),
    (error) => (step === 'sign-in-code' ? showSignInCode(deps, open, error) : again(error)),
  );
}

/** The code page. */
export function showSignInCode(deps: InteractionDeps, open: Open, error?: DomainError): void {
  const byPassword = signInMethods(open.place.experience).includes('password');
  showStep(deps, open, {
    view: verifyCodeView,
    data: {
      action: `${open.base}/sign-in-code/verify`,
      purpose: 'sign-in',
      address: open.flow.email ?? '',
      expiresInSeconds: secondsLeft(deps, open),
      digits: 8,
      resendAction: `${open.base}/sign-in-code/send`,
      changeUrl: `${open.base}?view=sign-in`,
      ...(byPassword && { passwordUrl: `${open.base}?view=password` }),
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Judges the code and signs in whoever it was mailed to. */
export async function submitSignInCode(deps: InteractionDeps, open: Open, code: string): Promise<void> {
  // The flow may name another address once its person has gone elsewhere: only the code page may bring a code.
  if (open.flow.step !== 'sign-in-code') return redirect(open.ctx, open.base);
  await orAgain(
    async () => {
      const member = await proveSignInCode(deps, open, code);
      rememberWay(deps, open.ctx, method);
      await completeSignIn(deps, open, member, { method, amr: ['otp'] });
    },
    (error) => showSignInCode(deps, open, error),
  );
}

async function proveSignInCode(deps: InteractionDeps, open: Open, code: string): Promise<Member> {
  try {
    return await memberOf(deps, await proveCode(deps, open, { purpose: 'sign-in', code }));
  } catch (error) {
    if (error instanceof FormError && error.code !== 'code.required') {
      const { email: value = '' } = open.flow;
      noteFailedSignIn(deps, open.ctx, {
        method,
        reason: error.code,
        member: () => deps.members.findByIdentifier({ type: 'email', value }),
      });
    }
    throw error;
  }
}

/** The member a code was mailed to, as long as account and address stand as they did then. */
async function memberOf(
  deps: Pick<InteractionDeps, 'members'>,
  { memberId, subject }: ProvenChallenge,
): Promise<Member> {
  const member = await deps.members.findByIdentifier({ type: 'email', value: String(subject.email) });
  if (!member || member._id !== memberId || member.securityEpoch !== Number(subject.epoch)) {
    throw new FormError([{ field: 'code', code: 'code.expired' }]);
  }
  return member;
}
