/** The stored known devices: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';
import type { DeviceName } from './device-name.ts';

/** A device on which a member has signed in. */
export interface DeviceRecord {
  /** Keyed hash of member and device cookie: the collection alone links no two members to one device. */
  _id: string;
  memberId: string;
  home: string;
  browser?: string;
  system?: string;
  kind: DeviceName['kind'];
  firstSeen: Date;
  /** Midnight (UTC) of the last day: when exactly somebody signs in is nobody's business here. */
  lastSeen: Date;
  /** Forgotten when not seen until then. */
  expiresAt: Date;
}

const fields: Fields<DeviceRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  browser: String,
  system: String,
  kind: { type: String, required: true },
  firstSeen: { type: Date, required: true },
  lastSeen: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
};

/**
 * The model of known devices.
 * @param connection the main database
 */
export const deviceModel = (connection: Connection) => modelOf<DeviceRecord>(connection, 'devices', fields);

/** Indexes of the known devices. */
export const deviceIndexes: IndexDeclaration[] = [
  { collection: 'devices', keys: { memberId: 1 } },
  { collection: 'devices', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
