/**
 * Conditional requests (RFC 9110 section 13): which version of a thing the caller has read. Reads and compares; where
 * the present version comes from is the route's business.
 */
import { DomainError } from '../kernel/errors.ts';
import type { EdgeContext } from './context.ts';

/** What a request says of versions. */
export interface Conditions {
  /** Whether `If-Match` was sent. */
  readonly named: boolean;
  /** The one version of `If-Match`, to write into the condition of a change; undefined for none, several or `*`. */
  readonly version: string | undefined;
  /**
   * Lets a change go on only if what is there is what the caller has read (`If-Match`), or is not there at all
   * (`If-None-Match: *`). Call it within the transaction of the change.
   * @param etag version of what is there; undefined when there is nothing
   * @throws DomainError `precondition.failed`
   */
  require(etag: string | undefined): void;
}

type Tags = '*' | readonly { value: string; weak: boolean }[];

const tagList = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;
const tag = /(W\/)?"([\x21\x23-\x7e]*)"/g;

/**
 * Reads the conditions of a request that may change something.
 * @param ctx the request
 * @throws DomainError `input.malformed`
 */
export function conditionsOf(ctx: EdgeContext): Conditions {
  const match = tagsOf(ctx.get('If-Match'));
  const noneMatch = tagsOf(ctx.get('If-None-Match'));
  const only = match && match !== '*' && match.length === 1 ? match[0] : undefined;
  return {
    named: match !== undefined,
    version: only && !only.weak ? only.value : undefined,
    require(etag) {
      // Strong comparison: a weak tag never matches (section 8.8.3.2).
      const met = match === undefined || holds(match, etag, (given) => !given.weak && given.value === etag);
      const absent = noneMatch === undefined || !holds(noneMatch, etag, (given) => given.value === etag);
      if (!met || !absent) throw new DomainError('precondition.failed');
    },
  };
}

/**
 * Whether the caller has this version already (`If-None-Match` of a GET, weak comparison).
 * @param ctx the request
 * @param etag the present version
 */
export function isKnown(ctx: EdgeContext, etag: string): boolean {
  const tags = tagsOf(ctx.get('If-None-Match'));
  return tags !== undefined && holds(tags, etag, (given) => given.value === etag);
}

/**
 * A version as the header says it.
 * @param etag opaque text of visible ASCII without quotes
 * @throws Error for any other text
 */
export function entityTag(etag: string): string {
  if (!/^[\x21\x23-\x7e]{1,200}$/.test(etag)) throw new Error('not a version');
  return `"${etag}"`;
}

function holds(
  tags: Tags,
  etag: string | undefined,
  same: (given: { value: string; weak: boolean }) => boolean,
): boolean {
  if (etag === undefined) return false;
  return tags === '*' || tags.some(same);
}

function tagsOf(header: string): Tags | undefined {
  if (header === '') return undefined;
  if (header.trim() === '*') return '*';
  if (header.length > 4000 || !tagList.test(header)) throw new DomainError('input.malformed');
  return [...header.matchAll(tag)].map(([, weak, value = '']) => ({ value, weak: weak !== undefined }));
}
