/**
 * Recovery outside of an interaction: the mailed link, which works on any device, and the page that "that was not
 * me" leads to. Opening the link changes nothing; only sending the form spends it.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { ProvenChallenge } from '../../people/credentials/challenges.ts';
import type { Member } from '../../people/members/members.ts';
import type { Place } from '../pages/pages.ts';
import { shownPasswordRules } from '../pages/password-rules.ts';
import { shapeOf } from './complete.ts';
import { orAgain, redirect, refusal } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { mailRecovery, memberToRecover, setRecoveredPassword } from './recover.ts';
import { requireEmail } from './sign-in.ts';
import { confirmLinkView, newPasswordView, recoverView } from './views.ts';

/** Scope of the form tokens of these pages. */
export const recoverScope = 'recover';

async function placeOf(deps: InteractionDeps, ctx: EdgeContext, returnTo?: string): Promise<Place> {
  const client = await deps.lastClient.recall(ctx);
  return deps.pages.place(ctx, { client, scope: recoverScope, ...(returnTo && { returnTo }) });
}

/** Asks whose account, outside of any interaction. */
export async function showRecoverStart(
  deps: InteractionDeps,
  ctx: EdgeContext,
  again?: { error: DomainError; identifier: string },
): Promise<void> {
  const place = await placeOf(deps, ctx, '/recover');
  deps.pages.show(ctx, place, {
    view: recoverView,
    data: { action: '/recover', backUrl: '/account' },
    shown: {
      ...(again && refusal(ctx, again.error)),
      values: { identifier: again?.identifier ?? '' },
    },
  });
}

/** Mails the link; the page is the same for everyone. */
export async function submitRecoverStart(
  deps: InteractionDeps,
  ctx: EdgeContext,
  identifier: string,
): Promise<void> {
  await orAgain(
    async () => {
      const email = requireEmail(identifier, 'identifier');
      const place = await placeOf(deps, ctx);
      await mailRecovery(deps, { ctx, place }, { email, binding: bindingOf(ctx, email) });
      redirect(ctx, '/recover/sent');
    },
    (error) => showRecoverStart(deps, ctx, { error, identifier: identifier.slice(0, 254) }),
  );
}

/** One live link per browser and address, so that nobody can end another's by asking for one. */
function bindingOf(ctx: EdgeContext, email: string): string {
  return digest(`recover:${ctx.state.visit.deviceId ?? ''}:${email}`);
}

/** The member of a link, unless their account has changed since the link was mailed. */
async function stillGood(deps: InteractionDeps, link: ProvenChallenge): Promise<Member | undefined> {
  try {
    return await memberToRecover(deps, { memberId: link.memberId, epoch: Number(link.subject.epoch) });
  } catch {
    return undefined;
  }
}

/** Says that the mail is on its way. */
export async function showRecoverSent(deps: InteractionDeps, ctx: EdgeContext): Promise<void> {
  const place = await placeOf(deps, ctx, '/recover/sent');
  const data = {
    purpose: 'recover' as const,
    step: { kind: 'other-device' as const, appName: place.client?.name },
  };
  deps.pages.show(ctx, place, { view: confirmLinkView, data });
}

/** The page a recovery link opens: a new password, and nothing spent yet. */
export async function showRecoverLink(
  deps: InteractionDeps,
  ctx: EdgeContext,
  link: { token: string; error?: DomainError },
): Promise<void> {
  const proven = await deps.challenges.peekLink({ purpose: 'recover', token: link.token });
  const member = proven && (await stillGood(deps, proven));
  if (!member) throw new DomainError('link.invalid');
  const place = await placeOf(deps, ctx);
  deps.pages.show(ctx, place, {
    view: newPasswordView,
    data: {
      action: `/recover/link?t=${encodeURIComponent(link.token)}`,
      identifier: String(proven.subject.email ?? ''),
      rules: shownPasswordRules(deps, place, member),
    },
    ...(link.error && { shown: refusal(ctx, link.error) }),
  });
}

/** Spends the link and replaces the password; the member signs in anew afterwards. */
export async function submitRecoverLink(
  deps: InteractionDeps,
  ctx: EdgeContext,
  form: { token: string; password: string },
): Promise<void> {
  await orAgain(
    async () => {
      const seen = await deps.challenges.peekLink({ purpose: 'recover', token: form.token });
      const member = seen && (await stillGood(deps, seen));
      if (!member) throw new DomainError('link.invalid');
      const place = await placeOf(deps, ctx);
      const email = String(seen?.subject.email ?? '');
      // The link is spent last of all checks, so that a weak password does not cost the person another mail.
      await setRecoveredPassword(deps, { ctx, place }, { member, password: form.password, email }, () =>
        deps.challenges.redeemLink({ purpose: 'recover', token: form.token }),
      );
      deps.journeys.note({ kind: 'recover', method: 'password', ...shapeOf({ ctx, place }) });
      redirect(ctx, '/account');
    },
    (error) => showRecoverLink(deps, ctx, { token: form.token, error }),
  );
}
