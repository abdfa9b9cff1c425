/** The staff's part in the rights of a person. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import { withGrants } from './grants.ts';
import { type StaffRecord, staffCollection, staffId, staffModel } from './model.ts';

/**
 * Joins the staff to the PersonalData port. A merge carries what both accounts may do over to the one that stays: it
 * is the same person.
 * @param connection the main database
 */
export function staffPersonalData(connection: Connection): PersonalData {
  const model = staffModel(connection);
  const idOf = (id: string) => staffId({ kind: 'member', id });
  return {
    room: 'staff',
    collections: [staffCollection],
    async export(memberId) {
      const found = await model.findOne({ _id: idOf(memberId) }).lean<StaffRecord>();
      const machines = await model.find({ responsible: memberId }, { _id: 1 }).lean<{ _id: string }[]>();
      if (!found && machines.length === 0) return {};
      return {
        staff: {
          ...(found && { grants: found.grants, since: found.createdAt }),
          ...(machines.length > 0 && { answersFor: machines.map(({ _id }) => clientOf(_id)).sort() }),
        },
      };
    },
    async erase(memberId) {
      await model.deleteOne({ _id: idOf(memberId) });
      await model.updateMany({ responsible: memberId }, { $pull: { responsible: memberId } });
    },
    async reassign(from, to) {
      const answered = await answerInstead(from, to);
      const source = await model.findOne({ _id: idOf(from) }).lean<StaffRecord>();
      if (!source) return { room: 'staff', moved: answered };
      const target = await model.findOne({ _id: idOf(to) }).lean<StaffRecord>();
      const { _id: _from, ...rest } = source;
      const grants = withGrants(target?.grants ?? [], source.grants);
      await model.updateOne({ _id: idOf(to) }, { $set: { ...rest, memberId: to, grants } }, { upsert: true });
      await model.deleteOne({ _id: idOf(from) });
      return { room: 'staff', moved: [...answered, { collection: staffCollection, id: idOf(to) }] };
    },
  };

  /** Added first and taken away after, so that nothing is lost where it breaks off in between. */
  async function answerInstead(from: string, to: string) {
    const machines = await model.find({ responsible: from }, { _id: 1 }).lean<{ _id: string }[]>();
    await model.updateMany({ responsible: from }, { $addToSet: { responsible: to } });
    await model.updateMany({ responsible: from }, { $pull: { responsible: from } });
    return machines.map(({ _id }) => ({ collection: staffCollection, id: _id }));
  }
}

function clientOf(_id: string): string {
  return _id.slice(_id.indexOf(':') + 1);
}
