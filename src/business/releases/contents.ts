/**
 * Contents at rest. What a release holds is kept for good. What only drafts have written is loose, since whoever wrote it
 * last; sweep.ts removes what has been loose for long and what nothing refers to.
 *
 * Nobody can lose a content by that: whoever is about to refer to one either renews how long it has been loose (a draft)
 * or ends that it is loose (a release), and a removal takes away only what is as loose as it was when it was looked at.
 */
import { trusted } from '../../base/db/schema.ts';
import { isDuplicateKey, type Tx } from '../../base/db/transaction.ts';
import type { contentModel } from './model.ts';

/** The collection of contents. */
export type Contents = ReturnType<typeof contentModel>;

/** Most items read or written in one command: each may be large. */
export const contentBatch = 500;

/**
 * Keeps texts that a release is about to name, for good; keeping them twice changes nothing.
 * @param contents the collection
 * @param texts by address
 * @param tx transaction to write in
 */
export async function keepForGood(
  contents: Contents,
  texts: ReadonlyMap<string, string>,
  tx: Tx | undefined,
): Promise<void> {
  const session = tx ?? null;
  for (const part of partsOf(texts)) {
    // Where a loose one is removed between the two, it is written again, and not as a loose one.
    for (let there = 0; there < part.length; ) {
      await insertMissing(contents, part, { texts, tx });
      const ids = { _id: trusted({ $in: part }) };
      await contents
        .updateMany({ ...ids, looseSince: trusted({ $exists: true }) }, { $unset: { looseSince: 1 } })
        .session(session);
      there = await contents.countDocuments(ids).session(session);
    }
  }
}

/**
 * Keeps texts that a draft is about to name, as long as it does.
 * @param contents the collection
 * @param texts by address
 * @param now since when they are loose, unless a release holds them
 */
export async function keepLoose(
  contents: Contents,
  texts: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  for (const part of partsOf(texts)) {
    // First: what is there after this is not removed for as long as a draft takes to be written, and much longer.
    await contents.updateMany(
      { _id: trusted({ $in: part }), looseSince: trusted({ $exists: true }) },
      { $max: { looseSince: now } },
    );
    await insertMissing(contents, part, { texts, looseSince: now });
  }
}

function partsOf(texts: ReadonlyMap<string, string>): string[][] {
  const hashes = [...texts.keys()];
  const parts: string[][] = [];
  for (let at = 0; at < hashes.length; at += contentBatch) parts.push(hashes.slice(at, at + contentBatch));
  return parts;
}

/** What is there already is not sent again; two writers of the same content do not disturb each other. */
async function insertMissing(
  contents: Contents,
  part: readonly string[],
  given: { texts: ReadonlyMap<string, string>; tx?: Tx | undefined; looseSince?: Date },
): Promise<void> {
  const { texts, tx, looseSince } = given;
  const present = await contents
    .find({ _id: trusted({ $in: [...part] }) }, { _id: 1 })
    .session(tx ?? null)
    .lean();
  const known = new Set(present.map(({ _id }) => _id));
  const rows = part
    .filter((hash) => !known.has(hash))
    .map((_id) => ({ _id, text: texts.get(_id) ?? '', ...(looseSince && { looseSince }) }));
  if (rows.length === 0) return;
  try {
    await contents.insertMany(rows, { ordered: false, ...(tx && { session: tx }) });
  } catch (error) {
    if (!isDuplicateKey(error) || tx) throw error;
  }
}
