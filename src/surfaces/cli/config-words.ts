/** Configuration changes in words, for a terminal. Pure. */
import { glimpse } from '../../business/layers/fault.ts';
import type { Items } from '../../business/layers/folder.ts';
import { type KeyChange, keyChanges } from '../../business/layers/json-changes.ts';
import type { MergeConflict } from '../../business/layers/merge-items.ts';
import type { Author } from '../../business/releases/model.ts';
import type { Target } from '../../business/releases/target.ts';

/** The keys that differ in one item. */
export interface ItemDifference {
  item: string;
  change: 'added' | 'removed' | 'changed';
  keys: KeyChange[];
}

const marks = { added: '+', removed: '-', changed: '~' } as const;

/**
 * What differs between two configurations, item by item.
 * @param from items before
 * @param to items after
 */
export function differencesOf(from: Items, to: Items): ItemDifference[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort();
  return paths.flatMap((item) => {
    const [before, after] = [from.get(item), to.get(item)];
    const keys = keyChanges(before, after);
    if (keys.length === 0) return [];
    return [{ item, change: before ? (after ? 'changed' : 'removed') : 'added', keys }];
  });
}

/** Differences as lines: one for an item, one for each of its keys. */
export function differenceLines(differences: readonly ItemDifference[]): string[] {
  return differences.flatMap(({ item, change, keys }) => [
    `${marks[change]} ${item}`,
    ...keys.map(
      ({ key, change: what, from, to }) => `    ${marks[what]} ${key}: ${valuesOf(what, from, to)}`,
    ),
  ]);
}

function valuesOf(change: KeyChange['change'], from: KeyChange['from'], to: KeyChange['to']): string {
  if (change === 'added') return glimpse(to);
  return change === 'removed' ? glimpse(from) : `${glimpse(from)} → ${glimpse(to)}`;
}

/** Conflicts as lines. */
export function conflictLines(conflicts: readonly MergeConflict[]): string[] {
  return conflicts.map(
    ({ item, key, base, theirs, yours }) =>
      `! ${item}${key === '' ? '' : `: ${key}`}: was ${glimpse(base)}, is live as ${glimpse(theirs)}, yours is ${glimpse(yours)}`,
  );
}

/** Where something goes live. */
export function targetText(target: Target): string {
  if (target === 'all') return 'everywhere';
  return [
    ...target.regions.map((region) => `region ${region}`),
    ...target.markets.map((market) => `market ${market}`),
  ].join(', ');
}

/** Who did something. */
export function authorText({ kind, id }: Author): string {
  return `${kind} ${id}`;
}

/** A release's or draft's id, short enough for a line and long enough to find it again. */
export function shortId(id: string): string {
  return id.length > 16 ? id.slice(0, 12) : id;
}
