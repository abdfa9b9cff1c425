/** What both adapters share: their dependencies, lifetimes, and the rule of the security epoch. No I/O of its own. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../../../base/kernel/clock.ts';
import { dateOf } from '../../../base/kernel/clock.ts';
import type { Ids } from '../../../base/kernel/ids.ts';
import type { Sealer } from '../../../base/kernel/sealing.ts';
import type { Artefact } from './model.ts';
import type { ArtefactStore } from './store.ts';

/** What the adapters are made of. */
export interface AdapterDeps {
  store: ArtefactStore;
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
  /** Names the pointers of user codes, which are too short to be named by a mere digest. */
  userCodeKey: Buffer;
  /** Metadata of a live client in the library's form; undefined when unknown or disabled. */
  findClient(clientId: string): Promise<AdapterPayload | undefined>;
  /** For how many seconds a client may present a rotated refresh token once more. */
  refreshLeeway(clientId: string): Promise<number>;
  /** The member's present security epoch, when they may use what was issued. */
  liveEpoch(memberId: string): Promise<number | undefined>;
  /** What registration adds: it writes clients and finds initial access tokens. */
  registration: {
    clients: Pick<Adapter, 'upsert' | 'destroy'>;
    findInvitation(token: string): Promise<AdapterPayload | undefined>;
  };
  /** What the member will see of the session the present request uses, as JSON; undefined outside requests. */
  describeVisit(): string | undefined;
}

/** Housekeeping deletes this long after the stated expiry, so that tolerance and pollers still find the document. */
const slackMs = 5 * 60_000;
const tombstoneMs = 10 * 60_000;

/**
 * When housekeeping may delete a document.
 * @param expSeconds the expiry it states, in epoch seconds
 */
export function deletableAt(expSeconds: number): Date {
  return new Date(expSeconds * 1000 + slackMs);
}

/**
 * When housekeeping may delete a tombstone made now.
 * @param clock the injected clock
 */
export function tombstoneUntil(clock: Clock): Date {
  return dateOf(clock, tombstoneMs);
}

/**
 * Whether a grant or session was born in the member's present epoch; other artefacts lean on their grant.
 * @param artefact as stored
 * @param deps epochs
 */
export async function isOfPresentEpoch(
  artefact: Artefact,
  deps: Pick<AdapterDeps, 'liveEpoch'>,
): Promise<boolean> {
  if (artefact.epoch === undefined || !artefact.member) return true;
  return (await deps.liveEpoch(artefact.member)) === artefact.epoch;
}
