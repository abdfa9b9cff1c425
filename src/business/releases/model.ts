/** The stored configuration: private to this module. Items and releases are addressed by their content and never change. */
import type { Connection } from 'mongoose';
import { type Fields, type IndexDeclaration, modelOf } from '../../base/db/schema.ts';
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { DraftState } from './draft.ts';
import type { StoredTarget } from './target.ts';

/** An item or a list of items, stored once however many releases hold it. */
export interface StoredContent {
  /** SHA-256 of the text, base64url. */
  _id: string;
  /** Canonical JSON. A text, so that no key of a document means anything to the database. */
  text: string;
  /** Since when only drafts have referred to it, if anything; absent in what a release holds. */
  looseSince?: Date;
}

/** Who made something. */
export interface Author {
  kind: 'member' | 'client' | 'operator' | 'system';
  id: string;
}

/** A release: everything that was configured at one point. */
export interface StoredRelease {
  /** SHA-256 of everything below, base64url. */
  _id: string;
  /** The release it was made from; absent for the first. */
  parent?: string;
  author: Author;
  message: string;
  at: Date;
  /** Groups of items, each with the address of its list. */
  groups: { group: string; list: string }[];
}

/** Which releases are live. There is one document. */
export interface StoredHead {
  _id: string;
  /** Rises with each publication. */
  version: number;
  /** The release that is live where nothing else is said. */
  all: string;
  regions: { id: string; release: string }[];
  markets: { id: string; release: string }[];
}

/** Why a release went live: it was published, an earlier one came back, or the last publication was undone. */
export type PublicationKind = 'publish' | 'rollback' | 'undo';

/** That a release went live somewhere. */
export interface StoredPublication {
  /** Time-ordered. */
  _id: string;
  /** Absent in what was stored before there was anything but publishing. */
  kind?: PublicationKind;
  release: string;
  /** The draft it came from. */
  draft?: string;
  /** The publication that was undone. */
  undone?: string;
  /** Why an earlier state came back. */
  reason?: string;
  by: Author;
  at: Date;
  /** Empty for the whole program. */
  regions: string[];
  markets: string[];
  /** Version of the head that it made. */
  version: number;
  /** What was live before, to roll back to. */
  before: Omit<StoredHead, '_id'> | null;
}

/** That somebody approved a draft as it was. */
export interface StoredApproval {
  by: Author;
  at: Date;
  /** The draft's content at that moment; for another content it does not count. */
  content: string;
}

/** One item that a draft changes. */
export interface StoredChange {
  item: string;
  /** Address of the new content; absent when the item is removed. */
  hash?: string;
  /** SHA-256 of what is different from the base, key by key. */
  delta: string;
}

/** That a draft is to be published: at a time, or at once and not finished. */
export interface StoredOrder {
  id: string;
  by: Author;
  at: Date;
  /** When it is to go live; absent for at once. */
  publishAt?: Date;
  target: StoredTarget;
  /** Places whose own release may end. */
  ending: boolean;
  /** Attributes with stored values that may go. */
  orphans: string[];
  trace: string;
}

/** Why a draft did not go live when it should have. */
export interface StoredFailure {
  at: Date;
  code: ErrorCode;
  /** Faults of the configuration, as JSON. */
  faults: string;
}

/** That a draft went live somewhere. */
export interface StoredStage {
  release: string;
  /** The release that its changes were applied to. */
  onto: string;
  target: StoredTarget;
  at: Date;
  by: Author;
  /** Version of the head. */
  head: number;
  /** The draft's content then. */
  content: string;
}

/** A change of the configuration that is being made. */
export interface StoredDraft {
  /** Time-ordered. */
  _id: string;
  /** Rises with each change. */
  version: number;
  state: DraftState;
  message: string;
  author: Author;
  /** Whoever changed its content, the author and those who answered for a machine included. */
  editors: Author[];
  at: Date;
  changedAt: Date;
  /** Who changed it last; unknown of drafts that were last changed before this was kept. */
  changedBy?: Author;
  /** Who changed its contents last, and when; unknown of drafts that were last changed before this was kept. */
  edited?: { by: Author; at: Date };
  /** The release that the changes are meant for. */
  base: string;
  target: StoredTarget;
  changes: StoredChange[];
  /** SHA-256 of what it changes, key by key, and where: approvals are for this. */
  content: string;
  approvals: StoredApproval[];
  /** Why it was sent back or withdrawn. */
  remark?: { by: Author; at: Date; text: string };
  order?: StoredOrder;
  /** When a job looks at the order. */
  due?: Date;
  failure?: StoredFailure;
  stages: StoredStage[];
}

/** A legal text that went live: somebody may have agreed to it, so it is kept for good. */
export interface StoredLegalText {
  /** Document `:` version `:` language. */
  _id: string;
  hash: string;
  source: string;
  /** The document's description when it first went live, canonical JSON. */
  document: string;
  at: Date;
}

const author = { kind: { type: String, required: true }, id: { type: String, required: true } };
const contentFields: Fields<StoredContent> = {
  _id: String,
  text: { type: String, required: true },
  looseSince: Date,
};
const releaseFields: Fields<StoredRelease> = {
  _id: String,
  parent: String,
  author,
  message: { type: String, required: true },
  at: { type: Date, required: true },
  groups: [{ _id: false, group: String, list: String }],
};
const aimed = [{ _id: false, id: String, release: String }];
const headFields: Fields<StoredHead> = {
  _id: String,
  version: { type: Number, required: true },
  all: { type: String, required: true },
  regions: aimed,
  markets: aimed,
};
const publicationFields: Fields<StoredPublication> = {
  _id: String,
  kind: String,
  draft: String,
  undone: String,
  reason: String,
  release: { type: String, required: true },
  by: author,
  at: { type: Date, required: true },
  regions: [String],
  markets: [String],
  version: { type: Number, required: true },
  before: Object,
};
const draftFields: Fields<StoredDraft> = {
  _id: String,
  version: { type: Number, required: true },
  state: { type: String, required: true },
  message: { type: String, required: true },
  author,
  editors: [{ _id: false, ...author }],
  at: { type: Date, required: true },
  changedAt: { type: Date, required: true },
  changedBy: Object,
  edited: Object,
  base: { type: String, required: true },
  target: { regions: [String], markets: [String] },
  changes: [{ _id: false, item: String, hash: String, delta: String }],
  content: { type: String, required: true },
  approvals: [{ _id: false, by: author, at: Date, content: String }],
  remark: Object,
  order: Object,
  due: Date,
  failure: Object,
  stages: [Object],
};
const legalTextFields: Fields<StoredLegalText> = {
  _id: String,
  hash: { type: String, required: true },
  source: { type: String, required: true },
  document: { type: String, required: true },
  at: { type: Date, required: true },
};

/** Names of the collections, for migrations and the watch. */
export const releaseCollections = {
  contents: 'configurationContents',
  releases: 'configurationReleases',
  heads: 'configurationHeads',
  publications: 'configurationPublications',
  legalTexts: 'legalTexts',
  drafts: 'configurationDrafts',
} as const;

/** Indexes of what is listed or waited for. */
export const releaseIndexes: readonly IndexDeclaration[] = [
  { collection: releaseCollections.drafts, keys: { state: 1, _id: -1 } },
  { collection: releaseCollections.drafts, keys: { due: 1 }, options: { sparse: true } },
  { collection: releaseCollections.drafts, keys: { 'changes.hash': 1 } },
  { collection: releaseCollections.contents, keys: { looseSince: 1 }, options: { sparse: true } },
  { collection: releaseCollections.publications, keys: { release: 1 } },
  { collection: releaseCollections.publications, keys: { version: 1 } },
];

/** Id of the one head. */
export const headId = 'live';

export const contentModel = (connection: Connection) =>
  modelOf<StoredContent>(connection, releaseCollections.contents, contentFields);
export const releaseModel = (connection: Connection) =>
  modelOf<StoredRelease>(connection, releaseCollections.releases, releaseFields);
export const headModel = (connection: Connection) =>
  modelOf<StoredHead>(connection, releaseCollections.heads, headFields);
export const publicationModel = (connection: Connection) =>
  modelOf<StoredPublication>(connection, releaseCollections.publications, publicationFields);
export const legalTextModel = (connection: Connection) =>
  modelOf<StoredLegalText>(connection, releaseCollections.legalTexts, legalTextFields);
export const draftModel = (connection: Connection) =>
  modelOf<StoredDraft>(connection, releaseCollections.drafts, draftFields);
