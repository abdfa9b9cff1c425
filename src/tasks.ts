/** Durable work that joins modules of different layers: what a security change or a withdrawal owes afterwards. */
import { z } from 'zod';
import type { Database } from './base/db/connection.ts';
import type { Outbox } from './base/db/outbox.ts';
import { inTransaction } from './base/db/transaction.ts';
import { type EventType, eventCatalogue } from './base/events/catalogue.ts';
import type { EventData, Events } from './base/events/record.ts';
import type { Visit } from './base/kernel/visit.ts';
import { systemVisit } from './base/kernel/visit.ts';
import { clientEnded } from './business/clients/registrations.ts';
import type { Members } from './people/members/members.ts';
import { answerSchema, backchannelAnswer, backchannelPing } from './protocol/oidc/backchannel-requests.ts';
import type { Oidc } from './protocol/oidc/oidc.ts';
import { signedOut, signOutEverywhere, signOutNotices } from './protocol/oidc/sign-out.ts';
import { noteEvent } from './surfaces/interactions/complete.ts';

/** Outbox kind: end what a member's revoked grant had issued to a client. */
export const endAccess = 'end-access';

/** What the tasks are made of. */
export interface TaskDeps {
  outbox: Outbox;
  oidc: Oidc;
  events: Events;
  db: Database;
  members: Members;
}

const everywhere = z.object({ memberId: z.string(), epoch: z.number(), kept: z.string().optional() });
const access = z.object({ memberId: z.string(), clientId: z.string() });
const client = z.object({ clientId: z.string() });
const visit = z.custom<Visit>((value) => typeof value === 'object' && value !== null);
const noted = z.object({
  type: z.custom<EventType>((value) => typeof value === 'string' && value in eventCatalogue),
  memberId: z.string().optional(),
  visit,
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const ended = z.object({
  memberId: z.string(),
  everywhere: z.boolean(),
  notices: z.array(z.record(z.string(), z.unknown())),
  visit,
});

/**
 * Registers the handlers.
 * @param deps outbox, protocol, events, databases
 */
export function registerTasks({ outbox, oidc, events, db, members }: TaskDeps): void {
  /** A fact about nobody leaves no trace: it was noted only so that known and unknown cost the same. */
  const note = async (fact: {
    type: EventType;
    memberId: string | undefined;
    visit: Visit;
    data?: EventData;
  }) => {
    const member = fact.memberId ? await members.get(fact.memberId) : undefined;
    if (!member) return;
    const { type, visit: of, data } = fact;
    await inTransaction(db, (tx) =>
      events.record(tx, { type, memberId: member._id, home: member.home, visit: of, ...(data && { data }) }),
    );
  };
  /** The notices of one piece of work; run again, it adds them no second time. */
  const owe = async (taskId: string, notices: unknown[]) => {
    if (notices.length === 0) return;
    await outbox.add({ id: `${taskId}.notices`, kind: signOutNotices, payload: { notices } });
  };
  outbox.handle(clientEnded, (payload) => oidc.sessions.endClient(client.parse(payload).clientId));
  outbox.handle(signOutEverywhere, (payload, { id }) =>
    oidc.sessions.sweep(everywhere.parse(payload), (notices) => owe(id, notices)),
  );
  outbox.handle(endAccess, async (payload) => {
    const { memberId, clientId } = access.parse(payload);
    await oidc.sessions.endGrants(memberId, clientId);
  });
  outbox.handle(noteEvent, async (payload) => {
    const { type, memberId, visit: of, data } = noted.parse(payload);
    await note({ type, memberId, visit: of, ...(data && { data }) });
  });
  outbox.handle(signedOut, async (payload, { id }) => {
    const { memberId, everywhere: all, notices, visit: of } = ended.parse(payload);
    await owe(id, notices);
    await note({ type: 'member.signed_out', memberId, visit: of, data: { everywhere: all } });
  });
  outbox.handle(backchannelAnswer, async (payload, { id }) => {
    const answer = answerSchema.parse(payload);
    if (!(await oidc.backchannelRequests.settle(answer))) return;
    const { clientId } = answer;
    await outbox.add({
      id: `${id}.ping`,
      kind: backchannelPing,
      lane: clientId,
      payload: { request: answer.id, clientId },
    });
  });
  outbox.handle('breach-check-unavailable', async (_payload, { id }) => {
    await inTransaction(db, (tx) =>
      events.record(tx, { type: 'password.breach_check_unavailable', visit: systemVisit(id) }),
    );
  });
}
