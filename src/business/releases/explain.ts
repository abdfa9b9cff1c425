/**
 * Where an effective value comes from: the layer that says it, and the release in which that layer first said it as it
 * does now, with who made it and when. Reads only; what was found once is kept, for releases never change.
 */
import { effectiveJson } from '../layers/diff.ts';
import { originsOf } from '../layers/join-layers.ts';
import { type Json, type JsonObject, keyPath, leavesOf, sameJson, valueAt } from '../layers/json.ts';
import type { Live } from './live.ts';
import type { ReleaseInfo, ReleaseOutline, ReleaseStore } from './release-store.ts';

/** Whose values are asked for. */
export interface ExplainQuery {
  brand: string;
  market: string;
  /** Client id of a site. */
  site?: string | undefined;
}

/** An effective value and where it comes from. */
export interface Explained {
  /** Keys from the outside in. */
  keys: readonly string[];
  /** The same in one text, such as `password.minLength`. */
  key: string;
  value: Json;
  /** The layer that says it, such as `markets/de`; undefined for what holds when nobody says anything. */
  item: string | undefined;
  /** The release in which the layer first said so; undefined where no layer does. */
  release: ReleaseInfo | undefined;
  /** The release is older than those that were looked through: it may have been said before. */
  orEarlier: boolean;
}

/** Explains effective values. */
export interface Explanations {
  /**
   * Every effective value, or those at and below a key, in the order of their keys.
   * @param query for whom; what is live in the market counts
   * @param key such as `password` or `password.minLength`
   */
  explain(query: ExplainQuery, key?: string): Promise<Explained[]>;
}

/** Most releases that one question looks back through. */
const mostReleases = 500;
/** Most items whose past is kept. */
const mostKept = 500;

interface Introduced {
  release: ReleaseInfo;
  orEarlier: boolean;
}

/** The past of one item as of one release: in which release each key came to be as it is. */
type Past = ReadonlyMap<string, Introduced>;

/**
 * Builds the explanations.
 * @param deps store, what is live
 */
export function createExplanations({
  live,
  store,
}: {
  live: Pick<Live, 'current'>;
  store: ReleaseStore;
}): Explanations {
  const pasts = new Map<string, Promise<Past>>();
  const pastOf = (release: string, item: string, document: JsonObject): Promise<Past> => {
    const id = `${release} ${item}`;
    const known = pasts.get(id);
    if (known) return known;
    const found = lookBack(store, release, item, document);
    pasts.set(id, found);
    found.catch(() => pasts.delete(id));
    const oldest = pasts.size > mostKept ? pasts.keys().next().value : undefined;
    if (oldest !== undefined) pasts.delete(oldest);
    return found;
  };
  return {
    async explain(query, key) {
      const { release, configuration } = live.current().of(query.market);
      const wanted = (each: string) => key === undefined || each === key || each.startsWith(`${key}.`);
      const origins = originsOf(configuration.chainOf(query)).filter((origin) => wanted(origin.key));
      const said = await Promise.all(
        origins.map(async ({ keys, key: name, value, item }): Promise<Explained> => {
          const past = await pastOf(release.id, item, release.items.get(item) ?? {});
          const { release: since, orEarlier = false } = past.get(name) ?? {};
          return { keys, key: name, value, item, release: since, orEarlier };
        }),
      );
      const known = new Set(origins.map((origin) => origin.key));
      const unsaid = leavesOf(effectiveJson(configuration, query))
        .map(({ keys, value }) => ({ keys, key: keyPath(keys), value }))
        .filter((leaf) => wanted(leaf.key) && !known.has(leaf.key) && leaf.keys[0] === 'signIn')
        .map((leaf) => ({ ...leaf, item: undefined, release: undefined, orEarlier: false }));
      return [...said, ...unsaid].sort((a, b) => (a.key < b.key ? -1 : 1));
    },
  };
}

/** Walks back through the releases a release was made from, until every key of the item was found to be new. */
async function lookBack(
  store: ReleaseStore,
  release: string,
  item: string,
  document: JsonObject,
): Promise<Past> {
  const past = new Map<string, Introduced>();
  let pending = leavesOf(document);
  let at = await store.outline(release);
  let list = at?.listOf(item);
  let hash = list === undefined ? undefined : await store.entry(list, item);
  const settle = (those: typeof pending, orEarlier: boolean) => {
    for (const { keys } of those) if (at) past.set(keyPath(keys), { release: infoOf(at), orEarlier });
  };
  for (let steps = 0; at && pending.length > 0; steps += 1) {
    const before = at.parent === undefined ? undefined : await store.outline(at.parent);
    if (!before || steps === mostReleases) {
      settle(pending, steps === mostReleases && before !== undefined);
      return past;
    }
    const earlierList = before.listOf(item);
    // The same list holds the same item: nothing is read of it.
    const earlier =
      earlierList === list
        ? hash
        : earlierList === undefined
          ? undefined
          : await store.entry(earlierList, item);
    if (earlier !== hash) {
      const was = earlier === undefined ? undefined : await store.content(earlier);
      const isNew = ({ keys, value }: (typeof pending)[number]) => !sameJson(valueAt(was, keys), value);
      settle(pending.filter(isNew), false);
      pending = pending.filter((leaf) => !isNew(leaf));
    }
    [at, list, hash] = [before, earlierList, earlier];
  }
  return past;
}

function infoOf({ id, parent, author, message, at }: ReleaseOutline): ReleaseInfo {
  return { id, parent, author, message, at };
}
