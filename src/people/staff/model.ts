/** The stored staff: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../../base/db/schema.ts';
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
  createdAt: Date;
  changedAt: Date;
}

const fields: Fields<StaffRecord> = {
  _id: String,
  memberId: String,
  home: String,
  grants: { type: [{ _id: false, permission: String, layers: [String] }], required: true },
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

/**
 * The model of the staff.
 * @param connection the main database
 */
export const staffModel = (connection: Connection) =>
  modelOf<StaffRecord>(connection, staffCollection, fields);
