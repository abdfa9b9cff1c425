/**
 * Recovery of a forgotten password, inside an interaction: by mailed code in this browser, or by the mailed link on
 * any device (recover-link.ts). The answer is the same for everyone; what differs is the mail.
 */
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { Member } from '../../people/members/members.ts';
import { shownPasswordRules } from '../pages/password-rules.ts';
import { completeSignIn, noteEvent, replacePassword } from './complete.ts';
import { afterAnswer, type Open, orAgain, proceed, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { stepAfter } from './flow.ts';
import { whoTries } from './limits.ts';
import { codeLifeMs, passwordFaults, proveCode, refuseBreached, secondsLeft } from './register.ts';
import { requireEmail } from './sign-in.ts';
import { newPasswordView, recoverCodeView, recoverView } from './views.ts';

/** Asks whose account. */
export function showRecover(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; identifier: string },
): void {
  showStep(deps, open, {
    view: recoverView,
    data: { action: `${open.base}/recover`, backUrl: `${open.base}?view=sign-in` },
    values: { identifier: again?.identifier ?? open.flow.email ?? '' },
    ...(again && { error: again.error }),
  });
}

/** Mails code and link to a member, and to anyone else the news that nobody is registered with the address. */
export async function submitRecover(deps: InteractionDeps, open: Open, identifier: string): Promise<void> {
  await orAgain(
    async () => {
      const email = requireEmail(identifier, 'identifier');
      await mailRecovery(deps, open, { email, binding: open.binding });
      proceed(deps, open, {
        step: stepAfter.recover,
        email,
        recovered: undefined,
        codeExpiresAt: deps.clock.now() + codeLifeMs,
      });
    },
    (error) => showRecover(deps, open, { error, identifier: identifier.slice(0, 254) }),
  );
}

/**
 * Sends the mail of a recovery.
 * @param deps modules
 * @param at request and place
 * @param asked the address, and what the code is tied to
 * @throws DomainError `limit.reached`
 */
export async function mailRecovery(
  deps: InteractionDeps,
  at: Pick<Open, 'ctx' | 'place'>,
  asked: { email: string; binding: string },
): Promise<void> {
  const { visit } = at.ctx.state;
  const { member, keys } = await whoTries(deps, at.ctx, asked.email);
  await deps.throttles.attempt('recover', keys);
  const sent = await deps.challenges.create({
    purpose: 'recover',
    binding: asked.binding,
    ttlMs: codeLifeMs,
    ...(member && { memberId: member._id, home: member.home }),
    // The proof counts for the account as it stands now: a changed password or a lock in between ends it.
    subject: { email: asked.email, epoch: member?.securityEpoch ?? 0 },
  });
  const mail = { to: asked.email, locale: visit.locale, brand: at.place.experience.mailBrand };
  if (member?.status === 'active') {
    const url = `${deps.issuer}/recover/link?t=${sent.linkToken}`;
    const data = { code: sent.code, url, expiresInSeconds: codeLifeMs / 1000 };
    await deps.mailer.enqueue(undefined, { template: 'recover', ...mail, data });
    const payload = { type: 'recovery.started', memberId: member._id, visit: { ...visit } };
    afterAnswer(deps, at.ctx, () => deps.outbox.add({ kind: noteEvent, payload }));
  } else {
    const data = { registerUrl: `${deps.issuer}/account` };
    await deps.mailer.enqueue(undefined, { template: 'recover-unknown', ...mail, data });
  }
}

/** The code page of a recovery. */
export function showRecoverCode(deps: InteractionDeps, open: Open, error?: DomainError): void {
  showStep(deps, open, {
    view: recoverCodeView,
    data: {
      action: `${open.base}/recover/code`,
      purpose: 'recover',
      address: open.flow.email ?? '',
      expiresInSeconds: secondsLeft(deps, open),
      digits: 8,
      resendAction: `${open.base}/recover/resend`,
      changeUrl: `${open.base}?view=recover`,
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Judges the code; the account may now get a new password in this flow. */
export async function submitRecoverCode(deps: InteractionDeps, open: Open, code: string): Promise<void> {
  await orAgain(
    async () => {
      const proven = await proveCode(deps, open, { purpose: 'recover', code });
      const recovered = {
        memberId: proven.memberId ?? '',
        epoch: Number(proven.subject.epoch),
        until: deps.clock.now() + codeLifeMs,
      };
      proceed(deps, open, { step: stepAfter['recover-code'], recovered });
    },
    (error) => showRecoverCode(deps, open, error),
  );
}

/** Mails another code. */
export async function resendRecover(deps: InteractionDeps, open: Open): Promise<void> {
  await orAgain(
    async () => {
      const { email } = open.flow;
      if (!email) throw new DomainError('code.expired');
      await mailRecovery(deps, open, { email, binding: open.binding });
      proceed(deps, open, { codeExpiresAt: deps.clock.now() + codeLifeMs });
    },
    (error) => showRecoverCode(deps, open, error),
  );
}

/** The page for the new password. */
export async function showNewPassword(deps: InteractionDeps, open: Open, error?: DomainError): Promise<void> {
  const { memberId } = open.flow.recovered ?? {};
  const member = memberId ? await deps.members.get(memberId) : undefined;
  showStep(deps, open, {
    view: newPasswordView,
    data: {
      action: `${open.base}/new-password`,
      identifier: open.flow.email ?? '',
      rules: shownPasswordRules(deps, open.place, member),
    },
    ...(error && { error }),
  });
}

/** Replaces the password, ends everything issued before, and signs in. */
export async function submitNewPassword(deps: InteractionDeps, open: Open, password: string): Promise<void> {
  await orAgain(
    async () => {
      const { recovered } = open.flow;
      if (!recovered || recovered.until <= deps.clock.now()) throw new DomainError('code.expired');
      const member = await memberToRecover(deps, recovered);
      const renewed = await setRecoveredPassword(deps, open, { member, password, email: open.flow.email });
      await completeSignIn(deps, open, renewed, { method: 'recovery', amr: ['otp'] });
    },
    (error) => showNewPassword(deps, open, error),
  );
}

/**
 * The member a recovery is for, as long as the account stands as it did when the recovery was asked for.
 * @param deps modules
 * @param proof whose account, and the security epoch the proof belongs to
 * @throws DomainError `code.expired` after a changed password, another recovery or a lock
 */
export async function memberToRecover(
  deps: Pick<InteractionDeps, 'members'>,
  proof: { memberId: string | undefined; epoch: number },
): Promise<Member> {
  const member = proof.memberId ? await deps.members.get(proof.memberId) : undefined;
  if (member?.status !== 'active' || member.securityEpoch !== proof.epoch)
    throw new DomainError('code.expired');
  return member;
}

/**
 * Judges a new password after a proven recovery and puts it in place.
 * @param deps modules
 * @param at request and place
 * @param recovery whose account, the password, and the address it is for
 * @param spend spends the proof, last of all checks
 * @throws FormError with the password's faults
 */
export async function setRecoveredPassword(
  deps: InteractionDeps,
  at: Pick<Open, 'ctx' | 'place'>,
  recovery: { member: Member; password: string; email: string | undefined },
  spend: () => Promise<unknown> = async () => undefined,
): Promise<Member> {
  const { member, password, email } = recovery;
  const faults = await passwordFaults(deps, at, { password, email, member });
  if (faults.length > 0) throw new FormError(faults);
  await refuseBreached(deps, password);
  const encoded = await deps.hasher.hash(password);
  await spend();
  return replacePassword(deps, at, { member, encoded });
}
