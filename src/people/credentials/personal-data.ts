/** The credentials' part in the rights of a person: that a password exists may be told, what it is never. */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction } from '../../base/db/transaction.ts';
import type { PersonalData, UndoRecord } from '../../base/kernel/personal-data.ts';
import type { Sealer } from '../../base/kernel/sealing.ts';
import { challengeLinkModel, challengeModel, credentialModel } from './model.ts';
import { createSealedHashes, credentialIdOfPassword } from './sealed-hashes.ts';

/**
 * Joins credentials and challenges to the PersonalData port. A merge moves the password only to a member who has
 * none: whoever keeps the account keeps their own.
 * @param deps databases, pepper, and `homeOf`: a member's residency area, undefined when there is no such member
 */
export function credentialsPersonalData(deps: {
  db: Database;
  pepper: Sealer;
  homeOf: (memberId: string) => Promise<string | undefined>;
}): PersonalData {
  const credentials = credentialModel(deps.db.main);
  const challenges = challengeModel(deps.db.main);
  const links = challengeLinkModel(deps.db.main);
  const hashes = createSealedHashes(deps.pepper);
  const dropChallenges = (memberId: string) =>
    Promise.all([challenges.deleteMany({ memberId }), links.deleteMany({ memberId })]);
  return {
    room: 'credentials',
    collections: ['credentials', 'challenges', 'challengeLinks'],
    async export(memberId) {
      const [rows, waiting] = await Promise.all([
        credentials.find({ memberId }, { type: 1, createdAt: 1, changedAt: 1 }).lean(),
        challenges.find({ memberId }, { purpose: 1, validUntil: 1 }).lean(),
      ]);
      return {
        credentials: rows.map(({ type, createdAt, changedAt }) => ({ type, createdAt, changedAt })),
        challenges: waiting.map(({ purpose, validUntil }) => ({ purpose, validUntil })),
      };
    },
    async erase(memberId) {
      await Promise.all([credentials.deleteMany({ memberId }), dropChallenges(memberId)]);
    },
    async reassign(from, to) {
      await dropChallenges(from);
      const nothing: UndoRecord = { room: 'credentials', moved: [] };
      const home = await deps.homeOf(to);
      if (home === undefined) return nothing;
      const source = credentialIdOfPassword(from);
      const target = credentialIdOfPassword(to);
      return inTransaction(deps.db, async (tx) => {
        const record = await credentials.findById(source).session(tx).lean();
        if (!record || (await credentials.exists({ _id: target }).session(tx))) return nothing;
        const secret = hashes.seal(target, hashes.open(record));
        const moved = { ...record, _id: target, memberId: to, home, secret };
        await credentials.create([moved], { session: tx });
        await credentials.deleteOne({ _id: source }, { session: tx });
        return { room: 'credentials', moved: [{ collection: 'credentials', id: target }] };
      });
    },
  };
}
