/** Releases, publications and drafts as the console's pages show them. */
import type { Draft } from '../../business/releases/draft.ts';
import type { PublicationInfo } from '../../business/releases/history.ts';
import type { ReleaseInfo } from '../../business/releases/release-store.ts';
import type { NameOf } from './people.ts';
import { releasePath } from './release-paths.ts';
import type { PlaceNames } from './targets.ts';
import type { ShownDraft, ShownPublication, ShownRelease } from './views.ts';

/** What showing takes: who is who, and what places are called. */
export interface Words {
  nameOf: NameOf;
  places: PlaceNames;
}

/**
 * A release in a list.
 * @param release what it says of itself
 */
export function shownRelease({ id, message }: Pick<ReleaseInfo, 'id' | 'message'>): ShownRelease {
  return { id: shortId(id), message, url: releasePath(id) };
}

/**
 * A publication.
 * @param publication the publication
 * @param released what the release says of itself
 * @param words who is who, and where
 */
export function shownPublication(
  { kind, release, target, by, at, reason }: PublicationInfo,
  released: ReleaseInfo | undefined,
  { nameOf, places }: Words,
): ShownPublication {
  return {
    kind,
    target: places.target(target),
    by: nameOf(by),
    at: at.toISOString(),
    why: reason,
    release: shownRelease(released ?? { id: release, message: '' }),
  };
}

/**
 * A draft in a list.
 * @param draft the draft
 * @param words who is who, and where
 */
export function shownDraft(draft: Draft, { nameOf, places }: Words): ShownDraft {
  return {
    message: draft.message,
    url: `/console/drafts/${draft.id}`,
    state: draft.state,
    target: places.target(draft.target),
    author: nameOf(draft.author),
    changedAt: draft.changedAt.toISOString(),
    changeCount: draft.changes.length,
  };
}

/**
 * The beginning of a release's id, by which people tell it from others.
 * @param id its id
 */
function shortId(id: string): string {
  return id.slice(0, 8);
}
