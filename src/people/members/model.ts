/** The members' collections: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import type { AttributeSource } from './attributes.ts';

/** Where a member stands: only `active` may sign in or use anything issued before. */
export type MemberStatus = 'active' | 'locked' | 'erased';

/** A member as stored. Direct identifiers and sensitive attributes are sealed with the member's own key. */
export interface MemberRecord {
  /** `mbr_` and 128 random bits: the `sub` of first-party tokens. */
  _id: string;
  /** Residency area; never changes (it is part of the shard key). */
  home: string;
  /** Market the member registered in; its jurisdiction rules their consents. */
  market: string;
  status: MemberStatus;
  /** Rises with each change that must end what was issued before; sessions and grants carry the epoch they were born with. */
  securityEpoch: number;
  /** Language chosen by the member. */
  locale: string;
  createdAt: Date;
  /** `password`, `google`, `facebook`. */
  createdVia: string;
  /** Brand the member registered at. */
  createdAtBrand?: string;
  /** Direct identifiers, each sealed: `email`, `name`, and `attribute:<name>` of what is no ordinary trait. */
  sealed: Record<string, string>;
  /** Ordinary traits, plain and typed. */
  traits: Record<string, AttributeValue>;
  /** Where each attribute came from; absent for what was written before sources were kept. */
  sources?: Record<string, AttributeSource>;
  updatedAt: Date;
}

const memberFields: Fields<MemberRecord> = {
  _id: String,
  home: { type: String, required: true },
  market: { type: String, required: true },
  status: { type: String, required: true },
  securityEpoch: { type: Number, required: true },
  locale: { type: String, required: true },
  createdAt: { type: Date, required: true },
  createdVia: { type: String, required: true },
  createdAtBrand: String,
  sealed: { type: Object, default: {} },
  traits: { type: Object, default: {} },
  sources: { type: Object, default: {} },
  updatedAt: { type: Date, required: true },
};

/** An identifier that leads to exactly one member: `_id` is type, key version and keyed digest of the value. */
export interface IdentifierRecord {
  _id: string;
  memberId: string;
  home: string;
  type: string;
  verifiedAt: Date;
  /** The value, sealed with the member's key, so that the member can see it. */
  sealed: string;
}

const identifierFields: Fields<IdentifierRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  type: { type: String, required: true },
  verifiedAt: { type: Date, required: true },
  sealed: { type: String, required: true },
};

/** A member's data key, wrapped; lives in the keys database. */
export interface MemberKeyRecord {
  /** Member id `:` scope. */
  _id: string;
  memberId: string;
  wrapped: string;
  createdAt: Date;
}

const memberKeyFields: Fields<MemberKeyRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  wrapped: { type: String, required: true },
  createdAt: { type: Date, required: true },
};

/** A registration that waits for its proof; holds nothing readable. */
export interface RegistrationRecord {
  _id: string;
  /** Keyed digest of the address, so that the first proof ends the others. */
  identifier: string;
  /** Everything the member will be made of, sealed. */
  sealed: string;
  createdAt: Date;
  expiresAt: Date;
}

const registrationFields: Fields<RegistrationRecord> = {
  _id: String,
  identifier: { type: String, required: true },
  sealed: { type: String, required: true },
  createdAt: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
};

/** Collections of this module, for joins and the PersonalData port. */
export const memberCollections = { members: 'members', identifiers: 'identifiers' } as const;

/** The collection of the members' keys, in the database of keys. */
export const memberKeyCollection = 'memberKeys';

export const memberModel = (connection: Connection) =>
  modelOf<MemberRecord>(connection, 'members', memberFields);
export const identifierModel = (connection: Connection) =>
  modelOf<IdentifierRecord>(connection, 'identifiers', identifierFields);
export const memberKeyModel = (keys: Connection) =>
  modelOf<MemberKeyRecord>(keys, memberKeyCollection, memberKeyFields);
export const registrationModel = (connection: Connection) =>
  modelOf<RegistrationRecord>(connection, 'registrations', registrationFields);

/** Indexes of the members' collections: housekeeping only, no hot path reads by them. */
export const memberIndexes: IndexDeclaration[] = [
  { collection: 'identifiers', keys: { memberId: 1 } },
  { collection: 'memberKeys', database: 'keys', keys: { memberId: 1 } },
  { collection: 'registrations', keys: { identifier: 1 } },
  { collection: 'registrations', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];
