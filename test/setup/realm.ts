import { types } from 'node:util';

/**
 * Mends what jest's vm context breaks for code that is right outside of it.
 *
 * `instanceof Error`: errors of Node's own modules (a missing file, a refused connection) come from the main realm.
 */
const inherits = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown) {
    return inherits.call(this, value) || (this === Error && types.isNativeError(value));
  },
});

/**
 * Makes `structuredClone` of this test's own realm. Jest runs tests in a vm context, while the built-in function makes
 * its objects in the main one, where `value.constructor === Object` is false: the protocol library tests exactly that.
 */
const native = globalThis.structuredClone;
const homes: Record<string, object> = {
  Object: Object.prototype,
  Array: Array.prototype,
  Date: Date.prototype,
  Map: Map.prototype,
  Set: Set.prototype,
  RegExp: RegExp.prototype,
  Error: Error.prototype,
};

function bringHome(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const home = homes[Object.prototype.toString.call(value).slice(8, -1)];
  if (home === undefined) return;
  Object.setPrototypeOf(value, home);
  if (value instanceof Map) for (const pair of value) for (const part of pair) bringHome(part, seen);
  else if (value instanceof Set) for (const part of value) bringHome(part, seen);
  else for (const part of Object.values(value)) bringHome(part, seen);
}

globalThis.structuredClone = <T>(value: T, options?: Parameters<typeof native>[1]): T => {
  const copy = native(value, options);
  bringHome(copy);
  return copy;
};
