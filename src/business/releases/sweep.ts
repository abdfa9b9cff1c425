/**
 * Removes contents that drafts have left behind: of edits that were edited again, and of drafts that were withdrawn.
 * Removes nothing that a release refers to, nor a draft that is open, went live, or was withdrawn lately.
 */
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { contentBatch } from './contents.ts';
import {
  contentModel,
  draftModel,
  releaseModel,
  type StoredContent,
  type StoredDraft,
  type StoredRelease,
} from './model.ts';

/** What sweeping takes. */
export interface SweepDeps {
  db: Pick<Database, 'main'>;
  clock: Clock;
}

const day = 86_400_000;
/** How long a content has been loose, and how long ago a draft was withdrawn, before anything is removed. */
const keptMs = 30 * day;
/** Most contents looked at together: every release is looked through for them. */
const mostTogether = 1_000;
/** Most that are looked at in one run; the next one goes on. */
const mostRounds = 20;

/**
 * Removes what has been loose for long and what nothing refers to; several processes may do so at the same time, and
 * breaking off leaves nothing half done.
 * @param deps databases, clock
 * @param keepAlive called between its parts
 * @returns how many contents were removed
 */
export async function sweepContents(
  deps: SweepDeps,
  keepAlive: () => Promise<void> = async () => {},
): Promise<number> {
  const contents = contentModel(deps.db.main);
  const before = dateOf(deps.clock, -keptMs);
  const loose = trusted({ $lt: before });
  let removed = 0;
  for (let round = 0; round < mostRounds; round += 1) {
    const found = await contents
      .find({ looseSince: loose }, { _id: 1 })
      .sort({ looseSince: 1 })
      .limit(mostTogether)
      .lean<Pick<StoredContent, '_id'>[]>();
    if (found.length === 0) return removed;
    const unused = new Set(found.map(({ _id }) => _id));
    const held = await heldByDrafts(deps, unused, before);
    const released = await heldByReleases(deps, unused, keepAlive);
    for (const hash of [...held, ...released]) unused.delete(hash);
    // Looked at again when that much time has gone by, so that what is held stands in nobody's way.
    await contents.updateMany({ _id: trusted({ $in: held }) }, { $max: { looseSince: dateOf(deps.clock) } });
    await contents.updateMany({ _id: trusted({ $in: released }) }, { $unset: { looseSince: 1 } });
    await keepAlive();
    // What somebody has begun to use since is loose no longer, or has been so for a moment only.
    const gone = await contents.deleteMany({ _id: trusted({ $in: [...unused] }), looseSince: loose });
    removed += gone.deletedCount;
  }
  return removed;
}

/** Those that a draft refers to. A withdrawn one can be looked at for a while. */
async function heldByDrafts({ db }: SweepDeps, hashes: ReadonlySet<string>, before: Date): Promise<string[]> {
  const held = new Set<string>();
  const cursor = draftModel(db.main)
    .find({ 'changes.hash': trusted({ $in: [...hashes] }) }, { state: 1, changedAt: 1, 'changes.hash': 1 })
    .lean<Pick<StoredDraft, 'state' | 'changedAt' | 'changes'>[]>()
    .cursor();
  for await (const { state, changedAt, changes } of cursor) {
    if (state === 'withdrawn' && changedAt < before) continue;
    for (const { hash } of changes) if (hash !== undefined && hashes.has(hash)) held.add(hash);
  }
  return [...held];
}

/**
 * Those that a release refers to. None should be, for releases make their contents fast; it is looked up all the same,
 * because nothing brings a lost content back: every list of every release once, a page of releases at a time.
 */
async function heldByReleases(
  { db }: SweepDeps,
  hashes: ReadonlySet<string>,
  keepAlive: () => Promise<void>,
): Promise<string[]> {
  const held = new Set<string>();
  const seen = new Set<string>();
  let after = '';
  for (;;) {
    const page = await releaseModel(db.main)
      .find({ _id: trusted({ $gt: after }) }, { groups: 1 })
      .sort({ _id: 1 })
      .limit(contentBatch)
      .lean<Pick<StoredRelease, '_id' | 'groups'>[]>();
    const lists = page.flatMap(({ groups }) => groups.map(({ list }) => list)).filter((id) => !seen.has(id));
    for (const hash of await hashesIn(db, [...new Set(lists)])) if (hashes.has(hash)) held.add(hash);
    for (const id of lists) seen.add(id);
    const last = page.at(-1);
    if (!last || page.length < contentBatch) return [...held];
    after = last._id;
    await keepAlive();
  }
}

/** What lists name, and they themselves. */
async function hashesIn(db: SweepDeps['db'], lists: readonly string[]): Promise<string[]> {
  const found: string[] = [...lists];
  for (let at = 0; at < lists.length; at += contentBatch) {
    const rows = await contentModel(db.main)
      .find({ _id: trusted({ $in: lists.slice(at, at + contentBatch) }) })
      .lean<StoredContent[]>();
    for (const { text } of rows) found.push(...Object.values(JSON.parse(text) as Record<string, string>));
  }
  return found;
}
