/** The stored configuration: private to this module. Items and releases are addressed by their content and never change. */
import type { Connection } from 'mongoose';
import { type Fields, modelOf } from '../../base/db/schema.ts';

/** An item or a list of items, stored once however many releases hold it. */
export interface StoredContent {
  /** SHA-256 of the text, base64url. */
  _id: string;
  /** Canonical JSON. A text, so that no key of a document means anything to the database. */
  text: string;
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

/** That a release went live somewhere. */
export interface StoredPublication {
  /** Time-ordered. */
  _id: string;
  release: string;
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
const contentFields: Fields<StoredContent> = { _id: String, text: { type: String, required: true } };
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
  release: { type: String, required: true },
  by: author,
  at: { type: Date, required: true },
  regions: [String],
  markets: [String],
  version: { type: Number, required: true },
  before: Object,
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
} as const;

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
