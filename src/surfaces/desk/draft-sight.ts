/** Which drafts somebody learns of: what they had a hand in, and what changes at least one item that they may read. */
import { DomainError } from '../../base/kernel/errors.ts';
import { type Draft, samePerson } from '../../business/releases/draft.ts';
import type { DraftQuery } from '../../business/releases/draft-list.ts';
import type { Drafts } from '../../business/releases/drafts.ts';
import type { Page } from '../../business/releases/page.ts';
import { allows } from '../../people/staff/grants.ts';
import type { Acting } from './acting.ts';
import { type PlacesDeps, placesOf } from './places.ts';

/** What looking at drafts takes. */
export interface DraftSightDeps extends PlacesDeps {
  workflow: { drafts: Pick<Drafts, 'get' | 'list'> };
}

/**
 * A draft, for whoever may learn of it; for others there is none. What a token lacks is asked for where it is used.
 * @param deps drafts, clients, what is live
 * @param acting who
 * @param id the draft
 * @throws DomainError `draft.unknown`
 */
export async function draftFor(deps: DraftSightDeps, acting: Acting, id: string): Promise<Draft> {
  const draft = await deps.workflow.drafts.get(id);
  if ((await learnedOf(deps, acting, [draft])).length === 0) throw new DomainError('draft.unknown');
  return draft;
}

/**
 * A page of the drafts that somebody may learn of, the newest first.
 * @param deps drafts, clients, what is live
 * @param acting who
 * @param query which of them
 */
export function draftsFor(
  deps: DraftSightDeps,
  acting: Acting,
  query: Omit<DraftQuery, 'among'>,
): Promise<Page<Draft>> {
  return deps.workflow.drafts.list({ ...query, among: (drafts) => learnedOf(deps, acting, drafts) });
}

async function learnedOf(
  deps: PlacesDeps,
  { who, grants }: Acting,
  drafts: readonly Draft[],
): Promise<readonly Draft[]> {
  if (grants.some(({ layers }) => layers.includes('*'))) return drafts;
  const own = new Set(drafts.filter(({ editors }) => editors.some((editor) => samePerson(editor, who.by))));
  const items = drafts.flatMap((draft) => (own.has(draft) ? [] : draft.changes.map(({ item }) => item)));
  const placeOf = await placesOf(deps, [...new Set(items)]);
  const mayRead = (item: string) => allows(grants, 'read', item, placeOf(item));
  return drafts.filter((draft) => own.has(draft) || draft.changes.some(({ item }) => mayRead(item)));
}
