/** Releases, drafts and publications as the Configuration API shows them. */
import type { z } from 'zod';
import { cursorOf } from '../../base/http/paging.ts';
import type { Comparison } from '../../business/releases/comparisons.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { PublicationInfo } from '../../business/releases/history.ts';
import type { Page } from '../../business/releases/page.ts';
import type { ReleaseInfo } from '../../business/releases/release-store.ts';
import type { Target } from '../../business/releases/target.ts';
import type { Acting } from '../desk/acting.ts';
import { faultsShown } from '../desk/refusals.ts';
import { seenComparison, seenFaults } from '../desk/sight.ts';
import type { Calling } from './acting.ts';
import type { comparisonShape, draftShape, publicationShape, releaseShape } from './shapes.ts';

type Names = Pick<Calling, 'nameOf'>;

const shown = (target: Target) =>
  target === 'all' ? target : { regions: [...target.regions], markets: [...target.markets] };

/**
 * A release.
 * @param release what it says of itself
 * @param names tells who is who
 */
export async function releaseView(
  { id, parent, author, message, at }: ReleaseInfo,
  names: Names,
): Promise<z.input<typeof releaseShape>> {
  return {
    id,
    parent: parent ?? null,
    author: await names.nameOf(author),
    message,
    at: at.toISOString(),
  };
}

/**
 * A publication.
 * @param publication the publication
 * @param names tells who is who
 */
export async function publicationView(
  publication: PublicationInfo,
  names: Names,
): Promise<z.input<typeof publicationShape>> {
  const { id, kind, release, target, by, at, version, draft, undone, reason } = publication;
  return {
    id,
    kind,
    release,
    target: shown(target),
    by: await names.nameOf(by),
    at: at.toISOString(),
    version,
    draft: draft ?? null,
    undone: undone ?? null,
    reason: reason ?? null,
  };
}

/**
 * A draft, its faults as far as the caller may read the items they are in.
 * @param draft the draft
 * @param names tells who is who, and what the caller may read
 */
export async function draftView(
  draft: Draft,
  names: Names & Pick<Calling, 'allowed'>,
): Promise<z.input<typeof draftShape>> {
  const { remark, schedule, failure } = draft;
  const signed = async ({ by, at }: { by: Draft['author']; at: Date }) => ({
    by: await names.nameOf(by),
    at: at.toISOString(),
  });
  return {
    id: draft.id,
    version: draft.version,
    state: draft.state,
    message: draft.message,
    author: await names.nameOf(draft.author),
    editors: await Promise.all(draft.editors.map((editor) => names.nameOf(editor))),
    createdAt: draft.createdAt.toISOString(),
    changedAt: draft.changedAt.toISOString(),
    base: draft.base,
    target: shown(draft.target),
    changes: [...draft.changes],
    approvals: await Promise.all(draft.approvals.map(signed)),
    remark: remark ? { ...(await signed(remark)), text: remark.text } : null,
    schedule: schedule ? { ...(await signed(schedule)), target: shown(schedule.target) } : null,
    failure: failure
      ? {
          at: failure.at.toISOString(),
          code: failure.code,
          faults: faultsShown(await seenFaults(failure.faults, names)),
        }
      : null,
    stages: await Promise.all(
      draft.stages.map(async (stage) => ({
        ...(await signed(stage)),
        release: stage.release,
        target: shown(stage.target),
      })),
    ),
  };
}

/**
 * A difference, as far as the caller may read it.
 * @param comparison the difference
 * @param acting says what the caller may read
 */
export async function comparisonView(
  comparison: Comparison,
  acting: Acting,
): Promise<z.input<typeof comparisonShape>> {
  const { from, items, effective, hidden } = await seenComparison(comparison, acting);
  return {
    from,
    items: items.map(({ item, change, keys }) => ({ item, change, keys: [...keys] })),
    effective: effective
      ? {
          changes: effective.changes.map((change) => ({ ...change, where: [...change.where] })),
          added: [...effective.added],
          removed: [...effective.removed],
        }
      : null,
    hidden,
  };
}

/**
 * A page of a list.
 * @param page as read
 * @param view what an entry looks like
 */
export async function pageView<T, V>(
  { items, next }: Page<T>,
  view: (item: T) => Promise<V>,
): Promise<{ items: V[]; next: string | null }> {
  return { items: await Promise.all(items.map(view)), next: next === undefined ? null : cursorOf(next) };
}
