/** The stored decisions and their present state: private to this module. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';

/** What was decided. A grant is a client's access: given (or changed) and withdrawn. */
export type DecisionKind = 'accepted' | 'acknowledged' | 'given' | 'refused' | 'withdrawn';

/** How the decision reached us. */
export type Channel = 'web' | 'app' | 'device' | 'api';

/** One decision; appended, never changed. */
export interface ConsentRecord {
  /** Sorts by time. */
  _id: string;
  memberId: string;
  home: string;
  /** 1, 2, 3… per member, without gaps. */
  sequence: number;
  /** A legal document, a client's access, or one payment with points. */
  subject: 'purpose' | 'grant' | 'redemption';
  /** Id of the legal document, or client_id of the client that was allowed or wanted to pay. */
  subjectId: string;
  kind: DecisionKind;
  /** Letter of GDPR Art. 6(1). */
  lawfulBasis: string;
  jurisdiction: string;
  /** Version of the text; of a grant, the hash of its wording says it all and the version is `wording`. */
  version: string;
  /** SHA-256 of the exact text shown, base64url. */
  textHash: string;
  language: string;
  /** What a grant allows. */
  scopes?: string[];
  /** Claims that were asked for by name. */
  claims?: string[];
  resources?: GrantedResource[];
  /** Points that were to be paid; whom is in the text's hash only. */
  amount?: number;
  /** Through which brand and client the decision came. */
  brand?: string;
  clientId?: string;
  channel: Channel;
  at: Date;
}

/** Scopes allowed at a resource server. */
export interface GrantedResource {
  /** The resource indicator (RFC 8707). */
  resource: string;
  scopes: string[];
}

/** Where a member stands on one legal document. */
export interface PurposeStateRecord {
  purposeId: string;
  kind: DecisionKind;
  lawfulBasis: string;
  jurisdiction: string;
  version: string;
  textHash: string;
  language: string;
  brand?: string;
  at: Date;
  decisionId: string;
}

/** A client's access at present. */
export interface GrantStateRecord {
  clientId: string;
  scopes: string[];
  /** Claims allowed by name. */
  claims?: string[];
  resources: GrantedResource[];
  /** When access was first given since it was last withdrawn. */
  since: Date;
  /** When it was decided last. */
  at: Date;
  decisionId: string;
}

/** Where a member stands: one document, the sum of the decisions. */
export interface ConsentStateRecord {
  /** The member's id. */
  _id: string;
  memberId: string;
  home: string;
  /** Sequence of the latest decision that is contained. */
  version: number;
  purposes: PurposeStateRecord[];
  grants: GrantStateRecord[];
}

const resourceFields = [{ _id: false, resource: String, scopes: [String] }];

const consentFields: Fields<ConsentRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  sequence: { type: Number, required: true },
  subject: { type: String, required: true },
  subjectId: { type: String, required: true },
  kind: { type: String, required: true },
  lawfulBasis: { type: String, required: true },
  jurisdiction: { type: String, required: true },
  version: { type: String, required: true },
  textHash: { type: String, required: true },
  language: { type: String, required: true },
  scopes: { type: [String], default: undefined },
  claims: { type: [String], default: undefined },
  amount: Number,
  resources: { type: resourceFields, default: undefined },
  brand: String,
  clientId: String,
  channel: { type: String, required: true },
  at: { type: Date, required: true },
};

const stateFields: Fields<ConsentStateRecord> = {
  _id: String,
  memberId: { type: String, required: true },
  home: { type: String, required: true },
  version: { type: Number, required: true },
  purposes: [
    {
      _id: false,
      purposeId: String,
      kind: String,
      lawfulBasis: String,
      jurisdiction: String,
      version: String,
      textHash: String,
      language: String,
      brand: String,
      at: Date,
      decisionId: String,
    },
  ],
  grants: [
    {
      _id: false,
      clientId: String,
      scopes: [String],
      claims: { type: [String], default: undefined },
      resources: resourceFields,
      since: Date,
      at: Date,
      decisionId: String,
    },
  ],
};

/** The ledger of decisions. */
export const consentModel = (connection: Connection) =>
  modelOf<ConsentRecord>(connection, 'consents', consentFields);

/** The collection of where each member stands. */
export const consentStateCollection = 'consentStates';

/** Where each member stands. */
export const consentStateModel = (connection: Connection) =>
  modelOf<ConsentStateRecord>(connection, consentStateCollection, stateFields);

/** Indexes of the consent collections. */
export const consentIndexes: IndexDeclaration[] = [
  { collection: 'consents', keys: { memberId: 1, sequence: 1 } },
];
