/** The steps of a draft on its way: submitted, approved by others, sent back, withdrawn. */
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { ConfigurationRefused } from '../layers/fault.ts';
import { approvalsOf, samePerson } from './draft.ts';
import type { CheckDeps } from './draft-check.ts';
import type { ContentDeps } from './draft-content.ts';
import { judgedOutcome } from './draft-report.ts';
import {
  changeDraft,
  type DraftWriteDeps,
  sameVersion,
  stillOpen,
  storedDraft,
  type Who,
} from './draft-writes.ts';
import type { StoredDraft } from './model.ts';
import { approvalsNeeded, approvalsNow, refuseApprover, type StandingDeps } from './standing.ts';

/** What moving a draft on takes. */
type StateDeps = DraftWriteDeps & CheckDeps & ContentDeps & StandingDeps;

type Seen = Pick<StoredDraft, 'version'> & { id: string };

/**
 * Asks for approval; where none is needed the draft is approved at once.
 * @param deps databases, clock, events, what configurations are judged against
 * @param seen the draft's id and version
 * @param who who asks
 * @throws ConfigurationRefused; DomainError `draft.empty`, `draft.conflicts`, `draft.closed`, `draft.changed`
 */
export async function submit(deps: StateDeps, seen: Seen, who: Who): Promise<StoredDraft> {
  const draft = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  if (draft.changes.length === 0) throw new DomainError('draft.empty');
  const { faults, conflicts } = await judgedOutcome(deps, draft);
  if (conflicts.length > 0) throw new DomainError('draft.conflicts');
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  return changeDraft(deps, seen, who, (current) => {
    if (current.state !== 'open') return undefined;
    const state = approvalsNeeded(deps) === 0 ? 'approved' : 'submitted';
    return { set: { state }, unset: ['remark'], event: 'configuration.draft_submitted' };
  });
}

/**
 * Approves a draft as it is; a second approval of the same person changes nothing.
 * @param deps databases, clock, events, what is live
 * @param seen the draft's id and version
 * @param who who approves
 * @throws DomainError `draft.not_submitted`, `draft.approval_refused`, `draft.nobody_responsible`, `draft.closed`,
 * `draft.changed`
 */
export async function approve(deps: StateDeps, seen: Seen, who: Who): Promise<StoredDraft> {
  const needed = approvalsNeeded(deps);
  const draft = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  if (draft.state === 'open') throw new DomainError('draft.not_submitted');
  await refuseApprover(deps, who.by, draft);
  const before = approvalsOf(draft);
  if (before.some(({ by }) => samePerson(by, who.by))) return draft;
  const approvals = [...before, { by: who.by, at: dateOf(deps.clock), content: draft.content }];
  // Whoever approved before and may not any more stays on record, and is not counted.
  const counted = (await approvalsNow(deps, draft)).length + 1;
  // The version says that the draft is still what was judged.
  return changeDraft(deps, seen, who, () => ({
    set: { approvals, state: counted >= needed ? 'approved' : draft.state },
    event: 'configuration.draft_approved',
    data: { content: draft.content, approvals: counted, needed },
  }));
}

/**
 * Gives a submitted draft back to its authors; approvals and a planned publication end.
 * @param deps databases, clock, events
 * @param seen the draft's id and version
 * @param reason why
 * @param who who gives it back
 * @throws DomainError `draft.not_submitted`, `draft.closed`, `draft.changed`
 */
export async function sendBack(deps: StateDeps, seen: Seen, reason: string, who: Who): Promise<StoredDraft> {
  return changeDraft(deps, seen, who, (draft) => {
    if (stillOpen(draft).state === 'open') throw new DomainError('draft.not_submitted');
    const remark = { by: who.by, at: dateOf(deps.clock), text: reason };
    // Whoever gives it back has changed nothing of it, and may approve it later.
    return {
      set: { state: 'open', approvals: [], remark },
      unset: ['order', 'due', 'failure'],
      event: 'configuration.draft_sent_back',
    };
  });
}

/**
 * Ends a draft; what of it is live already stays.
 * @param deps databases, clock, events
 * @param seen the draft's id and version
 * @param reason why
 * @param who who ends it
 * @throws DomainError `draft.closed`, `draft.changed`
 */
export async function withdraw(deps: StateDeps, seen: Seen, reason: string, who: Who): Promise<StoredDraft> {
  return changeDraft(deps, seen, who, (draft) => {
    stillOpen(draft);
    const remark = { by: who.by, at: dateOf(deps.clock), text: reason };
    return {
      set: { state: 'withdrawn', remark },
      unset: ['order', 'due'],
      event: 'configuration.draft_withdrawn',
    };
  });
}
