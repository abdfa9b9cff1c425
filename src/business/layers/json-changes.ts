/** What differs between two JSON values, key by key, and how two changes of one value come together. Pure. */
import { isObject, type Json, type JsonObject, keyPath, leavesOf, sameJson } from './json.ts';

/** One key that differs. */
export interface KeyChange {
  /** Keys from the outside in; empty for the value as a whole. */
  keys: readonly string[];
  /** The same in one text, such as `password.minLength`. */
  key: string;
  change: 'added' | 'removed' | 'changed';
  /** What was there; absent when nothing was. */
  from?: Json;
  /** What is there now; absent when nothing is. */
  to?: Json;
}

/**
 * Every key that differs, down to single values; a list is one value.
 * @param from the value before, undefined when there was none
 * @param to the value after, undefined when there is none
 * @param keys keys that lead to the values
 */
export function keyChanges(
  from: Json | undefined,
  to: Json | undefined,
  keys: readonly string[] = [],
): KeyChange[] {
  if (from === to) return [];
  if (isObject(from) && isObject(to))
    return bothKeys(from, to).flatMap((key) => keyChanges(own(from, key), own(to, key), [...keys, key]));
  if (from === undefined)
    return leavesOf(to ?? null, keys).map((leaf) => ({
      ...named(leaf.keys),
      change: 'added',
      to: leaf.value,
    }));
  if (to === undefined)
    return leavesOf(from, keys).map((leaf) => ({ ...named(leaf.keys), change: 'removed', from: leaf.value }));
  return sameJson(from, to) ? [] : [{ ...named(keys), change: 'changed', from, to }];
}

/** A key that two changes of one value would leave with different contents. */
export interface KeyConflict {
  keys: readonly string[];
  key: string;
  /** What both began with, what is there by now, and what is wanted; absent where there is nothing. */
  base?: Json;
  theirs?: Json;
  yours?: Json;
}

/** Three states of one value. */
export interface ThreeWays {
  base: Json | undefined;
  theirs: Json | undefined;
  yours: Json | undefined;
}

/**
 * Brings two changes of one value together, key by key.
 * @param ways what both began with, and what each made of it
 * @param onConflict told of each key that both changed differently; returns what is to stand there
 * @param keys keys that lead to the value
 * @returns undefined when nothing is left
 */
export function mergeThreeWays(
  ways: ThreeWays,
  onConflict: (conflict: KeyConflict) => Json | undefined,
  keys: readonly string[] = [],
): Json | undefined {
  const { base, theirs, yours } = ways;
  if (sameJson(yours, theirs) || sameJson(yours, base)) return theirs;
  if (sameJson(theirs, base)) return yours;
  if (isObject(theirs) && isObject(yours)) {
    const before = isObject(base) ? base : {};
    const merged: Record<string, Json> = {};
    for (const key of bothKeys(theirs, yours)) {
      const inner = { base: own(before, key), theirs: own(theirs, key), yours: own(yours, key) };
      const value = mergeThreeWays(inner, onConflict, [...keys, key]);
      if (value !== undefined) merged[key] = value;
    }
    return merged;
  }
  return onConflict({
    ...named(keys),
    ...(base !== undefined && { base }),
    ...(theirs !== undefined && { theirs }),
    ...(yours !== undefined && { yours }),
  });
}

function named(keys: readonly string[]): { keys: readonly string[]; key: string } {
  return { keys, key: keyPath(keys) };
}

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function bothKeys(one: JsonObject, other: JsonObject): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}
