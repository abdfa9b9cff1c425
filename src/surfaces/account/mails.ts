/** Mails that tell a member about a change of their own account, in their own language. */
import type { Tx } from '../../base/db/transaction.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { profileOf } from './visitor.ts';
import { deviceWords, placeWords, wordsAt } from './words.ts';

/** Which change, and the upstream it is about. */
export type AccountMail =
  | { template: 'password-changed' }
  | { template: 'upstream-linked' | 'upstream-unlinked'; upstreamName: string };

/**
 * Puts the mail into the outbox, in the transaction of the change it tells of.
 * @param deps modules
 * @param tx the transaction
 * @param here who, where from
 * @param mail what happened
 */
export async function mailMember(deps: AccountDeps, tx: Tx, here: Here, mail: AccountMail): Promise<void> {
  const { email } = await profileOf(deps, here);
  if (!email) return;
  const { locale } = here.member;
  const words = wordsAt(deps, here.place);
  const facts = {
    at: dateOf(deps.clock).toISOString(),
    device: deviceWords(words, locale, here.visit.userAgent),
    place: placeWords(words, locale, here.visit.ip),
    notMeUrl: `${deps.issuer}/recover`,
  };
  const to = { to: email, locale, brand: here.place.experience.mailBrand };
  if (mail.template === 'password-changed') {
    await deps.mailer.enqueue(tx, { template: mail.template, ...to, data: facts });
  } else {
    const data = { ...facts, upstreamName: mail.upstreamName };
    await deps.mailer.enqueue(tx, { template: mail.template, ...to, data });
  }
}
