/** `symbolon outbox`: durable work that waits or was given up. */
import { outboxState, retryDead } from '../../base/db/outbox-state.ts';
import { type Answer, span } from './answer.ts';
import type { World } from './world.ts';

/**
 * How the outbox stands.
 * @param world the rest
 */
export function showOutbox(world: World): Promise<Answer> {
  return world.withDatabase(async (db) => {
    const state = await outboxState(db.main, world.clock);
    const dead = Object.entries(state.dead).map(([kind, count]) => `${count} of ${kind}`);
    const text = [
      state.oldestDueSeconds > 0
        ? `${state.waiting} waiting, the oldest due one for ${span(state.oldestDueSeconds)}.`
        : `${state.waiting} waiting, none overdue.`,
      dead.length === 0
        ? 'None was given up.'
        : `Given up: ${dead.join(', ')}. "symbolon outbox retry" tries them again.`,
    ].join('\n');
    return { text, data: state };
  });
}

/**
 * Makes what was given up due again; the running issuer does it.
 * @param world the rest
 */
export function retryOutbox(world: World): Promise<Answer> {
  return world.withDatabase(async (db) => {
    const retried = await retryDead(db.main, world.clock);
    const text =
      retried === 0 ? 'Nothing was given up.' : `${retried} will be tried again by the running issuer.`;
    return { text, data: { retried } };
  });
}
