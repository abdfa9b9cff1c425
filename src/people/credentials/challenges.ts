/**
 * Challenges: proofs by mail that one flow waits for, answered by a short code or by a link. It owns their single
 * use, their life and how often one may guess; it never sends mail and never decides what a proof is good for.
 */
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import { isDuplicateKey } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { constantTimeEqual, digest, keyedHash, type Sealer } from '../../base/kernel/sealing.ts';
import { type ChallengeRecord, challengeLinkModel, challengeModel } from './model.ts';

/** What a proof is for: a new address, signing in, the way back into an account, an existing account before a link. */
export type ChallengePurpose = 'verify' | 'sign-in' | 'recover' | 'link';

/** What a flow needs back when the proof arrives; small, sealed at rest. */
export type ChallengeSubject = Readonly<Record<string, string | number | boolean | null>>;

/** The flow that asks: the same binding has one live code, whatever was sent before. */
export interface ChallengeBinding {
  purpose: ChallengePurpose;
  /** Digest of the interaction's uid (or of what else the flow is tied to). */
  binding: string;
}

/** A proof to ask for. */
export interface NewChallenge extends ChallengeBinding {
  /** The member and their residency area, when the flow is about a known one. */
  memberId?: string;
  home?: string;
  /** Life of code and link in milliseconds: 10 to 15 minutes. */
  ttlMs: number;
  subject?: ChallengeSubject;
}

/** What goes into the mail, and nowhere else. */
export interface SentChallenge {
  id: string;
  /** Eight digits in two groups, such as `1234 5678`. */
  code: string;
  /** 256 random bits, base64url. */
  linkToken: string;
}

/** A proof that was given. */
export interface ProvenChallenge extends ChallengeBinding {
  id: string;
  memberId: string | undefined;
  home: string | undefined;
  subject: ChallengeSubject;
}

/** The challenges as flows see them. */
export interface Challenges {
  /** Makes code and link; those sent before for the same binding are dead, the budget of guesses goes on. */
  create(challenge: NewChallenge): Promise<SentChallenge>;
  /** Spends the code. Throws `code.invalid`, `code.expired`, `code.exhausted`. */
  redeemCode(answer: ChallengeBinding & { code: string }): Promise<ProvenChallenge>;
  /** Spends the link, in the flow's own browser or another. Throws `link.invalid`. */
  redeemLink(link: { purpose: ChallengePurpose; token: string }): Promise<ProvenChallenge>;
  /** What a link would prove, for the page that asks; changes nothing, so that mail scanners may look. */
  peekLink(link: { purpose: ChallengePurpose; token: string }): Promise<ProvenChallenge | undefined>;
}

/** What the challenges are made of. */
export interface ChallengesDeps {
  connection: Connection;
  clock: Clock;
  ids: Ids;
  /** Key for digests of codes: eight digits without a key would be guessed from a dump. */
  hmacKey: Buffer;
  sealer: Sealer;
}

const codeDigits = 8;
/** Wrong tries that burn one code (ASVS 5.0 6.6.3). */
const triesPerCode = 5;
/** Tries of a binding in all: asking for another code helps the forgetful once, not the guesser. */
const triesPerBinding = 10;
const budgetMs = 3_600_000;

/**
 * Builds the challenges (NIST SP 800-63B-4 section 3.1.3; ASVS 5.0 6.5.4, 6.5.5, 6.6.2, 6.6.3).
 * @param deps connection, clock, ids, key of code digests, sealer of subjects
 */
export function createChallenges(deps: ChallengesDeps): Challenges {
  const store: Store = {
    ...deps,
    challenges: challengeModel(deps.connection),
    links: challengeLinkModel(deps.connection),
  };
  return {
    create: (challenge) => create(store, challenge),
    redeemCode: (answer) => redeemCode(store, answer),
    async redeemLink(link) {
      const record = await liveLink(store, link);
      const result = record && (await spend(store, record));
      if (!result) throw new DomainError('link.invalid');
      return result;
    },
    async peekLink(link) {
      const record = await liveLink(store, link);
      return record && proven(store, record);
    },
  };
}

type Store = ChallengesDeps & {
  challenges: ReturnType<typeof challengeModel>;
  links: ReturnType<typeof challengeLinkModel>;
};

async function create(store: Store, challenge: NewChallenge): Promise<SentChallenge> {
  const { memberId, home, purpose, binding, subject = {}, ttlMs } = challenge;
  const id = idOf(challenge);
  const generation = store.ids.secret(16);
  const digits = store.ids.code(codeDigits);
  const linkToken = store.ids.secret();
  const validUntil = dateOf(store.clock, ttlMs);
  const owner = { ...(memberId !== undefined && { memberId }), ...(home !== undefined && { home }) };
  await replace(store, {
    _id: id,
    ...owner,
    purpose,
    binding,
    generation,
    code: codeDigest(store, id, digits),
    subject: store.sealer.seal(JSON.stringify(subject), context(id)),
    validUntil,
  });
  await store.links.create([
    { _id: digest(linkToken), ...owner, challengeId: id, generation, expiresAt: validUntil },
  ]);
  return { id, code: `${digits.slice(0, 4)} ${digits.slice(4)}`, linkToken };
}

async function redeemCode(
  store: Store,
  answer: ChallengeBinding & { code: string },
): Promise<ProvenChallenge> {
  const id = idOf(answer);
  const digits = readCode(answer.code);
  // Counted before it is compared, outside any transaction: neither parallel guesses nor a request that is
  // broken off gets a try for nothing.
  const record = await store.challenges
    .findOneAndUpdate(
      { _id: id, tries: trusted({ $lt: triesPerCode }), spent: trusted({ $lt: triesPerBinding }) },
      { $inc: { tries: 1, spent: 1 } },
      { returnDocument: 'after' },
    )
    .lean<ChallengeRecord>();
  if (!record) {
    throw new DomainError((await store.challenges.exists({ _id: id })) ? 'code.exhausted' : 'code.expired');
  }
  if (record.validUntil <= dateOf(store.clock)) throw new DomainError('code.expired');
  if (record.code === undefined || !constantTimeEqual(record.code, codeDigest(store, id, digits))) {
    throw new DomainError('code.invalid');
  }
  const result = await spend(store, record);
  if (!result) throw new DomainError('code.invalid');
  return result;
}

/** The challenge of a link that may still be spent. */
async function liveLink(
  store: Store,
  link: { purpose: ChallengePurpose; token: string },
): Promise<ChallengeRecord | undefined> {
  const pointer = await store.links.findById(digest(link.token)).lean();
  if (!pointer) return undefined;
  const record = await store.challenges.findById(pointer.challengeId).lean<ChallengeRecord>();
  const isLive =
    record?.code !== undefined &&
    record.purpose === link.purpose &&
    record.generation === pointer.generation &&
    record.validUntil > dateOf(store.clock);
  return isLive ? record : undefined;
}

/** Single use: of all who come with the live code or link, one finds it. */
async function spend(store: Store, live: ChallengeRecord): Promise<ProvenChallenge | undefined> {
  const record = await store.challenges
    .findOneAndUpdate(
      { _id: live._id, generation: live.generation, code: trusted({ $exists: true }) },
      { $unset: { code: 1, subject: 1 } },
      { returnDocument: 'before' },
    )
    .lean<ChallengeRecord>();
  return record ? proven(store, record) : undefined;
}

function proven(store: Store, record: ChallengeRecord): ProvenChallenge {
  const { _id, purpose, binding, memberId, home, subject } = record;
  return {
    id: _id,
    purpose: purpose as ChallengePurpose,
    binding,
    memberId,
    home,
    subject: subject ? JSON.parse(store.sealer.open(subject, context(_id)).toString()) : {},
  };
}

function idOf({ purpose, binding }: ChallengeBinding): string {
  return `${purpose}:${binding}`;
}

function codeDigest(store: Store, id: string, digits: string): string {
  return keyedHash(store.hmacKey, 'challenge', id, digits);
}

function context(id: string): string {
  return `challenges.subject.${id}`;
}

/**
 * The digits of a code as people type or paste it: spaces, dashes, invisible signs and the digits of another keyboard
 * (full-width, Arabic) are forgiven.
 */
function readCode(typed: string): string {
  const digits = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}\p{Cf}]/gu, '')
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) % 16));
  if (!/^\d{8}$/.test(digits)) throw new DomainError('code.invalid');
  return digits;
}

type LiveChallenge = Omit<ChallengeRecord, 'tries' | 'spent' | 'budgetUntil' | 'expiresAt'>;

/** Puts the newest in place of what was: the budget of guesses goes on while it lasts, else begins anew. */
async function replace({ challenges, clock }: Store, live: LiveChallenge): Promise<void> {
  const { _id, ...fields } = live;
  const now = dateOf(clock);
  // Somebody else's member must not stay behind when the flow goes on with another address.
  const gone = { ...(!live.memberId && { memberId: 1 as const }), ...(!live.home && { home: 1 as const }) };
  for (;;) {
    const goesOn = await challenges.updateOne(
      { _id, budgetUntil: trusted({ $gt: now }) },
      { $set: { ...fields, tries: 0 }, $unset: gone, $max: { expiresAt: live.validUntil } },
    );
    if (goesOn.matchedCount > 0) return;
    const budgetUntil = dateOf(clock, budgetMs);
    const expiresAt = new Date(Math.max(budgetUntil.getTime(), live.validUntil.getTime()));
    try {
      await challenges.replaceOne(
        { _id, budgetUntil: trusted({ $lte: now }) },
        { ...fields, tries: 0, spent: 0, budgetUntil, expiresAt },
        { upsert: true },
      );
      return;
    } catch (error) {
      // Another sending came first: its budget is ours too.
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
