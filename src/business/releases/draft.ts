/** A draft as other modules see it, and the rules that need no database: who may approve, what is approved. Pure. */
import type { ConfigurationFault } from '../layers/fault.ts';
import { canonicalJson, contentHash, type JsonObject } from '../layers/json.ts';
import { keyChanges } from '../layers/json-changes.ts';
import type {
  Author,
  StoredApproval,
  StoredChange,
  StoredDraft,
  StoredFailure,
  StoredStage,
} from './model.ts';
import { type StoredTarget, type Target, targetOf } from './target.ts';

/** Where a draft can be in its life. */
export const draftStates = ['open', 'submitted', 'approved', 'published', 'withdrawn'] as const;

/** Where a draft is in its life. */
export type DraftState = (typeof draftStates)[number];

/** That a draft went live somewhere. */
export interface Stage extends Omit<StoredStage, 'target' | 'content'> {
  target: Target;
}

/** When a draft is to go live, and where. */
export interface Schedule {
  at: Date;
  by: Author;
  target: Target;
}

/** Why a scheduled draft did not go live. */
export interface DraftFailure extends Omit<StoredFailure, 'faults'> {
  /** What is wrong with the configuration, where that was the reason. */
  faults: readonly ConfigurationFault[];
}

/** A change of the configuration that is being made. */
export interface Draft {
  id: string;
  /** Rises with each change: its ETag. */
  version: number;
  state: DraftState;
  message: string;
  author: Author;
  /** Whoever changed its content, the author and those who answer for a machine included; none of them can approve it. */
  editors: readonly Author[];
  createdAt: Date;
  changedAt: Date;
  /** Who changed it last, where that is known. */
  changedBy: Author | undefined;
  /** Who changed what it says or where it goes last, and when; a step on its way is no such change. */
  edited: { by: Author; at: Date };
  /** The release that the changes are meant for. */
  base: string;
  target: Target;
  /** The items it puts or removes. */
  changes: readonly { item: string; change: 'put' | 'removed' }[];
  /** Stands for what it changes and where: approvals are for this. */
  content: string;
  /** Who approved the content as it is. */
  approvals: readonly { by: Author; at: Date }[];
  /** Why it was sent back or withdrawn. */
  remark: { by: Author; at: Date; text: string } | undefined;
  schedule: Schedule | undefined;
  /** Why it did not go live at its time. */
  failure: DraftFailure | undefined;
  /** Where it went live so far, the first first. */
  stages: readonly Stage[];
}

/**
 * A draft as other modules see it.
 * @param stored as stored
 */
export function draftOf(stored: StoredDraft): Draft {
  const { order, failure, target, stages, changes } = stored;
  return {
    id: stored._id,
    version: stored.version,
    state: stored.state,
    message: stored.message,
    author: stored.author,
    editors: stored.editors,
    createdAt: stored.at,
    changedAt: stored.changedAt,
    changedBy: stored.changedBy,
    // Of drafts from before this was kept, whoever had a hand in it last is the nearest there is.
    edited: stored.edited ?? { by: stored.editors.at(-1) ?? stored.author, at: stored.changedAt },
    base: stored.base,
    target: targetOf(target),
    changes: changes.map(({ item, hash }) => ({ item, change: hash === undefined ? 'removed' : 'put' })),
    content: stored.content,
    approvals: approvalsOf(stored).map(({ by, at }) => ({ by, at })),
    remark: stored.remark,
    schedule: order?.publishAt && { at: order.publishAt, by: order.by, target: targetOf(order.target) },
    failure: failure && { ...failure, faults: JSON.parse(failure.faults) as ConfigurationFault[] },
    stages: stages.map(({ content: _, ...stage }) => ({ ...stage, target: targetOf(stage.target) })),
  };
}

/**
 * Stands for what an item's change does, whatever else the item says: the same change of another base is the same.
 * @param before the item before, undefined when there was none
 * @param after the item after, undefined when it is removed
 */
export function deltaOf(before: JsonObject | undefined, after: JsonObject | undefined): string {
  const keys = keyChanges(before, after).map(({ keys: path, to }) =>
    to === undefined ? [path] : [path, to],
  );
  return contentHash(canonicalJson([after === undefined ? 'removed' : 'put', keys]));
}

/**
 * Stands for everything a draft changes, and where.
 * @param changes what it puts and removes
 * @param target where it is to go live
 */
export function contentOf(changes: readonly StoredChange[], target: StoredTarget): string {
  const deltas = changes
    .map(({ item, delta }) => [item, delta])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return contentHash(canonicalJson({ deltas, target }));
}

/**
 * The approvals that count: for the draft as it is, each person once, and nobody who had a hand in it.
 * @param draft as stored
 */
export function approvalsOf({
  approvals,
  content,
  editors,
}: Pick<StoredDraft, 'approvals' | 'content' | 'editors'>): StoredApproval[] {
  const counted: StoredApproval[] = [];
  for (const approval of approvals) {
    const fits = approval.content === content && mayApprove(approval.by, editors);
    if (fits && !counted.some(({ by }) => samePerson(by, approval.by))) counted.push(approval);
  }
  return counted;
}

/**
 * Whether somebody may approve: a person, and not one who changed the draft.
 * @param by who
 * @param editors who changed it
 */
export function mayApprove(by: Author, editors: readonly Author[]): boolean {
  return (
    (by.kind === 'member' || by.kind === 'operator') && !editors.some((editor) => samePerson(editor, by))
  );
}

/** Whether two are the same. */
export function samePerson(one: Author, other: Author): boolean {
  return one.kind === other.kind && one.id === other.id;
}
