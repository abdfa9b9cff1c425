/** Decisions on legal texts: recorded with the exact text, withdrawn as easily as given (GDPR Art. 7). */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { LegalText } from '../../business/purposes/purposes.ts';
import type { Decision, DecisionsMade } from './consents.ts';
import { evidenceOf, type Ledger } from './ledger.ts';
import type { Channel, DecisionKind } from './model.ts';

/** What decisions are made of. */
export interface DecisionsDeps {
  db: Database;
  events: Events;
  ledger: Ledger;
}

/**
 * Appends decisions, each with its event, in the caller's transaction.
 * @param deps events, ledger
 * @param tx the caller's transaction
 * @param made who decided what
 * @throws DomainError `input.invalid` when a decision would be no evidence
 */
export async function recordDecisions(deps: DecisionsDeps, tx: Tx, made: DecisionsMade): Promise<void> {
  if (made.decisions.length === 0) return;
  for (const decision of made.decisions) refuseMismatch(decision);
  const { memberId, home, visit } = made;
  await deps.ledger.append(
    tx,
    made,
    made.decisions.map(({ text, kind }) => ({
      subject: 'purpose',
      subjectId: text.id,
      kind,
      textHash: text.hash,
      lawfulBasis: text.lawfulBasis,
      jurisdiction: text.jurisdiction,
      version: text.version,
      language: text.language,
    })),
  );
  for (const { text, kind } of made.decisions) {
    const data = { purpose: text.id, version: text.version, kind };
    await deps.events.record(tx, { type: 'consent.recorded', memberId, home, visit, data });
  }
}

/**
 * Takes a given purpose back; nothing happens when it is not given at present.
 * @param deps databases, events, ledger
 * @param member the member's id and the purpose's
 * @param visit from where
 * @param channel how
 * @returns whether anything was withdrawn
 * @throws DomainError `consent.not_withdrawable` for terms and notices
 */
export function withdrawPurpose(
  deps: DecisionsDeps,
  subject: { memberId: string; purposeId: string },
  visit: Visit,
  channel: Channel,
): Promise<boolean> {
  return inTransaction(deps.db, (tx) => withdrawWithin(deps, tx, subject, { visit, channel }));
}

/**
 * Takes a given purpose back in the caller's transaction.
 * @param deps events, ledger
 * @param tx the caller's transaction
 * @param subject the member's id and the purpose's
 * @param how from where, by which channel
 * @returns whether anything was withdrawn
 * @throws DomainError `consent.not_withdrawable` for terms and notices
 */
export async function withdrawWithin(
  deps: DecisionsDeps,
  tx: Tx,
  { memberId, purposeId }: { memberId: string; purposeId: string },
  { visit, channel }: { visit: Visit; channel: Channel },
): Promise<boolean> {
  const standing = await deps.ledger.standing(memberId, tx);
  const given = standing?.purposes.find((purpose) => purpose.purposeId === purposeId);
  if (given?.kind === 'accepted' || given?.kind === 'acknowledged')
    throw new DomainError('consent.not_withdrawable');
  if (!standing || given?.kind !== 'given') return false;
  const { home } = standing;
  await deps.ledger.append(tx, { memberId, home, visit, channel }, [
    { subject: 'purpose', subjectId: purposeId, kind: 'withdrawn', ...evidenceOf(given) },
  ]);
  const data = { purpose: purposeId, version: given.version, kind: 'withdrawn' };
  await deps.events.record(tx, { type: 'consent.recorded', memberId, home, visit, data });
  return true;
}

/** The kinds of decision each kind of text allows; types say it too, but evidence must not rest on types alone. */
const allowedKinds: Readonly<Record<LegalText['kind'], readonly DecisionKind[]>> = {
  terms: ['accepted'],
  notice: ['acknowledged'],
  purpose: ['given', 'refused'],
};

function refuseMismatch({ text, kind }: Decision): void {
  const exact = text.hash && text.version && text.language && text.jurisdiction && text.lawfulBasis;
  if (!exact || !allowedKinds[text.kind].includes(kind)) throw new DomainError('input.invalid');
}
