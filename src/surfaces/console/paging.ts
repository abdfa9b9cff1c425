/** Lists of the console, page by page: the place to go on from stands in the address. */
import { z } from 'zod';
import { cursorOf } from '../../base/http/paging.ts';

/** Entries of a page. */
export const pageLength = 25;

/** The query of a list. */
export const listQuery = { cursor: z.string().max(1000).optional() };

/**
 * An address with a query.
 * @param path of the page
 * @param query what stands in it; nothing undefined or empty does
 */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
}

/**
 * The address of the next page; undefined on the last one.
 * @param path of the list
 * @param query its filters
 * @param next the place where it begins
 */
export function nextUrl(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  next: unknown,
): string | undefined {
  return next === undefined ? undefined : withQuery(path, { ...query, cursor: cursorOf(next) });
}
