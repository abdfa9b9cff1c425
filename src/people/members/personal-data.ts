/** The members' part in the rights of a person. */
import type { Database } from '../../base/db/connection.ts';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import type { MemberKeys } from './member-keys.ts';
import type { Members } from './members.ts';
import { identifierModel, memberModel } from './model.ts';

/**
 * Joins members, identifiers and members' keys to the PersonalData port. Erasing destroys the key first: from that
 * moment nothing sealed can be read, whatever else is still to be done.
 * @param deps databases, members, member keys
 */
export function membersPersonalData(deps: {
  db: Database;
  members: Members;
  keys: MemberKeys;
}): PersonalData {
  const members = memberModel(deps.db.main);
  const identifiers = identifierModel(deps.db.main);
  return {
    room: 'members',
    collections: ['members', 'identifiers', 'memberKeys'],
    async export(memberId) {
      const member = await deps.members.get(memberId);
      if (!member) return {};
      const { sealed: _sealed, ...plain } = member;
      return {
        member: { ...plain, ...(await deps.members.profile(member)) },
        identifiers: await deps.members.identifiers(member),
      };
    },
    async erase(memberId, keep) {
      if (!keep.has('members.email') && !keep.has('members.name')) await deps.keys.destroy(memberId);
      await identifiers.deleteMany({ memberId });
      await members.updateOne(
        { _id: memberId },
        { $set: { status: 'erased', sealed: {}, traits: {} }, $inc: { securityEpoch: 1 } },
      );
    },
    async reassign(from, to) {
      const target = await deps.members.get(to);
      if (!target) return { room: 'members', moved: [] };
      const rows = await identifiers.find({ memberId: from }).lean();
      const [source, destination] = await Promise.all([deps.keys.open(from), deps.keys.open(to)]);
      const moved: { collection: string; id: string }[] = [];
      for (const row of rows) {
        if (!source || !destination) break;
        const value = source.open('identifiers.sealed', row.sealed);
        await identifiers.updateOne(
          { _id: row._id, memberId: from },
          { $set: { memberId: to, sealed: destination.seal('identifiers.sealed', value) } },
        );
        moved.push({ collection: 'identifiers', id: row._id });
      }
      return { room: 'members', moved };
    },
  };
}
