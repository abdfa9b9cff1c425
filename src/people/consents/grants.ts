/** Access that members allow clients: recorded and taken back like any other consent. */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ConsentsDeps, GrantMade } from './consents.ts';
import { evidenceOf, type Ledger } from './ledger.ts';
import type { Channel } from './model.ts';

/** What grants are made of. */
export interface GrantsDeps extends Pick<ConsentsDeps, 'experiences' | 'grantWording' | 'onGrantRevoked'> {
  db: Database;
  events: Events;
  ledger: Ledger;
}

/**
 * Appends that a client was allowed access, with the hash of the words that were shown, in the caller's transaction.
 * @param deps events, ledger, and what knows words and legal areas
 * @param tx the caller's transaction
 * @param made who allowed what to whom
 */
export async function recordGrant(deps: GrantsDeps, tx: Tx, made: GrantMade): Promise<void> {
  const { memberId, home, clientId, visit } = made;
  const scopes = [...new Set(made.scopes)].sort();
  const claims = [...new Set(made.claims)].sort();
  const { jurisdiction, settings } = deps.experiences.experienceFor(visit);
  const wording = deps.grantWording({
    clientId,
    scopes,
    claims,
    locale: visit.locale,
    settings,
  });
  await deps.ledger.append(tx, { memberId, home, visit, channel: made.channel ?? 'web' }, [
    {
      subject: 'grant',
      subjectId: clientId,
      kind: 'given',
      lawfulBasis: 'a',
      jurisdiction,
      version: 'wording',
      textHash: digest(wording),
      language: visit.locale,
      scopes,
      ...(claims.length > 0 && { claims }),
      resources: (made.resources ?? []).map(({ resource, scopes: at }) => ({ resource, scopes: [...at] })),
    },
  ]);
  const data = { client: clientId, scopes: scopes.join(' ') };
  await deps.events.record(tx, { type: 'grant.allowed', memberId, home, visit, data });
}

/**
 * Takes a client's access back and lets the protocol end what it had issued, in one transaction.
 * @param deps databases, events, ledger, and what ends tokens
 * @param grant the member's id and the client's
 * @param visit from where
 * @param channel how
 * @returns whether the client had access
 */
export function revokeGrant(
  deps: GrantsDeps,
  { memberId, clientId }: { memberId: string; clientId: string },
  visit: Visit,
  channel: Channel,
): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    const standing = await deps.ledger.standing(memberId, tx);
    const grant = standing?.grants.find((candidate) => candidate.clientId === clientId);
    if (!standing || !grant) return false;
    const { home } = standing;
    const given = await deps.ledger.row(grant.decisionId, tx);
    if (!given) throw new Error('a grant without its decision');
    await deps.ledger.append(tx, { memberId, home, visit, channel }, [
      {
        subject: 'grant',
        subjectId: clientId,
        kind: 'withdrawn',
        ...evidenceOf(given),
        scopes: grant.scopes,
        ...(grant.claims && { claims: grant.claims }),
        resources: grant.resources,
      },
    ]);
    await deps.events.record(tx, {
      type: 'grant.revoked',
      memberId,
      home,
      visit,
      data: { client: clientId },
    });
    await deps.onGrantRevoked(tx, { memberId, home, clientId });
    return true;
  });
}
