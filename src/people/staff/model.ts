/** The stored staff: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';
import type { StaffGrant } from './grants.ts';

/** Somebody who may act on the program. */
export interface StaffRecord {
  /** `member:` or `client:` and the id. */
  _id: string;
  /** Of a member. */
  memberId?: string;
  /** The member's residency area. */
  home?: string;
  /** One entry per permission. */
  grants: StaffGrant[];
  /** Of a machine: the members who answer for it. Absent before anybody was named. */
  responsible?: string[];
  createdAt: Date;
  changedAt: Date;
}

const fields: Fields<StaffRecord> = {
  _id: String,
  memberId: String,
  home: String,
  grants: { type: [{ _id: false, permission: String, layers: [String] }], required: true },
  responsible: { type: [String], default: undefined },
  createdAt: { type: Date, required: true },
  changedAt: { type: Date, required: true },
};

/**
 * The `_id` of somebody: no member id and no client id holds a colon.
 * @param who a member or a client
 */
export function staffId({ kind, id }: { kind: 'member' | 'client'; id: string }): string {
  return `${kind}:${id}`;
}

/** The collection's name. */
export const staffCollection = 'staff';

/** Index of the machines that somebody answers for: their number is small, the question is a person's right. */
export const staffIndexes: readonly IndexDeclaration[] = [
  { collection: staffCollection, keys: { responsible: 1 }, options: { sparse: true } },
];

/**
 * The model of the staff.
 * @param connection the main database
 */
export const staffModel = (connection: Connection) =>
  modelOf<StaffRecord>(connection, staffCollection, fields);
