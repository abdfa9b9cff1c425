/** What was live, when, where and through whom: looked back on page by page. Reads only. */
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { type ContentDeps, releaseById } from './draft-content.ts';
import { type Author, type PublicationKind, publicationModel, type StoredPublication } from './model.ts';
import { type Page, type PageQuery, pageOf, pageSize } from './page.ts';
import { type LoadedRelease, shortestPrefix } from './release-store.ts';
import { type Target, targetOf } from './target.ts';

/** That a release went live somewhere. */
export interface PublicationInfo {
  id: string;
  kind: PublicationKind;
  release: string;
  target: Target;
  by: Author;
  at: Date;
  /** Version of the head that it made. */
  version: number;
  /** The draft it came from. */
  draft: string | undefined;
  /** The publication that was undone. */
  undone: string | undefined;
  /** Why an earlier state came back. */
  reason: string | undefined;
  /** What was live before for the whole program, in regions and in markets; undefined for the first. */
  before: { all: string; regions: readonly Own[]; markets: readonly Own[] } | undefined;
}

interface Own {
  id: string;
  release: string;
}

/** Looks back. */
export interface History {
  /** Publications, the newest first; of one release where asked for. */
  publications(query?: PageQuery & { release?: string | undefined }): Promise<Page<PublicationInfo>>;
  /** The publication that made a version of the head; the last one without. */
  publication(version?: number): Promise<PublicationInfo | undefined>;
  /** The publications that made some versions of the head, by version. */
  publicationsAt(versions: readonly number[]): Promise<ReadonlyMap<number, PublicationInfo>>;
  /**
   * The release that somebody means by its id or the beginning of it.
   * @param written at least 8 characters of the id
   * @throws DomainError `release.unknown`, `release.ambiguous`
   */
  named(written: string): Promise<LoadedRelease>;
  /** A release with its items. @throws DomainError `release.unknown` */
  release(id: string): Promise<LoadedRelease>;
}

/**
 * A publication as other modules see it.
 * @param stored as stored
 */
export function publicationOf(stored: StoredPublication): PublicationInfo {
  const { before } = stored;
  return {
    id: stored._id,
    kind: stored.kind ?? 'publish',
    release: stored.release,
    target: targetOf(stored),
    by: stored.by,
    at: stored.at,
    version: stored.version,
    draft: stored.draft,
    undone: stored.undone,
    reason: stored.reason,
    before: before ? { all: before.all, regions: before.regions, markets: before.markets } : undefined,
  };
}

/**
 * Opens the history.
 * @param deps databases, store, what is live
 */
export function createHistory(deps: ContentDeps & { db: Pick<Database, 'main'> }): History {
  const model = publicationModel(deps.db.main);
  return {
    async publications(query = {}) {
      const { cursor, release } = query;
      const rows = await model
        .find({
          ...(release !== undefined && { release: String(release) }),
          ...(cursor !== undefined && { version: trusted({ $lt: Number(cursor) || 0 }) }),
        })
        // By version: two publications of one instant have ids in any order.
        .sort({ version: -1 })
        .limit(pageSize(query))
        .lean<StoredPublication[]>();
      return pageOf(rows, query, publicationOf, ({ version }) => String(version));
    },
    async publication(version) {
      const stored = await model
        .findOne(version === undefined ? {} : { version: Number(version) })
        .sort({ version: -1 })
        .lean<StoredPublication>();
      return stored ? publicationOf(stored) : undefined;
    },
    async publicationsAt(versions) {
      if (versions.length === 0) return new Map();
      const rows = await model
        .find({ version: trusted({ $in: versions.map(Number) }) })
        .lean<StoredPublication[]>();
      return new Map(rows.map((row) => [row.version, publicationOf(row)]));
    },
    async named(written) {
      const like = written.length < shortestPrefix ? [] : await deps.store.idsLike(written);
      const found = like.includes(written) ? [written] : like;
      if (found.length > 1) throw new DomainError('release.ambiguous');
      return releaseById(deps, found[0] ?? written);
    },
    release: (id) => releaseById(deps, id),
  };
}
