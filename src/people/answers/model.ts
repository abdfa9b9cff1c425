/** The stored memory of questions: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../../base/db/schema.ts';

/** That a question was put, and what came of it; the answer itself stands in the member's record. */
export interface AskedRecord {
  /** Id of the rule that asked. */
  rule: string;
  outcome: 'answered' | 'skipped';
  at: Date;
  /** Id of the configuration release it was asked under. */
  release: string;
  /** The app it was asked on the way to. */
  client: string;
}

/** What a member was asked beside the forms. */
export interface ProfilingStateRecord {
  /** The member's id. */
  _id: string;
  memberId: string;
  home: string;
  /** Sign-ins on the way to apps that have questions. */
  signIns: number;
  /** By attribute. */
  asked: Record<string, AskedRecord>;
  updatedAt: Date;
}

const fields: Fields<ProfilingStateRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  signIns: { type: Number, required: true },
  asked: { type: Object, default: {} },
  updatedAt: { type: Date, required: true },
};

/** The collection of what members were asked. */
export const profilingStateCollection = 'profilingStates';

/**
 * The model of what members were asked.
 * @param connection the main database
 */
export const profilingStateModel = (connection: Connection) =>
  modelOf<ProfilingStateRecord>(connection, profilingStateCollection, fields);
