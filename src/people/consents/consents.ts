/**
 * The consents: the ledger of what each member decided, and where they stand. Owns every decision with the exact text
 * it was about. Never changes or deletes a decision, never decides what must be asked, and never issues a token.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { LegalText, NoticeText, PurposeText, TermsText } from '../../business/purposes/purposes.ts';
import { afterDecision, notAgreed } from './consent-state.ts';
import {
  type Channel,
  type ConsentRecord,
  type ConsentStateRecord,
  consentModel,
  consentStateModel,
  type DecisionKind,
  type GrantedResource,
  type GrantStateRecord,
} from './model.ts';

/** A decision on a text; only what its kind allows, and only with the text itself. */
export type Decision =
  | { text: TermsText; kind: 'accepted' }
  | { text: NoticeText; kind: 'acknowledged' }
  | { text: PurposeText; kind: 'given' | 'refused' };

/** A member's decisions made in one act. */
export interface DecisionsMade {
  memberId: string;
  /** Residency area. */
  home: string;
  decisions: readonly Decision[];
  visit: Visit;
  channel: Channel;
}

/** Access that a member allowed a client. */
export interface GrantMade {
  memberId: string;
  home: string;
  clientId: string;
  /** Everything that is allowed from now on; what was allowed before and is not named is no longer. */
  scopes: readonly string[];
  resources?: readonly GrantedResource[];
  visit: Visit;
  /** Default: web. */
  channel?: Channel;
}

/** Where a member stands. */
export interface ConsentState {
  memberId: string;
  /** Number of decisions so far. */
  version: number;
  /** The latest decision on each document. */
  purposes: readonly CurrentDecision[];
  /** Clients that have access. */
  grants: readonly CurrentGrant[];
}

/** The latest decision on a document. */
export interface CurrentDecision {
  purposeId: string;
  kind: DecisionKind;
  version: string;
  textHash: string;
  language: string;
  lawfulBasis: string;
  jurisdiction: string;
  brand?: string;
  at: Date;
  /** Id of the decision in the ledger. */
  decisionId: string;
}

/** A client's access. */
export type CurrentGrant = GrantStateRecord;

/** One line of the ledger. */
export type DecisionRow = Omit<ConsentRecord, '_id'> & { id: string };

/** What the consents are made of. */
export interface ConsentsDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  events: Events;
  /** Knows the legal area of a visit. */
  experiences: Pick<Experiences, 'experienceFor'>;
  /**
   * The words a consent page shows for access, in a language: what the member agreed to. Filled from the catalogues.
   */
  grantWording: (grant: { clientId: string; scopes: readonly string[]; locale: string }) => string;
  /** Ends what a revoked grant had issued, in the same transaction (an outbox task, an epoch). */
  onGrantRevoked: (tx: Tx, grant: { memberId: string; home: string; clientId: string }) => Promise<void>;
}

/** The consents as other modules see them. */
export interface Consents {
  /** Appends decisions and their events in the caller's transaction. @throws DomainError `input.invalid` */
  record(tx: Tx, made: DecisionsMade): Promise<void>;
  /** {@link Consents.record} in a transaction of its own, such as giving a purpose on the account pages. */
  decide(made: DecisionsMade): Promise<void>;
  /**
   * Takes a given purpose back (GDPR Art. 7(3)); nothing happens when it is not given at present.
   * @returns whether anything was withdrawn
   * @throws DomainError `consent.not_withdrawable` for terms and notices
   */
  withdraw(memberId: string, purposeId: string, visit: Visit, channel?: Channel): Promise<boolean>;
  current(memberId: string): Promise<ConsentState>;
  /** Every decision, newest first. */
  history(memberId: string): Promise<DecisionRow[]>;
  /** Those of the texts whose very version the member has not agreed to. */
  missing<T extends LegalText>(memberId: string, required: readonly T[]): Promise<T[]>;
  /** Purposes on which the member has never decided, in any version. */
  undecided(memberId: string, purposes: readonly PurposeText[]): Promise<PurposeText[]>;
  /** Appends that a client was allowed access, in the caller's transaction. */
  recordGrant(tx: Tx, made: GrantMade): Promise<void>;
  /** A client's access; undefined when it has none. */
  grantOf(memberId: string, clientId: string): Promise<CurrentGrant | undefined>;
  grants(memberId: string): Promise<readonly CurrentGrant[]>;
  /** Takes a client's access back. @returns whether it had any */
  revokeGrant(memberId: string, clientId: string, visit: Visit, channel?: Channel): Promise<boolean>;
}

/** What a row says beyond who, when and how. */
type RowContent = Pick<
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
  | 'resources'
>;

/** Who decides, from where. */
interface Act {
  memberId: string;
  home: string;
  visit: Visit;
  channel: Channel;
}

/**
 * Builds the consents.
 * @param deps databases, clock, ids, events, and the two ports to wording and to what was issued
 */
export function createConsents(deps: ConsentsDeps): Consents {
  const { db, events } = deps;
  const ledger = consentModel(db.main);
  const states = consentStateModel(db.main);

  const stateOf = async (memberId: string, tx?: Tx) =>
    (await states
      .findOne({ _id: memberId })
      .session(tx ?? null)
      .lean<ConsentStateRecord>()) ?? undefined;

  /**
   * Appends rows and moves the state on. The state's version is compared although the transaction would notice a
   * second writer too: a ledger with two rows of one number must be impossible, not unlikely.
   */
  async function append(tx: Tx, act: Act, contents: readonly RowContent[]): Promise<void> {
    const existing = await stateOf(act.memberId, tx);
    const before = existing ?? emptyState(act.memberId, act.home);
    let state = before;
    const rows: ConsentRecord[] = [];
    for (const content of contents) {
      const row = toRow(act, content, state.version + 1, deps);
      rows.push(row);
      state = afterDecision(state, row);
    }
    if (!existing) {
      await states.create([state], { session: tx });
    } else {
      const { matchedCount } = await states.replaceOne(
        { _id: act.memberId, version: before.version },
        state,
        { session: tx },
      );
      if (matchedCount !== 1) throw new DomainError('storage.unavailable');
    }
    await ledger.create(rows, { session: tx, ordered: true });
  }

  async function record(tx: Tx, made: DecisionsMade): Promise<void> {
    if (made.decisions.length === 0) return;
    for (const decision of made.decisions) refuseMismatch(decision);
    await append(
      tx,
      made,
      made.decisions.map(({ text, kind }) => ({
        subject: 'purpose',
        subjectId: text.id,
        kind,
        lawfulBasis: text.lawfulBasis,
        jurisdiction: text.jurisdiction,
        version: text.version,
        textHash: text.hash,
        language: text.language,
      })),
    );
    for (const { text, kind } of made.decisions) {
      await events.record(tx, {
        type: 'consent.recorded',
        memberId: made.memberId,
        home: made.home,
        visit: made.visit,
        data: { purpose: text.id, version: text.version, kind },
      });
    }
  }

  async function withdraw(memberId: string, purposeId: string, visit: Visit, channel: Channel = 'web') {
    return inTransaction(db, async (tx) => {
      const state = await stateOf(memberId, tx);
      const given = state?.purposes.find((purpose) => purpose.purposeId === purposeId);
      if (given?.kind === 'accepted' || given?.kind === 'acknowledged')
        throw new DomainError('consent.not_withdrawable');
      if (!state || given?.kind !== 'given') return false;
      const { lawfulBasis, jurisdiction, version, textHash, language } = given;
      const act = { memberId, home: state.home, visit, channel };
      await append(tx, act, [
        {
          subject: 'purpose',
          subjectId: purposeId,
          kind: 'withdrawn',
          lawfulBasis,
          jurisdiction,
          version,
          textHash,
          language,
        },
      ]);
      const data = { purpose: purposeId, version, kind: 'withdrawn' };
      await events.record(tx, { type: 'consent.recorded', memberId, home: state.home, visit, data });
      return true;
    });
  }

  async function recordGrant(tx: Tx, made: GrantMade): Promise<void> {
    const { memberId, home, clientId, visit } = made;
    const scopes = [...new Set(made.scopes)].sort();
    const wording = deps.grantWording({ clientId, scopes, locale: visit.locale });
    await append(tx, { memberId, home, visit, channel: made.channel ?? 'web' }, [
      {
        subject: 'grant',
        subjectId: clientId,
        kind: 'given',
        lawfulBasis: 'a',
        jurisdiction: deps.experiences.experienceFor(visit).jurisdiction,
        version: 'wording',
        textHash: digest(wording),
        language: visit.locale,
        scopes,
        resources: (made.resources ?? []).map(({ resource, scopes: at }) => ({ resource, scopes: [...at] })),
      },
    ]);
    const data = { client: clientId, scopes: scopes.join(' ') };
    await events.record(tx, { type: 'grant.allowed', memberId, home, visit, data });
  }

  async function revokeGrant(memberId: string, clientId: string, visit: Visit, channel: Channel = 'web') {
    return inTransaction(db, async (tx) => {
      const state = await stateOf(memberId, tx);
      const grant = state?.grants.find((candidate) => candidate.clientId === clientId);
      if (!state || !grant) return false;
      const { home } = state;
      const given = await ledger.findOne({ _id: grant.decisionId }).session(tx).lean<ConsentRecord>();
      if (!given) throw new Error('a grant without its decision');
      const { lawfulBasis, jurisdiction, version, textHash, language, scopes, resources } = given;
      await append(tx, { memberId, home, visit, channel }, [
        {
          subject: 'grant',
          subjectId: clientId,
          kind: 'withdrawn',
          lawfulBasis,
          jurisdiction,
          version,
          textHash,
          language,
          ...(scopes && { scopes }),
          ...(resources && { resources }),
        },
      ]);
      await events.record(tx, { type: 'grant.revoked', memberId, home, visit, data: { client: clientId } });
      await deps.onGrantRevoked(tx, { memberId, home, clientId });
      return true;
    });
  }

  const current = async (memberId: string) => (await stateOf(memberId)) ?? emptyState(memberId, '');

  return {
    record,
    decide: (made) => inTransaction(db, (tx) => record(tx, made)),
    withdraw,
    recordGrant,
    revokeGrant,
    async current(memberId) {
      const { version, purposes, grants } = await current(memberId);
      return { memberId, version, purposes, grants };
    },
    async history(memberId) {
      const rows = await ledger.find({ memberId }).sort({ sequence: -1 }).lean<ConsentRecord[]>();
      return rows.map(({ _id, ...row }) => ({ id: _id, ...row }));
    },
    async missing(memberId, required) {
      return required.length === 0 ? [] : notAgreed(await current(memberId), required);
    },
    async undecided(memberId, purposes) {
      const decided = new Set((await current(memberId)).purposes.map(({ purposeId }) => purposeId));
      return purposes.filter(({ id }) => !decided.has(id));
    },
    async grantOf(memberId, clientId) {
      return (await current(memberId)).grants.find((grant) => grant.clientId === clientId);
    },
    grants: async (memberId) => (await current(memberId)).grants,
  };
}

/** The kinds of decision each kind of text allows; types say it too, but evidence must not rest on types alone. */
const allowedKinds: Readonly<Record<LegalText['kind'], readonly DecisionKind[]>> = {
  terms: ['accepted'],
  notice: ['acknowledged'],
  purpose: ['given', 'refused'],
};

function refuseMismatch({ text, kind }: Decision): void {
  const exact = text.hash && text.version && text.language && text.jurisdiction && text.lawfulBasis;
  if (!exact || !allowedKinds[text.kind].includes(kind)) throw new DomainError('input.invalid');
}

function emptyState(memberId: string, home: string): ConsentStateRecord {
  return { _id: memberId, memberId, home, version: 0, purposes: [], grants: [] };
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
