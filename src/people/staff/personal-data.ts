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
      return found ? { staff: { grants: found.grants, since: found.createdAt } } : {};
    },
    async erase(memberId) {
      await model.deleteOne({ _id: idOf(memberId) });
    },
    async reassign(from, to) {
      const source = await model.findOne({ _id: idOf(from) }).lean<StaffRecord>();
      if (!source) return { room: 'staff', moved: [] };
      const target = await model.findOne({ _id: idOf(to) }).lean<StaffRecord>();
      const { _id: _from, ...rest } = source;
      const grants = withGrants(target?.grants ?? [], source.grants);
      await model.updateOne({ _id: idOf(to) }, { $set: { ...rest, memberId: to, grants } }, { upsert: true });
      await model.deleteOne({ _id: idOf(from) });
      return { room: 'staff', moved: [{ collection: staffCollection, id: idOf(to) }] };
    },
  };
}
