/**
 * The link in a registration's mail. It proves the address only in the browser that registered: a stranger who
 * registers with somebody else's address must not be let in by that person's click. Looking changes nothing.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { type Open, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { openUnlessFinished, showFinished } from './finished.ts';
import { finishRegistration } from './register.ts';
import { confirmLinkView } from './views.ts';

/** In the browser that registered: a button. Anywhere else: where to type the code. */
export async function showConfirm(
  deps: InteractionDeps,
  ctx: EdgeContext,
  link: { uid: string; token: string },
): Promise<void> {
  const proven = await deps.challenges.peekLink({ purpose: 'verify', token: link.token });
  const open = await tryOpen(deps, ctx, link.uid);
  if (open === 'finished') return;
  if (!proven) throw new DomainError('link.invalid');
  if (open && open.binding === proven.binding) {
    const step = { kind: 'confirm' as const, action: `${open.base}/confirm`, token: link.token };
    showStep(deps, open, { view: confirmLinkView, data: { purpose: 'verify', step } });
    return;
  }
  const client = await deps.lastClient.recall(ctx);
  const place = deps.pages.place(ctx, { client, scope: '' });
  const step = { kind: 'other-device' as const, appName: client?.name };
  deps.pages.show(ctx, place, { view: confirmLinkView, data: { purpose: 'verify', step } });
}

/** The interaction, where this is the browser it began in; whoever has finished it there is told so. */
async function tryOpen(
  deps: InteractionDeps,
  ctx: EdgeContext,
  uid: string,
): Promise<Open | 'finished' | undefined> {
  try {
    const open = await openUnlessFinished(deps, ctx, uid, (client) => showFinished(deps, ctx, client));
    return open ?? 'finished';
  } catch (error) {
    if (error instanceof DomainError && error.code === 'interaction.unknown') return undefined;
    throw error;
  }
}

/** Spends the link and makes the member. */
export async function submitConfirm(deps: InteractionDeps, open: Open, token: string): Promise<void> {
  const seen = await deps.challenges.peekLink({ purpose: 'verify', token });
  if (seen?.binding !== open.binding) throw new DomainError('link.invalid');
  const proven = await deps.challenges.redeemLink({ purpose: 'verify', token });
  await finishRegistration(deps, open, String(proven.subject.registration));
}
