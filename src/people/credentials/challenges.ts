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
  const challenges = challengeModel(deps.connection);
  const links = challengeLinkModel(deps.connection);
  const idOf = ({ purpose, binding }: ChallengeBinding) => `${purpose}:${binding}`;
  const codeDigest = (id: string, digits: string) => keyedHash(deps.hmacKey, 'challenge', id, digits);

  function proven(record: ChallengeRecord): ProvenChallenge {
    return {
      id: record._id,
      purpose: record.purpose as ChallengePurpose,
      binding: record.binding,
      memberId: record.memberId,
      home: record.home,
      subject: record.subject
        ? JSON.parse(deps.sealer.open(record.subject, context(record._id)).toString())
        : {},
    };
  }

  /** Single use: of two who come with the live code or link, one finds it. */
  async function spend(id: string, generation: string): Promise<ProvenChallenge | undefined> {
    const record = await challenges
      .findOneAndUpdate(
        { _id: id, generation, code: trusted({ $exists: true }) },
        { $unset: { code: 1, subject: 1 } },
        { returnDocument: 'before' },
      )
      .lean<ChallengeRecord>();
    return record && record.validUntil > dateOf(deps.clock) ? proven(record) : undefined;
  }

  async function liveLink(link: { purpose: ChallengePurpose; token: string }) {
    const pointer = await links.findById(digest(link.token)).lean();
    if (!pointer) return undefined;
    const record = await challenges.findById(pointer.challengeId).lean<ChallengeRecord>();
    const isLive =
      record?.code !== undefined &&
      record.purpose === link.purpose &&
      record.generation === pointer.generation &&
      record.validUntil > dateOf(deps.clock);
    return isLive ? record : undefined;
  }

  return {
    async create(challenge) {
      const id = idOf(challenge);
      const generation = deps.ids.secret(16);
      const digits = deps.ids.code(codeDigits);
      const linkToken = deps.ids.secret();
      const validUntil = dateOf(deps.clock, challenge.ttlMs);
      const owner = {
        ...(challenge.memberId !== undefined && { memberId: challenge.memberId }),
        ...(challenge.home !== undefined && { home: challenge.home }),
      };
      await replace(challenges, deps.clock, {
        _id: id,
        ...owner,
        purpose: challenge.purpose,
        binding: challenge.binding,
        generation,
        code: codeDigest(id, digits),
        subject: deps.sealer.seal(JSON.stringify(challenge.subject ?? {}), context(id)),
        validUntil,
      });
      await links.create([
        { _id: digest(linkToken), ...owner, challengeId: id, generation, expiresAt: validUntil },
      ]);
      return { id, code: `${digits.slice(0, 4)} ${digits.slice(4)}`, linkToken };
    },
    async redeemCode(answer) {
      const id = idOf(answer);
      const digits = readCode(answer.code);
      // Counted before it is compared, outside any transaction: neither parallel guesses nor a request that is
      // broken off gets a try for nothing.
      const record = await challenges
        .findOneAndUpdate(
          { _id: id, tries: trusted({ $lt: triesPerCode }), spent: trusted({ $lt: triesPerBinding }) },
          { $inc: { tries: 1, spent: 1 } },
          { returnDocument: 'after' },
        )
        .lean<ChallengeRecord>();
      if (!record) {
        throw new DomainError((await challenges.exists({ _id: id })) ? 'code.exhausted' : 'code.expired');
      }
      if (record.validUntil <= dateOf(deps.clock)) throw new DomainError('code.expired');
      if (record.code === undefined || !constantTimeEqual(record.code, codeDigest(id, digits))) {
        throw new DomainError('code.invalid');
      }
      const result = await spend(id, record.generation);
      if (!result) throw new DomainError('code.invalid');
      return result;
    },
    async redeemLink(link) {
      const record = await liveLink(link);
      const result = record && (await spend(record._id, record.generation));
      if (!result) throw new DomainError('link.invalid');
      return result;
    },
    async peekLink(link) {
      const record = await liveLink(link);
      return record && proven(record);
    },
  };
}

function context(id: string): string {
  return `challenges.subject.${id}`;
}

/** The digits of a code as people type or paste it: spaces, dashes and full-width digits are forgiven. */
function readCode(typed: string): string {
  const digits = typed.normalize('NFKC').replaceAll(/[\s\p{Pd}]/gu, '');
  if (!/^\d{8}$/.test(digits)) throw new DomainError('code.invalid');
  return digits;
}

type LiveChallenge = Omit<ChallengeRecord, 'tries' | 'spent' | 'budgetUntil' | 'expiresAt'>;

/** Puts the newest in place of what was: the budget of guesses goes on while it lasts, else begins anew. */
async function replace(
  challenges: ReturnType<typeof challengeModel>,
  clock: Clock,
  live: LiveChallenge,
): Promise<void> {
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
