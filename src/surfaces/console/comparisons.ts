/** Differences as the console's pages show them: values as short texts, long lists cut with what is left out counted. Pure. */
import type { Where } from '../../business/layers/diff.ts';
import type { Json } from '../../business/layers/json.ts';
import type { KeyChange } from '../../business/layers/json-changes.ts';
import type { SeenComparison } from '../desk/sight.ts';
import type { ShownChange, ShownComparison } from './views.ts';

/** More entries of one list help nobody on a page. */
const most = 100;
const mostPlaces = 8;
const longest = 240;

/**
 * A difference.
 * @param comparison as far as whoever looks may read it
 */
export function shownComparison({ items, effective, hidden }: SeenComparison): ShownComparison {
  return {
    items: items.slice(0, most).map(({ item, change, keys }) => ({ item, change, ...shownKeys(keys) })),
    more: Math.max(0, items.length - most),
    hidden,
    effective: effective && {
      changes: effective.changes.slice(0, most).map((change) => ({
        ...shownChange(change),
        where: change.where.slice(0, mostPlaces).map(whereText),
        others: Math.max(0, change.where.length - mostPlaces),
      })),
      more: Math.max(0, effective.changes.length - most),
      added: effective.added.map(whereText),
      removed: effective.removed.map(whereText),
    },
  };
}

/**
 * Keys of one item that differ.
 * @param keys what differs
 */
export function shownKeys(keys: readonly Pick<KeyChange, 'key' | 'from' | 'to'>[]): {
  keys: ShownChange[];
  more: number;
} {
  return { keys: keys.slice(0, most).map(shownChange), more: Math.max(0, keys.length - most) };
}

/**
 * A value in one short line.
 * @param value any value; nothing when undefined
 */
export function valueText(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function shownChange({ key, from, to }: Pick<KeyChange, 'key' | 'from' | 'to'>): ShownChange {
  return { key, before: valueText(from), after: valueText(to) };
}

function whereText({ brand, market, site }: Where): string {
  return site === undefined ? `${brand}/${market}` : `${brand}/${market}/${site}`;
}
