/**
 * Lists in pages: a page says with a cursor where the next one begins. A cursor is the place in the order, not a
 * number of a page, so that nothing is seen twice or left out when the list changes. It is opaque, holds nothing
 * that the page does not show, and is judged by a schema when it comes back, like everything else that is sent.
 */
import { z } from 'zod';
import { DomainError } from '../kernel/errors.ts';

/** How long pages are. */
export interface PageSize {
  /** Entries of a page when the caller does not say. */
  usual: number;
  /** The most a caller may ask for. */
  most: number;
}

/**
 * The query fields of a list: spread them into the route's query.
 * @param size how long pages are
 */
export function pageQuery({ usual, most }: PageSize = { usual: 50, most: 200 }) {
  return {
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(most)
      .default(usual)
      .meta({ description: 'Entries of a page.' }),
    cursor: z
      .string()
      .max(1000)
      .optional()
      .meta({ description: '`next` of the page before; without it, the first page.' }),
  };
}

/**
 * The answer of a list.
 * @param item schema of an entry
 */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' }),
  });
}

/**
 * The place that a cursor names.
 * @param place schema of a place in the list's order
 * @param cursor as sent; undefined for the first page
 * @throws DomainError `cursor.invalid`
 */
export function placeOf<T>(place: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (cause) {
    throw new DomainError('cursor.invalid', { cause });
  }
  const parsed = place.safeParse(value);
  if (!parsed.success) throw new DomainError('cursor.invalid');
  return parsed.data;
}

/**
 * One page of what was found.
 * @param found up to one entry more than `limit`, in the list's order: the one more says that there is a next page
 * @param limit entries of the page
 * @param placeAfter the place of an entry in the order
 */
export function page<T>(
  found: readonly T[],
  limit: number,
  placeAfter: (last: T) => unknown,
): { items: T[]; next: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? cursorOf(placeAfter(last)) : null;
  return { items, next };
}

/**
 * The cursor that names a place, for lists whose pages are made elsewhere.
 * @param place the place of the last entry in the order
 */
export function cursorOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}
