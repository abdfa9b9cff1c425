/** What no document may be, whatever its shape: huge, bottomless, or with keys that mean something to a machine. Pure. */
import { type ConfigurationFault, type ConfigurationFaultCode, glimpse } from './fault.ts';
import { isObject, type Json, keyPath } from './json.ts';

/** Largest item, in characters of JSON. */
const largestItem = 512 * 1024;
const deepest = 12;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Faults of an item that its shape might not see.
 * @param item the item's path
 * @param document as read
 */
export function unsafeFaults(item: string, document: Json): ConfigurationFault[] {
  const fault = (key: string, code: ConfigurationFaultCode, expected: string, got: string) => ({
    item,
    key,
    code,
    expected,
    got,
  });
  // Depth first: writing a bottomless document as text has no end.
  const found = walk(document, []);
  if (found.some(({ code }) => code === 'limit')) return found;
  const size = JSON.stringify(document).length;
  if (size > largestItem)
    return [fault('', 'limit', `at most ${largestItem} characters`, `${size} characters`)];
  return found;

  function walk(value: Json, keys: readonly string[]): ConfigurationFault[] {
    if (keys.length > deepest) return [fault(keyPath(keys), 'limit', `at most ${deepest} levels`, 'more')];
    if (Array.isArray(value)) return value.flatMap((each: Json, at) => walk(each, [...keys, String(at)]));
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([key, each]) => {
      const path = [...keys, key];
      const unsafe = forbidden.has(key) || key.startsWith('$');
      if (!unsafe) return walk(each, path);
      return [fault(keyPath(path), 'unknown_key', 'a plain name', glimpse(key))];
    });
  }
}
