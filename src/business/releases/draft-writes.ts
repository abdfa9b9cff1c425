/** Writing drafts: each change in one transaction with its event, refused when the draft is no longer as it was seen. */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { EventType } from '../../base/events/catalogue.ts';
import type { EventData, Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { samePerson } from './draft.ts';
import { type Author, draftModel, type StoredDraft } from './model.ts';

/** Who does something, and in which circumstances. */
export interface Who {
  by: Author;
  visit: Visit;
}

/** What writing drafts takes. */
export interface DraftWriteDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  events: Events;
}

/** New values of a draft, and the event that tells of them. */
export interface DraftChange {
  set?: Partial<Omit<StoredDraft, '_id' | 'version' | 'changedAt' | 'changedBy' | 'edited'>>;
  /** Whether it is a change of what the draft says, and no step on its way. */
  edits?: true;
  unset?: readonly ('remark' | 'order' | 'due' | 'failure')[];
  /** Absent where another event of the same transaction tells of it. */
  event?: EventType;
  data?: EventData;
}

/**
 * Finds a draft.
 * @param deps databases
 * @param id its id
 * @param tx transaction to read in
 * @throws DomainError `draft.unknown`
 */
export async function storedDraft(
  { db }: Pick<DraftWriteDeps, 'db'>,
  id: string,
  tx?: Tx,
): Promise<StoredDraft> {
  const stored = await draftModel(db.main)
    .findById(String(id))
    .session(tx ?? null)
    .lean<StoredDraft>();
  if (!stored) throw new DomainError('draft.unknown');
  return stored;
}

/**
 * Refuses to go on with a draft that somebody else has changed.
 * @param draft as it is
 * @param version as it was seen
 * @throws DomainError `draft.changed`
 */
export function sameVersion(draft: StoredDraft, version: number): StoredDraft {
  if (draft.version !== version) throw new DomainError('draft.changed');
  return draft;
}

/**
 * Refuses to change a draft that is over.
 * @param draft as it is
 * @throws DomainError `draft.closed`
 */
export function stillOpen(draft: StoredDraft): StoredDraft {
  if (draft.state === 'published' || draft.state === 'withdrawn') throw new DomainError('draft.closed');
  return draft;
}

/**
 * A change of a draft's content: it is open again, approvals and a planned publication end, and whoever had a hand in
 * the change cannot approve it.
 * @param draft as it is
 * @param hands whoever had a hand in it
 * @param set new values
 * @param data what the event tells besides
 */
export function reopened(
  draft: StoredDraft,
  hands: readonly Author[],
  set: NonNullable<DraftChange['set']>,
  data: EventData = {},
): DraftChange {
  const more = hands.filter((by) => !draft.editors.some((editor) => samePerson(editor, by)));
  return {
    set: {
      ...set,
      state: 'open',
      approvals: [],
      ...(more.length > 0 && { editors: [...draft.editors, ...more] }),
    },
    edits: true,
    unset: ['order', 'due', 'failure'],
    event: 'configuration.draft_changed',
    data,
  };
}

/**
 * Changes a draft.
 * @param deps databases, clock, events
 * @param at its id and the version that was seen
 * @param who who changes it
 * @param change says what changes; judges the draft as it is within the transaction; undefined for nothing
 * @throws DomainError `draft.unknown`, `draft.changed`, and what `change` throws
 */
export async function changeDraft(
  deps: DraftWriteDeps,
  at: { id: string; version: number },
  who: Who,
  change: (draft: StoredDraft) => DraftChange | undefined,
): Promise<StoredDraft> {
  return inTransaction(deps.db, async (tx) => {
    const before = sameVersion(await storedDraft(deps, at.id, tx), at.version);
    const wanted = change(before);
    return wanted ? writeDraft(deps, { before, wanted, who }, tx) : before;
  });
}

/**
 * Writes a draft's change and its event in the caller's transaction.
 * @param deps databases, clock, events
 * @param given the draft as it is, what changes, who
 * @param tx the transaction
 * @throws DomainError `draft.changed`
 */
export async function writeDraft(
  deps: DraftWriteDeps,
  { before, wanted, who }: { before: StoredDraft; wanted: DraftChange; who: Who },
  tx: Tx,
): Promise<StoredDraft> {
  const { set = {}, edits, unset = [], event, data } = wanted;
  const at = dateOf(deps.clock);
  const next = {
    ...set,
    version: before.version + 1,
    changedAt: at,
    changedBy: who.by,
    ...(edits && { edited: { by: who.by, at } }),
  };
  const written = await draftModel(deps.db.main)
    .findOneAndUpdate(
      { _id: before._id, version: before.version },
      { $set: next, ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((key) => [key, 1])) }) },
      { session: tx, returnDocument: 'after' },
    )
    .lean<StoredDraft>();
  if (!written) throw new DomainError('draft.changed');
  if (event)
    await deps.events.record(tx, { type: event, visit: who.visit, data: { draft: before._id, ...data } });
  return written;
}

/**
 * Writes a new draft.
 * @param deps databases, clock, events
 * @param draft the draft
 * @param who who makes it
 */
export async function insertDraft(deps: DraftWriteDeps, draft: StoredDraft, who: Who): Promise<StoredDraft> {
  return inTransaction(deps.db, async (tx) => {
    await draftModel(deps.db.main).create([draft], { session: tx });
    const { regions, markets } = draft.target;
    await deps.events.record(tx, {
      type: 'configuration.draft_opened',
      visit: who.visit,
      data: {
        draft: draft._id,
        base: draft.base,
        regions: regions.join(' '),
        markets: markets.join(' '),
      },
    });
    return draft;
  });
}
