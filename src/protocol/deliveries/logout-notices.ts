/**
 * Delivery of logout notices: what one sign-out owes is split into one task per relying party, and each is posted
 * until it is taken, with a fresh token at each attempt (OpenID Connect Back-Channel Logout 1.0). It never runs
 * inside a member's request and decides nothing about sessions; how each delivery stands is in the delivery records.
 */
import { z } from 'zod';
import type { Database } from '../../base/db/connection.ts';
import type { Outbox, OutboxAttempt } from '../../base/db/outbox.ts';
import { isStorageUnavailable } from '../../base/db/storage-errors.ts';
import { inTransaction, isDuplicateKey } from '../../base/db/transaction.ts';
import { type Outbound, OutboundError } from '../../base/http/outbound.ts';
import type { Metrics } from '../../base/observability/metrics.ts';
import type { LogoutTokens } from '../oidc/logout-tokens.ts';
import { signOutNotices } from '../oidc/sign-out.ts';
import type { Deliveries, DeliveryOutcome } from './deliveries.ts';

/** Outbox kind of one notice to one relying party. */
const logoutNotice = 'logout-notice';

const noticeSchema = z
  .object({ clientId: z.string(), memberId: z.string(), sid: z.string().optional() })
  .transform(({ sid, ...notice }) => ({ ...notice, sid }));
const noticesSchema = z.object({ notices: z.array(noticeSchema) });
type Notice = z.output<typeof noticeSchema>;

/** What the delivery is made of. */
export interface LogoutNoticeDeps {
  db: Database;
  outbox: Outbox;
  outbound: Outbound;
  tokens: LogoutTokens;
  deliveries: Deliveries;
  metrics: Pick<Metrics, 'delivery'>;
}

/**
 * Registers the handlers that deliver logout notices.
 * @param deps databases, outbox, safe outbound requests, logout tokens, delivery records, metrics
 */
export function deliverLogoutNotices(deps: LogoutNoticeDeps): void {
  const { outbox, deliveries, metrics } = deps;
  outbox.handle(signOutNotices, (payload, { id }) => split(deps, noticesSchema.parse(payload).notices, id));
  outbox.handle(logoutNotice, async (payload, { id, last }: OutboxAttempt) => {
    // Delivered before, but the process died before the task was ticked off.
    if ((await deliveries.stateOf(id)) === 'delivered') return;
    const notice = noticeSchema.parse(payload);
    const { cause, ...tried } = await post(deps, notice);
    const outcome: DeliveryOutcome = tried.state === 'due' && last ? { ...tried, state: 'failed' } : tried;
    await deliveries.note(id, notice.clientId, outcome);
    metrics.delivery(outcome.state === 'due' ? 'again' : outcome.state);
    if (tried.state === 'due') {
      const answer = tried.status ?? tried.code;
      throw new Error(`${notice.clientId} did not take the logout notice: ${answer}`, { cause });
    }
  });
}

/** One task and one record for each notice, all or none: run again, it finds them and adds nothing. */
async function split(deps: LogoutNoticeDeps, notices: readonly Notice[], taskId: string): Promise<void> {
  const owed: { id: string; notice: Notice }[] = [];
  for (const [index, notice] of notices.entries()) {
    if (!(await deps.tokens.isSilent(notice.clientId))) owed.push({ id: `${taskId}.${index}`, notice });
  }
  if (owed.length === 0) return;
  try {
    await inTransaction(deps.db, async (tx) => {
      await deps.deliveries.owe(
        tx,
        owed.map(({ id, notice }) => ({ id, client: notice.clientId })),
      );
      await deps.outbox.addAll(
        owed.map(({ id, notice }) => ({ id, kind: logoutNotice, lane: notice.clientId, payload: notice })),
        tx,
      );
    });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** One try with a fresh token. 400 refuses for good; anything else but success is worth another try. */
async function post(deps: LogoutNoticeDeps, notice: Notice): Promise<DeliveryOutcome & { cause?: unknown }> {
  try {
    const addressed = await deps.tokens.make(notice);
    if (addressed.token === undefined) return { state: 'dropped', code: addressed.reason };
    const { status } = await deps.outbound.fetch(addressed.uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: addressed.token }).toString(),
    });
    if (status >= 200 && status < 300) return { state: 'delivered', status };
    return { state: status === 400 ? 'refused' : 'due', status };
  } catch (cause) {
    if (isStorageUnavailable(cause)) throw cause;
    return { state: 'due', code: cause instanceof OutboundError ? cause.reason : 'token', cause };
  }
}
