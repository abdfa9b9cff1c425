/** What the member's own event history says: the last change of the password, and the sign-in before this one. */
import type { EventRecord } from '../../base/events/record.ts';
import type { SessionInfo } from '../../protocol/oidc/sessions.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { placeWords, whereaboutsOf, wordsAt } from './words.ts';

/** How far back the pages look: older facts are not shown. */
export const looksBack = 200;

/** A sign-in is recorded a moment before its session exists, and sessions count in whole seconds. */
const toleranceMs = 5_000;

/** A sign-in as the pages tell of it. */
export interface PastSignIn {
  at: string;
  device: string;
  place: string | undefined;
}

/**
 * When the password was chosen last, ISO 8601; undefined when that is long ago.
 * @param deps modules
 * @param here the visitor
 */
export async function lastPasswordChange(deps: AccountDeps, here: Here): Promise<string | undefined> {
  const events = await deps.events.ofMember(here.member._id, looksBack);
  return events.find(({ type }) => type === 'password.set')?.at.toISOString();
}

/**
 * The sign-in before the present one.
 * @param deps modules
 * @param here the visitor
 * @param sessions the member's live sessions: they know the device, events know the time and the network only
 */
export async function signInBefore(
  deps: AccountDeps,
  here: Here,
  sessions: readonly SessionInfo[],
): Promise<PastSignIn | undefined> {
  const { locale } = here.visit;
  const event = previousSignIn(
    await deps.events.ofMember(here.member._id, looksBack),
    here.session.signedInAt,
  );
  if (!event) return undefined;
  const session = sessions.find(
    ({ signedInAt }) => Math.abs(signedInAt.getTime() - event.at.getTime()) <= toleranceMs,
  );
  const words = wordsAt(deps, here.place);
  const { device, place } = whereaboutsOf(words, locale, session?.visit);
  const network = event.network?.slice(0, event.network.indexOf('/'));
  return { at: event.at.toISOString(), device, place: place ?? placeWords(words, locale, network) };
}

/**
 * The newest sign-in that is older than the present session's own. Pure.
 * @param events newest first
 * @param signedInAt when the present session was signed in
 */
export function previousSignIn(
  events: readonly Pick<EventRecord, 'type' | 'at' | 'network'>[],
  signedInAt: Date,
): Pick<EventRecord, 'type' | 'at' | 'network'> | undefined {
  const signIns = events.filter(({ type }) => type === 'member.signed_in');
  return signIns.find(({ at }) => at.getTime() < signedInAt.getTime() - toleranceMs);
}
