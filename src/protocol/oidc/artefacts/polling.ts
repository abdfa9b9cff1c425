/**
 * Polling of the token endpoint (RFC 8628 section 3.5, CIBA section 11): a poll reads and counts in one command, so
 * that "too fast" is the same for every process. It never judges expiry, and what is decided is not held back.
 */
import { Provider } from 'oidc-provider';
import type { AdapterDeps } from './rules.ts';
import { currentUnit } from './unit.ts';

/** Seconds a client must leave between polls, and by how many more each poll that came too fast. */
export const pollInterval = 5;

/** A timer set to the interval comes a little early now and then. */
const earlyMs = 500;

/**
 * Counts a poll of the token endpoint and reads the artefact with it, while nobody has decided; what is decided is
 * read again, with grant and member. An artefact of another client is as if it did not exist.
 * @param _id the artefact's `_id`; it was stored with an `interval`
 * @param deps store and clock
 * @returns whether the client polls too fast; false outside the token endpoint
 */
export async function countPoll(_id: string, deps: Pick<AdapterDeps, 'store' | 'clock'>): Promise<boolean> {
  const { oidc } = Provider.ctx ?? {};
  const client = oidc?.client?.clientId;
  if (oidc?.route !== 'token' || !client || currentUnit().asked(_id)) return false;
  const now = deps.clock.now();
  const waited = { $subtract: [now, '$polledAt'] };
  const asked = { $subtract: [{ $multiply: ['$interval', 1000] }, earlyMs] };
  const early = {
    $and: [{ $ne: ['$decided', true] }, { $gt: ['$polledAt', 0] }, { $lt: [waited, asked] }],
  };
  const interval = { $cond: [early, { $add: ['$interval', pollInterval] }, '$interval'] };
  const polled = await deps.store.change({ _id, client }, [{ $set: { polledAt: now, early, interval } }]);
  if (!polled?.decided) currentUnit().know(_id, polled);
  return polled?.early === true;
}
