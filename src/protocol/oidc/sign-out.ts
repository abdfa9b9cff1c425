/**
 * Signing out as other modules ask for it: everything of a member by one verb, or chosen sessions, each with the
 * durable work that is owed afterwards. It decides nothing about who may ask.
 */
import type { Database } from '../../base/db/connection.ts';
import type { Outbox } from '../../base/db/outbox.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Members } from '../../people/members/members.ts';
import type { SessionInfo, Sessions } from './sessions.ts';

/** Outbox kind: sweep what a raised epoch has outdated, and tell the relying parties. */
export const signOutEverywhere = 'sign-out-everywhere';

/** Outbox kind of the notices one sign-out owes. */
export const signOutNotices = 'sign-out-notices';

/** Outbox kind of a sign-out a member asked for: its event, and the notices it owes. */
export const signedOut = 'signed-out';

/**
 * Ends everything that was issued to a member (sessions, grants, tokens) with the commit, and owes every relying
 * party of a session a notice. A new password, a lock, an erasure and "sign out everywhere" all mean this.
 * @param deps members, outbox
 * @param tx the transaction of the change that asks for it
 * @param whose the member; `kept` is the uid of a session that the request is about to renew
 * @returns the new security epoch
 */
export async function endEverything(
  deps: { members: Pick<Members, 'raiseEpoch'>; outbox: Pick<Outbox, 'add'> },
  tx: Tx,
  whose: { memberId: string; kept?: string },
): Promise<number> {
  const epoch = await deps.members.raiseEpoch(tx, whose.memberId);
  await deps.outbox.add({ kind: signOutEverywhere, payload: { ...whose, epoch } }, tx);
  return epoch;
}

/** What ending chosen sessions needs. */
export interface EndSessionsDeps {
  db: Database;
  events: Events;
  outbox: Pick<Outbox, 'add'>;
  sessions: Pick<Sessions, 'end'>;
}

/**
 * Ends chosen sessions of a member: they are dead when this returns, the event is recorded, and the relying parties
 * are told through the outbox. Without any chosen session nothing happens.
 * @param deps databases, events, outbox, sessions
 * @param asked whose sessions, which of them, and who asks
 * @returns how many were ended
 */
export async function endSessions(
  deps: EndSessionsDeps,
  asked: {
    member: { _id: string; home: string };
    visit: Visit;
    scope: 'one' | 'others';
    choose: (session: SessionInfo) => boolean;
  },
): Promise<number> {
  const { member, visit, scope } = asked;
  let count = 0;
  await deps.sessions.end(member._id, asked.choose, async (notices, ended) => {
    count = ended.length;
    await inTransaction(deps.db, async (tx) => {
      await deps.events.record(tx, {
        type: 'session.revoked',
        memberId: member._id,
        home: member.home,
        visit,
        data: { scope },
      });
      if (notices.length > 0) await deps.outbox.add({ kind: signOutNotices, payload: { notices } }, tx);
    });
  });
  return count;
}
