/** Payments with points that members allow or refuse, each for itself: evidence, and nothing that stays in force. */
import type { Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { ConsentsDeps, RedemptionDecided } from './consents.ts';
import type { Ledger } from './ledger.ts';

/** What decisions on payments are made of. */
export interface RedemptionsDeps extends Pick<ConsentsDeps, 'experiences'> {
  events: Events;
  ledger: Ledger;
}

/**
 * Appends a decision with the hash of the sentence that was shown, and its event, in the caller's transaction.
 * @param deps events, ledger, and what knows legal areas
 * @param tx the caller's transaction
 * @param decided who decided what
 */
export async function recordRedemption(
  deps: RedemptionsDeps,
  tx: Tx,
  decided: RedemptionDecided,
): Promise<void> {
  const { memberId, home, clientId, decision, amount, visit } = decided;
  await deps.ledger.append(tx, { memberId, home, visit, channel: 'web' }, [
    {
      subject: 'redemption',
      subjectId: clientId,
      kind: decision,
      // The member asks for it: it is done to perform the contract (GDPR Art. 6(1)(b)).
      lawfulBasis: 'b',
      jurisdiction: deps.experiences.experienceFor(visit).jurisdiction,
      version: 'wording',
      textHash: digest(decided.wording),
      language: visit.locale,
      amount,
    },
  ]);
  const data = { client: clientId, decision, amount, payee: digest(decided.payee) };
  await deps.events.record(tx, { type: 'redemption.decided', memberId, home, visit, data });
}
