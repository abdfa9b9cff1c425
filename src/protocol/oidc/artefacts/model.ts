/**
 * Artefacts as stored: every model of the protocol library in one collection, so that one command reads what
 * belongs together. `_id` is the kind and a digest of the artefact's id (the id of a token is the token), the
 * payload is sealed, and plain stands only what a lookup or housekeeping needs.
 */
import type { Connection } from 'mongoose';
import type { IndexDeclaration } from '../../../base/db/schema.ts';
import { digest } from '../../../base/kernel/sealing.ts';

/** One relying party's part in a session. */
export interface SessionEntry {
  /** Client id, to find the grant of the client that asks. */
  client: string;
  /** `_id` of the grant. */
  grant?: string;
  /** The library's own entry (sid, grant id), sealed. */
  sealed: string;
}

/** A stored artefact. */
export interface Artefact {
  _id: string;
  kind: string;
  sealed?: string;
  /** `_id` of the session it belongs to or points at. */
  session?: string;
  /** `_id` of the grant it was issued under. */
  grant?: string;
  /** Member id. */
  member?: string;
  /** Client id. */
  client?: string;
  /** The member's security epoch when it was made (sessions and grants). */
  epoch?: number;
  /** When it was spent, in epoch seconds. */
  consumed?: number;
  /** Spent refresh tokens: `_id` of the one that took its place. */
  successor?: string;
  /** Refresh tokens that a retry has replaced before anybody used them: whoever brings one has stolen it, or was robbed. */
  displaced?: boolean;
  /** Set instead of deleting, so that nothing in flight can bring it back. */
  gone?: boolean;
  /** Sessions: digest of the present cookie value; an older cookie is dead at once. */
  cookie?: string;
  /** Sessions: expiry in epoch seconds (it slides, the sealed payload does not change with it). */
  exp?: number;
  /** Sessions: relying parties by digest of their client id. */
  entries?: Record<string, SessionEntry>;
  /** Sessions: what the member sees of it (device, place, last use), sealed. */
  seen?: string;
  /** Requests somebody polls for: whether the person has answered, either way. */
  decided?: boolean;
  /** Backchannel requests: the member has answered; `decided` follows as soon as the outbox has seen to it. */
  answered?: boolean;
  /** Backchannel requests: until when the member does not want to be asked by this client again. */
  quietUntil?: Date;
  /** Device codes: digest of the browser that entered the user code; no other may answer. */
  claim?: string;
  /** Device codes: seconds the device must leave between two polls. */
  interval?: number;
  /** Device codes: when the last poll came, in milliseconds since the epoch. */
  polledAt?: number;
  /** Device codes: whether that poll came too early. */
  early?: boolean;
  /** When housekeeping may delete it; always later than the expiry that the payload states. */
  expiresAt?: Date;
}

/** The collection's name. */
export const artefactCollection = 'artefacts';

/**
 * The artefacts' collection; the driver's own, since documents are written by commands and never hydrated.
 * @param connection the main database
 */
export const artefacts = (connection: Connection) => connection.collection<Artefact>(artefactCollection);

/** Indexes for housekeeping and for "everything of this member"; no request of a token endpoint reads by them. */
export const artefactIndexes: IndexDeclaration[] = [
  { collection: artefactCollection, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
  { collection: artefactCollection, keys: { grant: 1 }, options: { sparse: true } },
  { collection: artefactCollection, keys: { member: 1, kind: 1 }, options: { sparse: true } },
];

/**
 * The `_id` an artefact is stored under.
 * @param kind the library's model name; `SessionCookie` for the pointer from a cookie to its session
 * @param id the artefact's id: at least 128 random bits
 */
export function artefactId(kind: string, id: string): string {
  return `${kind}:${digest(id)}`;
}

/**
 * The key of a client's entry in a session: safe as a field name whatever the client id holds.
 * @param clientId client id
 */
export function entryKey(clientId: string): string {
  return `c${digest(clientId).slice(0, 22)}`;
}
