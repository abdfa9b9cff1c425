/** Lists that are read page by page, the newest first. */

/** A part of a list. */
export interface Page<T> {
  items: readonly T[];
  /** Where the next page begins; undefined when this is the last one. */
  next: string | undefined;
}

/** Which page is asked for. */
export interface PageQuery {
  /** `next` of the page before. */
  cursor?: string | undefined;
  /** Most entries, 1 to 200 (default 50). */
  limit?: number | undefined;
}

/**
 * How many entries to read for a page: one more than it shows, to know whether there is another one.
 * @param query which page
 */
export function pageSize({ limit = 50 }: PageQuery): number {
  return Math.min(Math.max(Math.trunc(limit), 1), 200) + 1;
}

/**
 * A page of what was read.
 * @param rows up to `pageSize` rows, the newest first
 * @param query which page
 * @param view what an entry looks like
 * @param cursorOf what stands for a row's place in the order
 */
export function pageOf<R, T>(
  rows: readonly R[],
  query: PageQuery,
  view: (row: R) => T,
  cursorOf: (row: R) => string,
): Page<T> {
  const shown = rows.slice(0, pageSize(query) - 1);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    next: last !== undefined && rows.length > shown.length ? cursorOf(last) : undefined,
  };
}
