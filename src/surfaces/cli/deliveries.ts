/** `symbolon deliveries`: which relying party was told of which sign-out, and telling it again. */
import { createDeliveries, type Delivery, retentionDays } from '../../protocol/deliveries/deliveries.ts';
import { type DeliveryState, deliveryStates } from '../../protocol/deliveries/model.ts';
import { type Answer, InputFaults, Refusal, span, table } from './answer.ts';
import type { World } from './world.ts';

/** What to list, as commander reads it. */
export interface DeliveryOptions {
  client?: string;
  state?: string;
}

/** A list that is longer says so; an operator narrows it down. */
const longest = 200;

/**
 * The deliveries of logout notices, newest first.
 * @param world the rest
 * @param options only those of one client, or in one state
 * @throws InputFaults for a state that does not exist
 */
export function listDeliveries(world: World, options: DeliveryOptions): Promise<Answer> {
  const state = stateOf(options.state);
  return world.withDatabase(async (db) => {
    const records = createDeliveries({ connection: db.main, clock: world.clock });
    const found = await records.list({ client: options.client, state, limit: longest + 1 });
    const shown = found.slice(0, longest);
    const rows = shown.map((delivery) => row(delivery, world.clock.now()));
    const lines =
      shown.length === 0
        ? [`None. A delivery is kept for ${retentionDays} days.`]
        : [table(['delivery', 'client', 'state', 'tries', 'answer', 'age'], rows)];
    if (found.length > longest)
      lines.push('', `Only the newest ${longest} are shown; --client and --state narrow them down.`);
    return { text: lines.join('\n'), data: { deliveries: shown, complete: found.length <= longest } };
  });
}

/**
 * Makes a delivery that failed or was refused due again; the running issuer does it.
 * @param world the rest
 * @param id the delivery
 * @throws Refusal
 */
export function retryDelivery(world: World, id: string): Promise<Answer> {
  return world.withDatabase(async (db) => {
    const result = await createDeliveries({ connection: db.main, clock: world.clock }).retry(id);
    const refusal = refusals[result];
    if (refusal) throw new Refusal(refusal);
    return { text: `${id} will be tried again by the running issuer.`, data: { delivery: id, state: 'due' } };
  });
}

const refusals: Partial<Record<string, string>> = {
  unknown: 'There is no delivery with this id. "symbolon deliveries list" shows all of them.',
  settled: 'Only a delivery that failed or was refused can be tried again.',
  forgotten: 'The notice of this delivery is not kept any more: a refused one can be tried again for a day.',
};

function stateOf(value: string | undefined): DeliveryState | undefined {
  if (value === undefined) return undefined;
  const known = deliveryStates.find((state) => state === value);
  if (!known) throw new InputFaults([`--state: "${value}" is none; there are ${deliveryStates.join(', ')}`]);
  return known;
}

function row({ id, client, state, attempts, status, code, createdAt }: Delivery, now: number): string[] {
  const answer = String(status ?? code ?? '-');
  return [id, client, state, String(attempts), answer, span(Math.max(0, (now - createdAt.getTime()) / 1000))];
}
