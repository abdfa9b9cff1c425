/** The drafts page by page, the newest first: those that are looked for, as they are at this moment. Reads only. */
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import type { Draft, DraftState } from './draft.ts';
import type { ContentDeps } from './draft-content.ts';
import { draftModel, type StoredDraft } from './model.ts';
import { type Page, type PageQuery, pageSize } from './page.ts';
import { draftNow, type StandingDeps } from './standing.ts';

/** Which drafts are looked for. */
export interface DraftQuery extends PageQuery {
  state?: DraftState | undefined;
  /** Which of some drafts are looked for; all of them without it. */
  among?: ((drafts: readonly Draft[]) => Promise<readonly Draft[]>) | undefined;
}

/** How often more is read for one page, where little of what was read is looked for. */
const mostLooks = 10;

/**
 * A page of the drafts. It may hold fewer than were asked for, or none, and still have a next one: nobody waits for
 * what lies far back among the drafts of others.
 * @param deps databases, what is live, what is known of the staff
 * @param query which drafts
 */
export async function draftPage(
  deps: StandingDeps & Pick<ContentDeps, 'live'> & { db: Pick<Database, 'main'> },
  query: DraftQuery,
): Promise<Page<Draft>> {
  const { state, among = async (all) => all } = query;
  const size = pageSize(query) - 1;
  const found: Draft[] = [];
  let { cursor } = query;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const rows = await rowsAfter(deps, { cursor, state, limit: size + 1 });
    const drafts = await Promise.all(rows.slice(0, size).map((row) => draftNow(deps, row)));
    for (const draft of await among(drafts.filter((each) => state === undefined || each.state === state))) {
      if (found.length === size) return { items: found, next: found.at(-1)?.id };
      found.push(draft);
    }
    if (rows.length <= size) return { items: found, next: undefined };
    cursor = drafts.at(-1)?.id;
  }
  return { items: found, next: cursor };
}

/** Whether a draft that was handed in is approved is found out about it: either may be stored. */
const handedIn: readonly DraftState[] = ['submitted', 'approved'];

function rowsAfter(
  { db }: { db: Pick<Database, 'main'> },
  { cursor, state, limit }: Pick<DraftQuery, 'cursor' | 'state'> & { limit: number },
): Promise<StoredDraft[]> {
  const states = state !== undefined && handedIn.includes(state) ? handedIn : [String(state) as DraftState];
  return draftModel(db.main)
    .find({
      ...(state !== undefined && { state: trusted({ $in: states }) }),
      ...(cursor !== undefined && { _id: trusted({ $lt: String(cursor) }) }),
    })
    .sort({ _id: -1 })
    .limit(limit)
    .lean<StoredDraft[]>()
    .exec();
}
