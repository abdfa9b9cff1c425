/** The memory of questions: how often a member signed in where there are questions, and what was put to them. */
import type { Connection } from 'mongoose';
import { readById } from '../../base/db/read-by-id.ts';
import type { Tx } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import {
  type AskedRecord,
  type ProfilingStateRecord,
  profilingStateCollection,
  profilingStateModel,
} from './model.ts';

/** What is remembered of a member. */
export type Remembered = Pick<ProfilingStateRecord, 'signIns' | 'asked'>;

/** Whose memory. */
export interface Whose {
  _id: string;
  home: string;
}

/** The memory of questions. */
export interface QuestionMemory {
  read(memberId: string): Promise<Remembered>;
  /** Counts a sign-in; one command. */
  countSignIn(tx: Tx, member: Whose): Promise<Remembered>;
  /** Keeps that questions were put, by attribute; each for itself, so that two tabs do not lose each other's. */
  note(tx: Tx, member: Whose, asked: Readonly<Record<string, Omit<AskedRecord, 'at'>>>): Promise<void>;
}

/** What is remembered of somebody who was never asked. */
export const nothingRemembered: Remembered = Object.freeze({ signIns: 0, asked: {} });

/**
 * Builds the memory.
 * @param deps connection, clock
 */
export function createQuestionMemory(deps: { connection: Connection; clock: Clock }): QuestionMemory {
  const model = profilingStateModel(deps.connection);
  const read = readById<ProfilingStateRecord>(deps.connection, profilingStateCollection);
  const whose = ({ _id, home }: Whose) => ({ memberId: _id, home });
  return {
    read: async (memberId) => (await read(memberId)) ?? nothingRemembered,
    async countSignIn(tx, member) {
      const state = await model
        .findOneAndUpdate(
          { _id: member._id },
          {
            $inc: { signIns: 1 },
            $set: { updatedAt: dateOf(deps.clock) },
            $setOnInsert: { ...whose(member), asked: {} },
          },
          { upsert: true, returnDocument: 'after', session: tx },
        )
        .lean<ProfilingStateRecord>();
      return state ?? nothingRemembered;
    },
    async note(tx, member, asked) {
      const at = dateOf(deps.clock);
      const set = Object.fromEntries(
        Object.entries(asked).map(([attribute, record]) => [`asked.${attribute}`, { ...record, at }]),
      );
      if (Object.keys(set).length === 0) return;
      await model.updateOne(
        { _id: member._id },
        { $set: { ...set, updatedAt: at }, $setOnInsert: { ...whose(member), signIns: 0 } },
        { upsert: true, session: tx },
      );
    },
  };
}
