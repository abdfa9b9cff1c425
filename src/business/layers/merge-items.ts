/** How a change of items, begun on one configuration, is applied to another one. Pure. */
import type { Items } from './folder.ts';
import { isObject, type JsonObject } from './json.ts';
import { type KeyConflict, mergeThreeWays } from './json-changes.ts';

/** Items that a change puts or, where undefined, removes. */
export type ItemChanges = ReadonlyMap<string, JsonObject | undefined>;

/** A key of an item that was changed on both sides; the key is empty for the item as a whole. */
export interface MergeConflict extends KeyConflict {
  item: string;
}

/** What a change comes to on another configuration. */
export interface Merged {
  /** The same change as seen from the other configuration; what it says already is left out. */
  changes: Map<string, JsonObject | undefined>;
  conflicts: MergeConflict[];
}

/** Which side is to be taken where both changed; undefined leaves the conflict. */
export type Take = (item: string, key: string) => 'theirs' | 'yours' | undefined;

/**
 * Applies a change to another configuration than it began with.
 * @param base what the change began with
 * @param theirs what it is to be applied to
 * @param yours the change
 * @param take what to do with conflicts (default: tell of them)
 */
export function mergeChanges(
  base: Items,
  theirs: Items,
  yours: ItemChanges,
  take: Take = () => undefined,
): Merged {
  const changes = new Map<string, JsonObject | undefined>();
  const conflicts: MergeConflict[] = [];
  for (const [item, document] of yours) {
    const there = theirs.get(item);
    const merged = mergeThreeWays({ base: base.get(item), theirs: there, yours: document }, (conflict) => {
      const side = take(item, conflict.key);
      if (side === undefined) conflicts.push({ item, ...conflict });
      return side === 'yours' ? conflict.yours : conflict.theirs;
    });
    if (merged !== there) changes.set(item, isObject(merged) ? merged : undefined);
  }
  return { changes, conflicts };
}

/**
 * A configuration's items with a change applied.
 * @param items the items
 * @param changes what is put and removed
 */
export function withChanges(items: Items, changes: ItemChanges): Map<string, JsonObject> {
  const next = new Map(items);
  for (const [item, document] of changes) {
    if (document) next.set(item, document);
    else next.delete(item);
  }
  return next;
}
