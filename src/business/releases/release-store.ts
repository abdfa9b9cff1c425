/**
 * Releases at rest, addressed by content as in a version store: a release names lists, a list names items, and what two
 * releases have in common is stored once. Never decides what goes live.
 */
import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import { isDuplicateKey, type Tx } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import type { Items } from '../layers/folder.ts';
import { canonicalJson, contentHash, deepFreeze, type JsonObject } from '../layers/json.ts';
import { contentBatch, keepForGood, keepLoose } from './contents.ts';
import { type Author, contentModel, releaseModel, type StoredContent, type StoredRelease } from './model.ts';

/** What a release says of itself. */
export interface ReleaseInfo {
  id: string;
  parent: string | undefined;
  author: Author;
  message: string;
  at: Date;
}

/** A release with its items, and each item's address. */
export interface LoadedRelease extends ReleaseInfo {
  items: Items;
  /** Address of each item's content, by path. */
  hashes: ReadonlyMap<string, string>;
}

/** A release to be written. */
export interface ReleaseDraft {
  items: Items;
  /** A stored release that most of the items were taken from: those are neither hashed nor sent again. */
  base?: LoadedRelease;
  parent: string | undefined;
  author: Author;
  message: string;
  at: Date;
}

/** A release without its items. */
export interface ReleaseOutline extends ReleaseInfo {
  /** Address of the list that an item stands in, if the release has it. */
  listOf(path: string): string | undefined;
}

/** Releases at rest. */
export interface ReleaseStore {
  /** Writes a release, in the caller's transaction where one is given; writing it twice changes nothing. */
  write(draft: ReleaseDraft, tx?: Tx): Promise<ReleaseInfo>;
  /** What a release says of itself; undefined when there is none. */
  info(id: string): Promise<ReleaseInfo | undefined>;
  /**
   * The ids that begin like this, two at most: enough to know whether there is one.
   * @param prefix at least {@link shortestPrefix} characters
   */
  idsLike(prefix: string): Promise<string[]>;
  /** The same of several, in one command; unknown ones are left out. */
  infos(ids: readonly string[]): Promise<Map<string, ReleaseInfo>>;
  /** A release with its items; those that `known` has the same content of are shared with it. */
  read(id: string, known?: readonly LoadedRelease[]): Promise<LoadedRelease | undefined>;
  /** Address of one item's content in a release, reading no item; undefined when it is not there. */
  hashOf(id: string, path: string): Promise<string | undefined>;
  /** What a release says of itself, and where its items are listed; reads no list. */
  outline(id: string): Promise<ReleaseOutline | undefined>;
  /** Address of one item's content in a list; undefined when it is not there. */
  entry(list: string, path: string): Promise<string | undefined>;
  /** One item by its address. */
  content(hash: string): Promise<JsonObject | undefined>;
  /** Several items by their addresses. */
  contents(hashes: readonly string[]): Promise<Map<string, JsonObject>>;
  /** Keeps items that no release holds yet, as long as a draft refers to them; keeping them twice changes nothing. */
  keep(items: readonly JsonObject[]): Promise<void>;
}

/**
 * The address of an item's content.
 * @param item the item
 */
export function addressOf(item: JsonObject): string {
  return contentHash(canonicalJson(item));
}

/** Fewest characters that may stand for the id of a release: as many as pages show. */
export const shortestPrefix = 8;

/** Sorts behind everything that an id can go on with. */
const afterAnyId = '~';

/**
 * Opens the store.
 * @param connection the main database
 * @param clock says since when a content is loose
 */
export function createReleaseStore(connection: Connection, clock: Clock): ReleaseStore {
  const contents = contentModel(connection);
  const releases = releaseModel(connection);

  async function textsOf(hashes: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    for (let at = 0; at < hashes.length; at += contentBatch) {
      const rows = await contents
        .find({ _id: trusted({ $in: hashes.slice(at, at + contentBatch) }) })
        .lean<StoredContent[]>();
      for (const { _id, text } of rows) texts.set(_id, text);
    }
    return texts;
  }

  async function listsOf(stored: StoredRelease): Promise<Map<string, string>> {
    const texts = await textsOf(stored.groups.map(({ list }) => list));
    return new Map(
      [...texts.values()].flatMap((text) => Object.entries(JSON.parse(text) as Record<string, string>)),
    );
  }

  async function entry(list: string, path: string): Promise<string | undefined> {
    const text = (await textsOf([list])).get(list);
    const entries: Record<string, string> = text === undefined ? {} : JSON.parse(text);
    return Object.hasOwn(entries, path) ? entries[path] : undefined;
  }

  const find = (id: string) => releases.findById(id).lean<StoredRelease>();

  return {
    async write({ items, base, parent, author, message, at }, tx) {
      const { groups, texts } = addressed(items, base);
      const about = { ...(parent && { parent }), author, message, at, groups };
      const _id = contentHash(canonicalJson({ ...about, at: at.toISOString() }));
      await keepForGood(contents, texts, tx);
      try {
        await releases.create([{ _id, ...about }], { ...(tx && { session: tx }) });
      } catch (error) {
        if (!isDuplicateKey(error) || tx) throw error;
      }
      return { id: _id, parent, author, message, at };
    },
    async info(id) {
      const stored = await find(id);
      return stored ? infoOf(stored) : undefined;
    },
    async idsLike(prefix) {
      const range = trusted({ $gte: prefix, $lt: `${prefix}${afterAnyId}` });
      const rows = await releases.find({ _id: range }, { _id: 1 }).limit(2).lean<{ _id: string }[]>();
      return rows.map(({ _id }) => _id);
    },
    async infos(ids) {
      const rows = await releases.find({ _id: trusted({ $in: ids.map(String) }) }).lean<StoredRelease[]>();
      return new Map(rows.map((stored) => [stored._id, infoOf(stored)]));
    },
    async read(id, known = []) {
      const stored = await find(id);
      if (!stored) return undefined;
      const hashes = await listsOf(stored);
      const shared = new Map<string, JsonObject>();
      for (const release of known)
        for (const [path, hash] of release.hashes) shared.set(hash, release.items.get(path) as JsonObject);
      const wanted = [...new Set(hashes.values())].filter((hash) => !shared.has(hash));
      for (const [hash, text] of await textsOf(wanted)) shared.set(hash, deepFreeze(JSON.parse(text)));
      const items = new Map<string, JsonObject>();
      for (const [path, hash] of hashes) {
        const item = shared.get(hash);
        if (!item) throw new Error(`release ${id} has lost ${path}`);
        items.set(path, item);
      }
      return { ...infoOf(stored), items, hashes };
    },
    async hashOf(id, path) {
      const stored = await find(id);
      const list = stored ? listOf(stored, path) : undefined;
      return list === undefined ? undefined : entry(list, path);
    },
    async outline(id) {
      const stored = await find(id);
      return stored ? { ...infoOf(stored), listOf: (path) => listOf(stored, path) } : undefined;
    },
    entry,
    async content(hash) {
      const text = (await textsOf([hash])).get(hash);
      return text === undefined ? undefined : deepFreeze(JSON.parse(text));
    },
    async contents(hashes) {
      const texts = await textsOf([...new Set(hashes)]);
      return new Map([...texts].map(([hash, text]) => [hash, deepFreeze(JSON.parse(text) as JsonObject)]));
    },
    async keep(items) {
      const texts = new Map(items.map(canonicalJson).map((text) => [contentHash(text), text]));
      await keepLoose(contents, texts, dateOf(clock));
    },
  };
}

function infoOf({ _id, parent, author, message, at }: StoredRelease): ReleaseInfo {
  return { id: _id, parent, author, message, at };
}

function listOf({ groups }: StoredRelease, path: string): string | undefined {
  return groups.find(({ group }) => group === groupOf(path))?.list;
}

/** Sites are many: they are parted into 256 lists, so that a change of one writes one short list. */
function groupOf(path: string): string {
  const folder = path.split('/')[0] ?? '';
  if (folder !== 'sites') return folder;
  return `sites/${createHash('sha256').update(path).digest('hex').slice(0, 2)}`;
}

/** The lists of items, and the texts that are not stored with the base, all by their addresses. */
function addressed(
  items: Items,
  base: LoadedRelease | undefined,
): { groups: StoredRelease['groups']; texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const lists = new Map<string, Record<string, string>>();
  for (const [path, item] of items) {
    const stored = base?.items.get(path) === item ? base.hashes.get(path) : undefined;
    const text = stored === undefined ? canonicalJson(item) : '';
    const hash = stored ?? contentHash(text);
    if (stored === undefined) texts.set(hash, text);
    const group = groupOf(path);
    const list = lists.get(group) ?? {};
    list[path] = hash;
    lists.set(group, list);
  }
  const groups = [...lists]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, list]) => {
      const text = canonicalJson(list);
      const hash = contentHash(text);
      texts.set(hash, text);
      return { group, list: hash };
    });
  return { groups, texts };
}
