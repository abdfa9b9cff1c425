/** Plain JSON values: the form in which configuration is kept, merged, compared and hashed. Pure. */
import { createHash } from 'node:crypto';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value is an object with keys, and no list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Applies a merge patch (RFC 7386): objects key by key, everything else replaced, `null` takes a key away. What the
 * patch does not touch is the same object as before, so that thousands of experiences share what they have in common.
 * @param target what is there
 * @param patch what a lower layer says
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = { ...(isObject(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * The one text of a JSON value: keys sorted, no white space (in the spirit of RFC 8785), so that equal values have
 * equal hashes.
 * @param value any JSON value; keys whose value is undefined are left out
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(',')}}`;
}

/**
 * The address of a JSON value: SHA-256 of its canonical text, base64url.
 * @param text canonical text
 */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether two JSON values say the same. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return canonicalJson(one) === canonicalJson(other);
}

/**
 * The value behind a path of keys; undefined where there is none.
 * @param value where to look
 * @param keys keys from the outside in
 */
export function valueAt(value: Json | undefined, keys: readonly string[]): Json | undefined {
  let found = value;
  for (const key of keys) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/**
 * Every leaf of a value with its path of keys; a list is one leaf, an empty object too.
 * @param value where to look
 * @param keys the path so far
 */
export function leavesOf(
  value: Json,
  keys: readonly string[] = [],
): { keys: readonly string[]; value: Json }[] {
  if (!isObject(value) || (Object.keys(value).length === 0 && keys.length > 0)) return [{ keys, value }];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...keys, key]));
}

/** A path of keys as people read it: `password.minLength`; a key with a dot of its own is quoted. */
export function keyPath(keys: readonly string[]): string {
  return keys.map((key) => (key.includes('.') ? JSON.stringify(key) : key)).join('.');
}

/**
 * A part of a checked configuration as the type that its check has established.
 * @param value a JSON value that a shape has accepted before
 */
export function checkedAs<T>(value: Json | undefined): T {
  return value as T;
}

/** Freezes a value and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
