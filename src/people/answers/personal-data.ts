/** The answers' part in the rights of a person: that a question was put. The answers themselves are the member's record. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import { type ProfilingStateRecord, profilingStateCollection, profilingStateModel } from './model.ts';

/**
 * Joins the memory of questions to the PersonalData port. A merge moves nothing: what one account was asked is no
 * answer of the other, and at worst the member can skip a question once more.
 * @param connection the main database
 */
export function answersPersonalData(connection: Connection): PersonalData {
  const model = profilingStateModel(connection);
  return {
    room: 'answers',
    collections: [profilingStateCollection],
    async export(memberId) {
      const state = await model.findOne({ _id: memberId }).lean<ProfilingStateRecord>();
      return state ? { questions: { signIns: state.signIns, asked: state.asked } } : {};
    },
    async erase(memberId) {
      await model.deleteOne({ _id: memberId });
    },
    async reassign() {
      return { room: 'answers', moved: [] };
    },
  };
}
