/** Durable work that joins modules of different layers: what a security change or a withdrawal owes afterwards. */
import { z } from 'zod';
import type { Database } from './base/db/connection.ts';
import type { Outbox } from './base/db/outbox.ts';
import { inTransaction } from './base/db/transaction.ts';
import type { Events } from './base/events/record.ts';
import type { Visit } from './base/kernel/visit.ts';
import { systemVisit } from './base/kernel/visit.ts';
import { type Oidc, signOutNotices } from './protocol/oidc/oidc.ts';

/** Outbox kind: end what a member's revoked grant had issued to a client. */
export const endAccess = 'end-access';

/** What the tasks are made of. */
export interface TaskDeps {
  outbox: Outbox;
  oidc: Oidc;
  events: Events;
  db: Database;
}

const everywhere = z.object({ memberId: z.string(), epoch: z.number(), kept: z.string().optional() });
const access = z.object({ memberId: z.string(), clientId: z.string() });
const failure = z.object({
  memberId: z.string(),
  home: z.string(),
  visit: z.custom<Visit>((value) => typeof value === 'object' && value !== null),
});

/**
 * Registers the handlers.
 * @param deps outbox, protocol, events, databases
 */
export function registerTasks({ outbox, oidc, events, db }: TaskDeps): void {
  outbox.handle('sign-out-everywhere', async (payload) => {
    const { memberId, epoch, kept } = everywhere.parse(payload);
    const notices = await oidc.sessions.sweep(memberId, epoch, kept);
    if (notices.length > 0) await outbox.add({ kind: signOutNotices, payload: { notices } });
  });
  outbox.handle(endAccess, async (payload) => {
    const { memberId, clientId } = access.parse(payload);
    await oidc.sessions.endGrants(memberId, clientId);
  });
  outbox.handle('sign-in-failed', async (payload) => {
    const { memberId, home, visit } = failure.parse(payload);
    await inTransaction(db, (tx) =>
      events.record(tx, {
        type: 'member.sign_in_failed',
        memberId,
        home,
        visit,
        data: { method: 'password' },
      }),
    );
  });
  outbox.handle('breach-check-unavailable', async (_payload, { id }) => {
    await inTransaction(db, (tx) =>
      events.record(tx, { type: 'password.breach_check_unavailable', visit: systemVisit(id) }),
    );
  });
}
