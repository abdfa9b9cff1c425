/**
 * Who counts as a second person: an approval counts while its giver may still approve, and what a machine changed was
 * changed by the people who answer for it. Whoever knows the staff says so; until then nobody may approve.
 */
import { DomainError } from '../../base/kernel/errors.ts';
import { approvalsOf, type Draft, draftOf, mayApprove } from './draft.ts';
import type { ContentDeps } from './draft-content.ts';
import type { Author, StoredApproval, StoredDraft } from './model.ts';

/** What is known of those who change and approve. */
export interface Standing {
  /** Whether somebody may approve changes of these items at this moment. */
  mayApprove(by: Author, items: readonly string[]): Promise<boolean>;
  /** The people who answer for a machine at this moment. */
  answerFor(machine: string): Promise<readonly Author[]>;
}

/** What asking for it takes. */
export interface StandingDeps {
  standing: Standing;
}

/** Nothing is known: nobody may approve. */
export const unknownStanding: Standing = {
  mayApprove: async () => false,
  answerFor: async () => [],
};

/**
 * How many approvals the program asks for: what is live says so, never the draft.
 * @param deps what is live
 */
export function approvalsNeeded({ live }: Pick<ContentDeps, 'live'>): number {
  return live.current().all.configuration.program.approvals;
}

/**
 * Whoever has a hand in what somebody changes: a machine's hands are those of the people who answer for it.
 * @param deps what is known of the staff
 * @param by who changes something
 */
export async function handsOf({ standing }: StandingDeps, by: Author): Promise<Author[]> {
  return by.kind === 'client' ? [by, ...(await standing.answerFor(by.id))] : [by];
}

/**
 * Lets somebody approve a draft only if they are a second person.
 * @param deps what is known of the staff
 * @param by who approves
 * @param draft as stored
 * @throws DomainError `draft.approval_refused` for whoever had a hand in it and for machines, `draft.nobody_responsible`
 * where nobody answers for a machine that changed it
 */
export async function refuseApprover(deps: StandingDeps, by: Author, draft: StoredDraft): Promise<void> {
  if (!mayApprove(by, draft.editors)) throw new DomainError('draft.approval_refused');
  const hands = await allHands(deps, draft.editors);
  if (!hands) throw new DomainError('draft.nobody_responsible');
  if (!mayApprove(by, hands)) throw new DomainError('draft.approval_refused');
}

/**
 * The approvals that count at this moment: {@link approvalsOf}, of people who may still give them.
 * @param deps what is known of the staff
 * @param draft as stored
 */
export async function approvalsNow(deps: StandingDeps, draft: StoredDraft): Promise<StoredApproval[]> {
  const given = approvalsOf(draft);
  if (given.length === 0) return [];
  const hands = await allHands(deps, draft.editors);
  if (!hands) return [];
  const items = draft.changes.map(({ item }) => item);
  const counts = await Promise.all(
    given.map(async ({ by }) => mayApprove(by, hands) && (await deps.standing.mayApprove(by, items))),
  );
  return given.filter((_, at) => counts[at]);
}

/**
 * A draft as other modules see it at this moment: approved only as long as enough approvals count. What is over shows
 * who approved it then.
 * @param deps what is live, what is known of the staff
 * @param stored as stored
 */
export async function draftNow(
  deps: StandingDeps & Pick<ContentDeps, 'live'>,
  stored: StoredDraft,
): Promise<Draft> {
  const draft = draftOf(stored);
  if (draft.state !== 'submitted' && draft.state !== 'approved') return draft;
  const approvals = await approvalsNow(deps, stored);
  const state = approvals.length < approvalsNeeded(deps) ? 'submitted' : 'approved';
  return { ...draft, state, approvals: approvals.map(({ by, at }) => ({ by, at })) };
}

/** Whoever had a hand in a draft, then or by now; undefined where nobody answers for a machine among them. */
async function allHands(deps: StandingDeps, editors: readonly Author[]): Promise<Author[] | undefined> {
  const hands = await Promise.all(editors.map((editor) => handsOf(deps, editor)));
  const unanswered = hands.some(([by, another]) => by?.kind === 'client' && !another);
  return unanswered ? undefined : hands.flat();
}
