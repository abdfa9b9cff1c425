/**
 * The consents: the ledger of what each member decided, and where they stand. Owns every decision with the exact text
 * it was about. Never changes or deletes a decision, never decides what must be asked, and never issues a token.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ExperienceQuery, Experiences } from '../../business/experiences/experiences.ts';
import type { EffectiveSettings } from '../../business/layers/settings-shape.ts';
import type { LegalText, NoticeText, PurposeText, TermsText } from '../../business/purposes/purposes.ts';
import { isLiveConsent, notAgreed, shortestAge } from './consent-state.ts';
import { recordDecisions, withdrawPurpose, withdrawWithin } from './decisions.ts';
import { recordGrant, revokeGrant } from './grants.ts';
import { createLedger, emptyStanding } from './ledger.ts';
import type { Channel, ConsentRecord, DecisionKind, GrantedResource, GrantStateRecord } from './model.ts';
import { recordRedemption } from './redemptions.ts';

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
  /** Claims asked for by name. */
  claims?: readonly string[];
  resources?: readonly GrantedResource[];
  visit: Visit;
  /** Default: web. */
  channel?: Channel;
}

/** A member's yes or no to one payment with points. */
export interface RedemptionDecided {
  memberId: string;
  home: string;
  /** Who wanted to pay. */
  clientId: string;
  decision: 'given' | 'refused';
  /** Whole points. */
  amount: number;
  /** Who was to be paid; kept as a digest only: it may name a person. */
  payee: string;
  /** The sentence that was shown. */
  wording: string;
  visit: Visit;
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
  grantWording: (grant: {
    clientId: string;
    scopes: readonly string[];
    claims: readonly string[];
    locale: string;
    /** What the layers say there: texts of the brand's own, labels of attributes. */
    settings: Pick<EffectiveSettings, 'texts' | 'attributes'>;
  }) => string;
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
  /** {@link Consents.withdraw} in the caller's transaction. */
  withdrawWithin(
    tx: Tx,
    subject: { memberId: string; purposeId: string },
    visit: Visit,
    channel: Channel,
  ): Promise<boolean>;
  /** Where the member stands. @param tx reads as this transaction sees it */
  current(memberId: string, tx?: Tx): Promise<ConsentState>;
  /** Every decision, newest first. */
  history(memberId: string): Promise<DecisionRow[]>;
  /** Those of the texts whose very version the member has not agreed to. */
  missing<T extends LegalText>(memberId: string, required: readonly T[]): Promise<T[]>;
  /** Purposes on which the member has never decided, in any version. */
  undecided(memberId: string, purposes: readonly PurposeText[]): Promise<PurposeText[]>;
  /**
   * Ids of the purposes that data may be used for now, and must not without: given, and no longer ago than the
   * member's home market and the place allow.
   * @param tx reads as this transaction sees it
   */
  live(member: { _id: string; market: string }, at?: ExperienceQuery, tx?: Tx): Promise<ReadonlySet<string>>;
  /** {@link Consents.live} of what was read before. */
  liveIn(
    standing: Pick<ConsentState, 'purposes'>,
    member: { market: string },
    at?: ExperienceQuery,
  ): ReadonlySet<string>;
  /** Appends that a client was allowed access, in the caller's transaction. */
  recordGrant(tx: Tx, made: GrantMade): Promise<void>;
  /** Appends a decision on one payment; it changes nothing about where the member stands. */
  recordRedemption(tx: Tx, decided: RedemptionDecided): Promise<void>;
  /** A client's access; undefined when it has none. */
  grantOf(memberId: string, clientId: string): Promise<CurrentGrant | undefined>;
  grants(memberId: string): Promise<readonly CurrentGrant[]>;
  /** Takes a client's access back. @returns whether it had any */
  revokeGrant(memberId: string, clientId: string, visit: Visit, channel?: Channel): Promise<boolean>;
}

/**
 * Builds the consents.
 * @param deps databases, clock, ids, events, experiences, and the two ports to wording and to what was issued
 */
export function createConsents(deps: ConsentsDeps): Consents {
  const ledger = createLedger(deps);
  const parts = { ...deps, ledger };
  const standing = async (memberId: string, tx?: Tx) =>
    (await ledger.standing(memberId, tx)) ?? emptyStanding(memberId, '');

  return {
    record: (tx, made) => recordDecisions(parts, tx, made),
    decide: (made) => inTransaction(deps.db, (tx) => recordDecisions(parts, tx, made)),
    withdraw: (memberId, purposeId, visit, channel = 'web') =>
      withdrawPurpose(parts, { memberId, purposeId }, visit, channel),
    withdrawWithin: (tx, subject, visit, channel) => withdrawWithin(parts, tx, subject, { visit, channel }),
    recordGrant: (tx, made) => recordGrant(parts, tx, made),
    recordRedemption: (tx, decided) => recordRedemption(parts, tx, decided),
    revokeGrant: (memberId, clientId, visit, channel = 'web') =>
      revokeGrant(parts, { memberId, clientId }, visit, channel),
    async current(memberId, tx) {
      const { version, purposes, grants } = await standing(memberId, tx);
      return { memberId, version, purposes, grants };
    },
    history: async (memberId) =>
      (await ledger.rowsOf(memberId)).map(({ _id, ...row }) => ({ id: _id, ...row })),
    missing: async (memberId, required) =>
      required.length === 0 ? [] : notAgreed(await standing(memberId), required),
    async undecided(memberId, purposes) {
      const decided = new Set((await standing(memberId)).purposes.map(({ purposeId }) => purposeId));
      return purposes.filter(({ id }) => !decided.has(id));
    },
    live: async (member, at, tx) => livePurposes(deps, await standing(member._id, tx), member, at),
    liveIn: (state, member, at) => livePurposes(deps, state, member, at),
    grantOf: async (memberId, clientId) =>
      (await standing(memberId)).grants.find((grant) => grant.clientId === clientId),
    grants: async (memberId) => (await standing(memberId)).grants,
  };
}

/** The stricter of what the member's home market and the place say counts. */
function livePurposes(
  { experiences, clock }: Pick<ConsentsDeps, 'experiences' | 'clock'>,
  { purposes }: Pick<ConsentState, 'purposes'>,
  member: { market: string },
  at: ExperienceQuery = {},
): ReadonlySet<string> {
  const places = [experiences.experienceFor(at), experiences.experienceFor({ ...at, market: member.market })];
  const age = shortestAge(places);
  const counting = purposes.filter((each) => isLiveConsent(each, clock.now(), age));
  return new Set(counting.map(({ purposeId }) => purposeId));
}
