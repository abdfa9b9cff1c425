/** Whom an attempt counts against: the member where the address leads to one, and their own browser apart. */
import type { EdgeContext } from '../../base/http/context.ts';
import type { Member } from '../../people/members/members.ts';
import type { LimiterName, ThrottleKeys } from '../../people/risk/throttles.ts';
import type { InteractionDeps } from './deps.ts';

/** Who is trying, and under which counts. */
export interface Attempt {
  member: Member | undefined;
  keys: ThrottleKeys;
}

/**
 * Looks up who an address leads to and whether they have signed in on this browser before: the same two reads for
 * somebody unknown.
 * @param deps modules
 * @param ctx the request
 * @param email the address in its normal form
 */
export async function whoTries(
  deps: Pick<InteractionDeps, 'members' | 'devices'>,
  ctx: EdgeContext,
  email: string,
): Promise<Attempt> {
  const { ip, deviceId } = ctx.state.visit;
  const member = await deps.members.findByIdentifier({ type: 'email', value: email });
  const known = await deps.devices.recognise(member?._id ?? 'nobody', deviceId);
  const device = member && known ? deviceId : undefined;
  return { member, keys: { member: member?._id, identifier: email, ip, device } };
}

/**
 * Counts an attempt before its proof is judged, and takes the count back when the proof was right.
 * @param deps modules
 * @param at the limit, the request and the address it is about
 * @param prove judges the proof; throws when it is wrong
 * @throws DomainError `limit.reached`, and whatever `prove` throws
 */
export async function counted<T>(
  deps: Pick<InteractionDeps, 'members' | 'devices' | 'throttles'>,
  at: { limiter: LimiterName; ctx: EdgeContext; email: string },
  prove: () => Promise<T>,
): Promise<T> {
  const { keys } = await whoTries(deps, at.ctx, at.email);
  await deps.throttles.attempt(at.limiter, keys);
  const proven = await prove();
  await deps.throttles.reward(at.limiter, keys);
  return proven;
}
