/** What differs between two descriptions of the same thing: key by key, and where items have names item by item. Pure. */
import { canonicalJson, isObject, type Json, keyPath } from '../layers/json.ts';

/** One thing that differs. */
export interface Difference {
  /** Where, such as `fields.fuel_grade.required`. */
  path: string;
  change: 'added' | 'removed' | 'changed';
  /** Absent where it was added. */
  before?: Json;
  /** Absent where it was removed. */
  after?: Json;
}

/**
 * Everything that differs, in a stable order.
 * @param before how it was; undefined when it was not there
 * @param after how it is
 */
export function differencesOf(before: Json | undefined, after: Json | undefined): Difference[] {
  const found: Difference[] = [];
  compare(before, after, [], found);
  return found;
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  keys: readonly string[],
  found: Difference[],
): void {
  if (before === after) return;
  if (before === undefined) found.push({ path: keyPath(keys), change: 'added', after: after as Json });
  else if (after === undefined) found.push({ path: keyPath(keys), change: 'removed', before });
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, keys, found);
  else if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const name of names) compare(before[name], after[name], [...keys, name], found);
  } else found.push({ path: keyPath(keys), change: 'changed', before, after });
}

/** Items with a name are compared one by one; a list of plain values, or of the same items in another order, as a whole. */
function compareLists(
  before: readonly Json[],
  after: readonly Json[],
  keys: readonly string[],
  found: Difference[],
): void {
  if (before.length === 0 && after.length === 0) return;
  const path = keyPath(keys);
  const old = named(before);
  const now = named(after);
  if (!old || !now) {
    if (canonicalJson(before) !== canonicalJson(after))
      found.push({ path, change: 'changed', before, after });
    return;
  }
  const others = new Set([...old.keys(), ...now.keys()]);
  for (const name of others) compare(old.get(name), now.get(name), [...keys, name], found);
  const order = [...now.keys()];
  const same = old.size === others.size && now.size === others.size;
  if (same && [...old.keys()].some((name, at) => order[at] !== name))
    found.push({ path, change: 'changed', before: [...old.keys()], after: order });
}

/** The items of a list by name; undefined where one has none, or where two have the same. */
function named(list: readonly Json[]): Map<string, Json> | undefined {
  const items = new Map<string, Json>();
  for (const item of list) {
    const name = isObject(item) ? (item.id ?? item.name) : undefined;
    if (typeof name !== 'string' || items.has(name)) return undefined;
    items.set(name, item);
  }
  return items;
}
