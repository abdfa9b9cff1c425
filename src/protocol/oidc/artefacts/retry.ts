/**
 * The retry of a refresh: an app on a bad network may have missed the answer, and asks again with the token that was
 * rotated. It may, for as long as its client's leeway says and nobody has used the successor; then the successor dies
 * and another takes its place, so that of one family one token lives. Anything else is a stolen token
 * (RFC 9700 section 4.14.2), and the family ends: also when a successor that made room is brought later, since whoever
 * asked again said that it had never come.
 */
import { errors } from 'oidc-provider';
import { epochSeconds } from '../../../base/kernel/clock.ts';
import type { Artefact } from './model.ts';
import type { AdapterDeps } from './rules.ts';
import { currentUnit } from './unit.ts';

/**
 * Whether a spent artefact may be presented once more.
 * @param spent a refresh token as stored; of any other kind the answer is no
 * @param deps clock, leeway of clients
 * @throws InvalidGrant when another retry is under way
 */
export async function mayRetry(
  spent: Artefact,
  deps: Pick<AdapterDeps, 'clock' | 'refreshLeeway'>,
): Promise<boolean> {
  const { consumed, successor, client } = spent;
  if (spent.kind !== 'RefreshToken' || consumed === undefined || !successor || !client) return false;
  const leeway = await deps.refreshLeeway(client);
  if (leeway === 0 || epochSeconds(deps.clock) - consumed > leeway) return false;
  const next = await currentUnit().find(successor);
  // Another retry has taken the successor away since this request read what it was: that one is answered.
  if (!next || next.displaced) throw new errors.InvalidGrant('another retry is under way');
  return next.consumed === undefined;
}

/**
 * Whether a successor made room for another a moment ago: of requests at the same instant several may have been
 * answered, so this alone is no theft, and the token is as if it did not exist.
 * @param artefact as stored
 * @param deps clock, leeway of clients
 */
export async function madeRoomLately(
  { displaced, consumed, client }: Artefact,
  deps: Pick<AdapterDeps, 'clock' | 'refreshLeeway'>,
): Promise<boolean> {
  if (!displaced || consumed === undefined || !client) return false;
  return epochSeconds(deps.clock) - consumed <= (await deps.refreshLeeway(client));
}
