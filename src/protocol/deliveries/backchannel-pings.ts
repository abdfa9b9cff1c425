/**
 * Pings: telling a client that its backchannel request has been answered (CIBA section 10.2). Each is posted until it
 * is taken or the request has run out, never inside a member's request. What the answer was is not said; the client
 * fetches it at the token endpoint.
 */
import { z } from 'zod';
import type { Outbox, OutboxAttempt } from '../../base/db/outbox.ts';
import { isStorageUnavailable } from '../../base/db/storage-errors.ts';
import { type Outbound, OutboundError } from '../../base/http/outbound.ts';
import type { Metrics } from '../../base/observability/metrics.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { type BackchannelRequests, backchannelPing } from '../oidc/backchannel-requests.ts';
import type { Deliveries, DeliveryOutcome } from './deliveries.ts';

const pingSchema = z.object({ request: z.string(), clientId: z.string() });

/** What the delivery is made of. */
export interface BackchannelPingDeps {
  outbox: Pick<Outbox, 'handle'>;
  outbound: Pick<Outbound, 'fetch'>;
  requests: Pick<BackchannelRequests, 'notification'>;
  deliveries: Pick<Deliveries, 'stateOf' | 'note'>;
  metrics: Pick<Metrics, 'delivery'>;
  findClient(clientId: string): Promise<ClientRecord | undefined>;
}

/**
 * Registers the handler that delivers pings.
 * @param deps outbox, safe outbound requests, requests, delivery records, metrics
 */
export function deliverBackchannelPings(deps: BackchannelPingDeps): void {
  const { outbox, deliveries, metrics } = deps;
  outbox.handle(backchannelPing, async (payload, { id, last }: OutboxAttempt) => {
    // Delivered before, but the process died before the task was ticked off.
    if ((await deliveries.stateOf(id)) === 'delivered') return;
    const ping = pingSchema.parse(payload);
    const { cause, ...tried } = await post(deps, ping);
    const outcome: DeliveryOutcome = tried.state === 'due' && last ? { ...tried, state: 'failed' } : tried;
    await deliveries.note(id, ping.clientId, outcome);
    metrics.delivery(outcome.state === 'due' ? 'again' : outcome.state);
    if (tried.state === 'due')
      throw new Error(`${ping.clientId} did not take the ping: ${tried.status ?? tried.code}`, { cause });
  });
}

/** Worth another try although the client says it is its own fault: it may be over soon. */
const passing = new Set([408, 425, 429]);

/** One try. Nothing is sent once the request has run out or was fetched without the ping. */
async function post(
  deps: BackchannelPingDeps,
  { request, clientId }: z.output<typeof pingSchema>,
): Promise<DeliveryOutcome & { cause?: unknown }> {
  const client = await deps.findClient(clientId);
  const endpoint = client?.metadata.backchannel_client_notification_endpoint;
  if (!endpoint) return { state: 'dropped', code: client ? 'client_silent' : 'client_gone' };
  const notification = await deps.requests.notification(request);
  if (!notification) return { state: 'dropped', code: 'request_over' };
  try {
    const { status } = await deps.outbound.fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${notification.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ auth_req_id: notification.authReqId }),
    });
    if (status >= 200 && status < 300) return { state: 'delivered', status };
    const forGood = status >= 400 && status < 500 && !passing.has(status);
    return { state: forGood ? 'refused' : 'due', status };
  } catch (cause) {
    if (isStorageUnavailable(cause)) throw cause;
    return { state: 'due', code: cause instanceof OutboundError ? cause.reason : 'network', cause };
  }
}
