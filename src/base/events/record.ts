/**
 * The event record: appends facts in the transaction of the change they tell of. Rows are never changed or
 * deleted. It never decides what happened and never holds a direct identifier or a secret.
 */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../db/schema.ts';
import type { Tx } from '../db/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Visit } from '../kernel/visit.ts';
import type { EventType } from './catalogue.ts';

/** Plain values an event may carry. */
export type EventData = Readonly<Record<string, string | number | boolean | null>>;

/** A fact to record. */
export interface EventDraft {
  type: EventType;
  /** Whom it is about; none for facts about the program. */
  memberId?: string;
  /** The member's residency area; required with `memberId`. */
  home?: string;
  visit: Visit;
  data?: EventData;
}

/** A recorded fact. */
export interface EventRecord {
  _id: string;
  type: string;
  stream: string;
  /** 1, 2, 3… within the stream, without gaps. */
  sequence: number;
  memberId?: string;
  home?: string;
  at: Date;
  actor: { kind: string; id?: string };
  clientId?: string;
  brand?: string;
  market?: string;
  /** The network the visit came from, not the address: /24 of IPv4, /48 of IPv6. */
  network?: string;
  trace: string;
  data: EventData;
}

interface EventHead {
  _id: string;
  sequence: number;
}

const eventFields: Fields<EventRecord> = {
  _id: String,
  type: { type: String, required: true },
  stream: { type: String, required: true },
  sequence: { type: Number, required: true },
  memberId: String,
  home: String,
  at: { type: Date, required: true },
  actor: { kind: String, id: String },
  clientId: String,
  brand: String,
  market: String,
  network: String,
  trace: { type: String, required: true },
  data: { type: Object, default: {} },
};

/** Indexes of the event collections. */
export const eventIndexes: IndexDeclaration[] = [
  { collection: 'events', keys: { stream: 1, sequence: 1 } },
  { collection: 'events', keys: { memberId: 1, at: -1 }, options: { sparse: true } },
];

/** The event log as other modules see it. */
export interface Events {
  /** Appends one fact; part of the caller's transaction. */
  record(tx: Tx, draft: EventDraft): Promise<void>;
  /** A member's own history, newest first. */
  ofMember(memberId: string, limit: number): Promise<EventRecord[]>;
}

/** The stream of facts about the program itself. */
const programStream = 'program';

/**
 * Builds the event log.
 * @param deps connection of the main database, clock and ids
 */
export function createEvents(deps: { connection: Connection; clock: Clock; ids: Ids }): Events {
  const events = modelOf<EventRecord>(deps.connection, 'events', eventFields);
  const heads = modelOf<EventHead>(deps.connection, 'eventHeads', {
    _id: String,
    sequence: { type: Number, required: true },
  });
  return {
    async record(tx, draft) {
      const stream = draft.memberId ?? programStream;
      const head = await heads
        .findOneAndUpdate(
          { _id: stream },
          { $inc: { sequence: 1 } },
          { upsert: true, returnDocument: 'after', session: tx },
        )
        .lean();
      await events.create([toRecord(draft, stream, head?.sequence ?? 1, deps)], { session: tx });
    },
    ofMember: (memberId, limit) =>
      events.find({ memberId }).sort({ at: -1 }).limit(limit).lean<EventRecord[]>(),
  };
}

function toRecord(
  draft: EventDraft,
  stream: string,
  sequence: number,
  deps: { clock: Clock; ids: Ids },
): EventRecord {
  const { visit } = draft;
  const network = visit.ip ? networkOf(visit.ip) : undefined;
  return {
    _id: deps.ids.timeOrdered('evt', deps.clock.now()),
    type: draft.type,
    stream,
    sequence,
    ...(draft.memberId && { memberId: draft.memberId }),
    ...(draft.home && { home: draft.home }),
    at: dateOf(deps.clock),
    actor: visit.actor,
    ...(visit.clientId && { clientId: visit.clientId }),
    ...(visit.brand && { brand: visit.brand }),
    ...(visit.market && { market: visit.market }),
    ...(network && { network }),
    trace: visit.trace,
    data: draft.data ?? {},
  };
}

/**
 * The network an address belongs to, coarse enough not to single out a person.
 * @param ip IPv4 or IPv6 address
 * @returns such as `192.0.2.0/24` or `2001:db8:1::/48`; undefined when it is no address
 */
function networkOf(ip: string): string | undefined {
  const v4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.\d+$/.exec(ip);
  if (v4) return `${v4[1]}.${v4[2]}.${v4[3]}.0/24`;
  if (!ip.includes(':')) return undefined;
  const [head = '', tail = ''] = ip.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups.slice(0, 3).join(':')}::/48`;
}
