/**
 * The ledger itself: appends decisions and moves the member's standing on, in one transaction. Private to this module;
 * it knows no text and no client.
 */
import type { Database } from '../../base/db/connection.ts';
import { readById } from '../../base/db/read-by-id.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { afterDecision } from './consent-state.ts';
import {
  type Channel,
  type ConsentRecord,
  type ConsentStateRecord,
  consentModel,
  consentStateCollection,
  consentStateModel,
} from './model.ts';

/** What a row says beyond who, when and how. */
export type RowContent = Pick<
  ConsentRecord,
  | 'subject'
  | 'subjectId'
  | 'kind'
  | 'lawfulBasis'
  | 'jurisdiction'
  | 'version'
  | 'textHash'
  | 'language'
  | 'scopes'
  | 'claims'
  | 'resources'
  | 'amount'
>;

/** Who decides, from where. */
export interface Act {
  memberId: string;
  home: string;
  visit: Visit;
  channel: Channel;
}

/** The ledger as this module's files see it. */
export interface Ledger {
  /** Where a member stands; undefined before the first decision. */
  standing(memberId: string, tx?: Tx): Promise<ConsentStateRecord | undefined>;
  /** Appends rows in order and moves the standing on. */
  append(tx: Tx, act: Act, contents: readonly RowContent[]): Promise<void>;
  /** Every row of a member, newest first. */
  rowsOf(memberId: string): Promise<ConsentRecord[]>;
  /** One row. */
  row(id: string, tx: Tx): Promise<ConsentRecord | undefined>;
}

/**
 * Builds the ledger.
 * @param deps databases, clock, ids
 */
export function createLedger(deps: { db: Database; clock: Clock; ids: Ids }): Ledger {
  const rows = consentModel(deps.db.main);
  const states = consentStateModel(deps.db.main);

  const read = readById<ConsentStateRecord>(deps.db.main, consentStateCollection);
  /** Inside a transaction a read is part of it; outside, every request of a member passes here. */
  const standing = async (memberId: string, tx?: Tx) =>
    tx
      ? ((await states.findOne({ _id: memberId }).session(tx).lean<ConsentStateRecord>()) ?? undefined)
      : read(memberId);

  return {
    standing,
    async append(tx, act, contents) {
      const before = await standing(act.memberId, tx);
      let after = before ?? emptyStanding(act.memberId, act.home);
      const added: ConsentRecord[] = [];
      for (const content of contents) {
        const row = toRow(act, content, after.version + 1, deps);
        added.push(row);
        after = afterDecision(after, row);
      }
      if (before) {
        // The transaction notices a second writer and runs again; the comparison makes two rows of one number
        // impossible, not unlikely.
        const { matchedCount } = await states.replaceOne(
          { _id: act.memberId, version: before.version },
          after,
          { session: tx },
        );
        if (matchedCount !== 1) throw new DomainError('storage.unavailable');
      } else {
        await states.create([after], { session: tx });
      }
      await rows.create(added, { session: tx, ordered: true });
    },
    rowsOf: (memberId) => rows.find({ memberId }).sort({ sequence: -1 }).lean<ConsentRecord[]>(),
    row: async (id, tx) => (await rows.findOne({ _id: id }).session(tx).lean<ConsentRecord>()) ?? undefined,
  };
}

/**
 * The standing of a member who has not decided anything.
 * @param memberId the member
 * @param home residency area
 */
export function emptyStanding(memberId: string, home: string): ConsentStateRecord {
  return { _id: memberId, memberId, home, version: 0, purposes: [], grants: [] };
}

/** What a withdrawal repeats of the decision it takes back: the same text is meant. */
export function evidenceOf(
  decision: Pick<RowContent, 'lawfulBasis' | 'jurisdiction' | 'version' | 'textHash' | 'language'>,
) {
  const { lawfulBasis, jurisdiction, version, textHash, language } = decision;
  return { lawfulBasis, jurisdiction, version, textHash, language };
}

function toRow(
  act: Act,
  content: RowContent,
  sequence: number,
  deps: { clock: Clock; ids: Ids },
): ConsentRecord {
  const { brand, clientId } = act.visit;
  return {
    _id: deps.ids.timeOrdered('cns', deps.clock.now()),
    memberId: act.memberId,
    home: act.home,
    sequence,
    ...content,
    ...(brand && { brand }),
    ...(clientId && { clientId }),
    channel: act.channel,
    at: dateOf(deps.clock),
  };
}
