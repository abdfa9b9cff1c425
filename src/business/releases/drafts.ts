/**
 * The drafts: changes of the configuration that somebody is making, on top of a release. Owns what is changed, by whom,
 * and who approved it. Never makes anything live; a draft holds only items that are right by themselves.
 */
import { dateOf } from '../../base/kernel/clock.ts';
import type { Items } from '../layers/folder.ts';
import type { Json, JsonObject } from '../layers/json.ts';
import type { MergeConflict, Take } from '../layers/merge-items.ts';
import { withChanges } from '../layers/merge-items.ts';
import { contentOf, type Draft } from './draft.ts';
import { type CheckDeps, refuseFaults } from './draft-check.ts';
import { type ContentDeps, changesOf, itemOf, releaseById } from './draft-content.ts';
import { type ItemEdit, writeEdits, writeRebase, writeWhole } from './draft-edits.ts';
import { type DraftQuery, draftPage } from './draft-list.ts';
import { type DraftOutcome, type DraftReport, outcomeOf, reportOn, schemaOf } from './draft-report.ts';
import { approve, sendBack, submit, withdraw } from './draft-states.ts';
import type { WarningDeps } from './draft-warnings.ts';
import {
  changeDraft,
  type DraftWriteDeps,
  insertDraft,
  reopened,
  stillOpen,
  storedDraft,
  type Who,
} from './draft-writes.ts';
import type { Live } from './live.ts';
import type { StoredDraft } from './model.ts';
import type { Page } from './page.ts';
import type { SchemaChange } from './schema-report.ts';
import { draftNow, handsOf, type StandingDeps } from './standing.ts';
import { checkTarget, storedTarget, type Target, usualAt } from './target.ts';

/** A draft as somebody saw it: changing it is refused when it has changed since. */
export interface Seen {
  id: string;
  version: number;
}

/** A draft to be opened. */
export interface NewDraft {
  /** Why it is made; it becomes the message of the release. */
  message: string;
  /** Where it is to go live (default: everywhere). */
  target?: Target | undefined;
  /** The release it begins with (default: what is live at the target). */
  base?: string | undefined;
}

/** The drafts as other modules see them. Unless said otherwise, all throw DomainError `draft.unknown`. */
export interface Drafts {
  open(draft: NewDraft, who: Who): Promise<Draft>;
  get(id: string): Promise<Draft>;
  /** The newest first. */
  list(query?: DraftQuery): Promise<Page<Draft>>;
  /** Every item as it would be, on the draft's own base. */
  items(id: string): Promise<Items>;
  /** One item as it would be. */
  item(id: string, item: string): Promise<JsonObject | undefined>;
  /**
   * Changes items, all or none; approvals end.
   * @throws ConfigurationRefused with every fault; DomainError `draft.changed`, `draft.closed`
   */
  edit(seen: Seen, edits: readonly ItemEdit[], who: Who): Promise<Draft>;
  /** The same for everything at once: items that are not named are removed. */
  replace(seen: Seen, items: ReadonlyMap<string, Json>, who: Who): Promise<Draft>;
  /** Changes message or target; approvals end. @throws DomainError `target.unknown`, and as `edit` */
  describe(seen: Seen, change: Pick<Partial<NewDraft>, 'message' | 'target'>, who: Who): Promise<Draft>;
  /** What it comes to at its target. @throws ConfigurationRefused with every fault where that cannot go live */
  outcome(id: string): Promise<DraftOutcome>;
  /**
   * What it would do to the values that members have of attributes; counts them, so it may take a while. The draft must
   * be without faults.
   */
  schema(id: string): Promise<readonly SchemaChange[]>;
  /** What publishing it would meet. */
  check(id: string): Promise<DraftReport>;
  /**
   * Carries the changes over to another release (default: what is live at the target). Where both changed the same key
   * differently nothing is written and the conflicts are told, unless `take` says which side counts. Approvals last
   * when the changes are the same as before.
   */
  rebase(
    seen: Seen,
    how: { onto?: string | undefined; take?: Take | undefined },
    who: Who,
  ): Promise<{ draft: Draft; conflicts: readonly MergeConflict[] }>;
  /** Asks for approval; where none is needed it is approved at once. @throws ConfigurationRefused; `draft.empty` */
  submit(seen: Seen, who: Who): Promise<Draft>;
  /** @throws DomainError `draft.not_submitted`, `draft.approval_refused` for whoever had a hand in it and for machines */
  approve(seen: Seen, who: Who): Promise<Draft>;
  /** Gives a submitted draft back to its authors. */
  sendBack(seen: Seen, reason: string, who: Who): Promise<Draft>;
  /** Ends a draft. */
  withdraw(seen: Seen, reason: string, who: Who): Promise<Draft>;
}

/** What the drafts are made of. */
export type DraftsDeps = DraftWriteDeps &
  CheckDeps &
  ContentDeps &
  StandingDeps &
  WarningDeps & { live: Pick<Live, 'current'> };

/**
 * Builds the drafts.
 * @param deps databases, clock, ids, events, store, what is live, what configurations are judged against
 */
export function createDrafts(deps: DraftsDeps): Drafts {
  const seenAs = async (write: Promise<StoredDraft>) => draftNow(deps, await write);
  return {
    open: (draft, who) => seenAs(openDraft(deps, draft, who)),
    get: (id) => seenAs(storedDraft(deps, id)),
    list: (query = {}) => draftPage(deps, query),
    async items(id) {
      const draft = await storedDraft(deps, id);
      const base = await releaseById(deps, draft.base);
      return withChanges(base.items, await changesOf(deps, draft));
    },
    item: async (id, item) => itemOf(deps, await storedDraft(deps, id), item),
    edit: (seen, edits, who) => seenAs(writeEdits(deps, seen, edits, who)),
    replace: (seen, items, who) => seenAs(writeWhole(deps, seen, items, who)),
    describe: (seen, change, who) => seenAs(describeDraft(deps, seen, change, who)),
    async outcome(id) {
      const outcome = await outcomeOf(deps, await storedDraft(deps, id));
      await refuseFaults(deps, outcome.items);
      return outcome;
    },
    schema: async (id) => schemaOf(deps, await storedDraft(deps, id)),
    check: async (id) => reportOn(deps, await storedDraft(deps, id)),
    async rebase(seen, how, who) {
      const { draft, conflicts } = await writeRebase(deps, seen, how, who);
      return { draft: await draftNow(deps, draft), conflicts };
    },
    submit: (seen, who) => seenAs(submit(deps, seen, who)),
    approve: (seen, who) => seenAs(approve(deps, seen, who)),
    sendBack: (seen, reason, who) => seenAs(sendBack(deps, seen, reason, who)),
    withdraw: (seen, reason, who) => seenAs(withdraw(deps, seen, reason, who)),
  };
}

async function openDraft(deps: DraftsDeps, draft: NewDraft, who: Who): Promise<StoredDraft> {
  const { message, target = 'all', base } = draft;
  const live = deps.live.current();
  const stored = storedTarget(target);
  checkTarget(target, live.all.configuration);
  const usual = usualAt(target, live);
  const release = base === undefined ? usual.release : await releaseById(deps, base);
  const at = dateOf(deps.clock);
  return insertDraft(
    deps,
    {
      _id: deps.ids.timeOrdered('drf', deps.clock.now()),
      version: 1,
      state: 'open',
      message,
      author: who.by,
      editors: await handsOf(deps, who.by),
      at,
      changedAt: at,
      changedBy: who.by,
      edited: { by: who.by, at },
      base: release.id,
      target: stored,
      changes: [],
      content: contentOf([], stored),
      approvals: [],
      stages: [],
    },
    who,
  );
}

async function describeDraft(
  deps: DraftsDeps,
  seen: Seen,
  { message, target }: Pick<Partial<NewDraft>, 'message' | 'target'>,
  who: Who,
): Promise<StoredDraft> {
  if (target !== undefined) checkTarget(target, deps.live.current().all.configuration);
  const hands = await handsOf(deps, who.by);
  return changeDraft(deps, seen, who, (draft) => {
    const place = target === undefined ? stillOpen(draft).target : storedTarget(target);
    const set = { target: place, ...(message !== undefined && { message }) };
    return reopened(stillOpen(draft), hands, { ...set, content: contentOf(draft.changes, place) });
  });
}
