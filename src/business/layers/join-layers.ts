/**
 * Joining layers: what the program, brand, regions, market, brand-in-market and site say together, and who said what.
 * Pure.
 */

import type { LayerKind } from './item-path.ts';
import { isObject, type Json, type JsonObject, keyPath, leavesOf, mergePatch } from './json.ts';
import { structuralKeys } from './layer-shapes.ts';

/** One layer of a chain. */
export interface Layer {
  /** The item it stands in, such as `markets/de`. */
  item: string;
  kind: LayerKind;
  /** The layer's document without what only its kind says. */
  settings: JsonObject;
}

/**
 * A layer from its document.
 * @param item the item's path
 * @param kind its kind
 * @param document as stored
 */
export function layerOf(item: string, kind: LayerKind, document: JsonObject): Layer {
  const structural = structuralKeys[kind];
  const settings = Object.fromEntries(Object.entries(document).filter(([key]) => !structural.includes(key)));
  return { item, kind, settings };
}

/**
 * What is said once one more layer speaks.
 * @param above what the layers above say
 * @param layer the next layer
 */
export function joinOnto(above: JsonObject, layer: Layer): JsonObject {
  const { lock, ...settings } = layer.settings;
  const joined = mergePatch(above, settings) as JsonObject;
  if (!Array.isArray(lock) || lock.length === 0) return joined;
  const before = Array.isArray(above.lock) ? above.lock : [];
  return { ...joined, lock: [...new Set([...before, ...lock])] };
}

/** Where one effective value comes from. */
export interface Origin {
  /** Keys from the outside in. */
  keys: readonly string[];
  /** The same in one text, such as `password.minLength`. */
  key: string;
  value: Json;
  /** The layer that said it. */
  item: string;
}

/**
 * Every effective value with the layer that said it.
 * @param chain from the outermost to the innermost
 */
export function originsOf(chain: readonly Layer[]): Origin[] {
  const origins = new Map<string, Origin>();
  for (const { item, settings } of chain) {
    for (const { keys, value } of leavesOf(settings))
      note(origins, { keys, key: keyPath(keys), value, item });
  }
  return [...origins.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A value replaces what stood there, below it and above it. */
function note(origins: Map<string, Origin>, origin: Origin): void {
  const { keys, key, value } = origin;
  if (keys[0] === 'lock') return;
  const isEmptyObject = isObject(value) && Object.keys(value).length === 0;
  for (const other of origins.values()) {
    const below = keys.every((part, at) => other.keys[at] === part);
    const above = other.keys.every((part, at) => keys[at] === part);
    if ((below && !isEmptyObject) || above) origins.delete(other.key);
  }
  if (value !== null && !isEmptyObject) origins.set(key, origin);
}
