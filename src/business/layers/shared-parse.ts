/**
 * Parsing many values that have parts in common: ten thousand sites share what their brand and market say, and each
 * shared part is parsed once. What is shared by the input is shared by the output. Pure, but for what it remembers.
 */
import { z } from 'zod';
import type { ConfigurationFault } from './fault.ts';
import { isObject, type Json } from './json.ts';
import { parsed } from './shape-faults.ts';

/** A value as its shape gives it, or what is wrong with it. */
export type Read<T> = { value: T; faults: [] } | { value: undefined; faults: ConfigurationFault[] };

/** Parses by a shape; remembers every object and every long text it has parsed. */
export type SharedParse = <T>(shape: z.ZodType<T>, value: Json | undefined, item: string) => Read<T>;

type Known = Read<unknown>;

/** Texts from this length on are worth remembering. */
const longText = 100;

/**
 * Builds a parser with a memory of its own, which lasts as long as the parser.
 */
export function createSharedParse(): SharedParse {
  const objects = new WeakMap<z.ZodType, WeakMap<object, Known>>();
  const texts = new WeakMap<z.ZodType, Map<string, Known>>();

  function remembered(shape: z.ZodType, value: Json | undefined, read: () => Known): Known {
    if (typeof value === 'object' && value !== null) {
      const known = objects.get(shape) ?? new WeakMap<object, Known>();
      objects.set(shape, known);
      return known.get(value) ?? kept(known, value, read());
    }
    if (typeof value !== 'string' || value.length < longText) return read();
    const known = texts.get(shape) ?? new Map<string, Known>();
    texts.set(shape, known);
    return known.get(value) ?? kept(known, value, read());
  }

  function parse(
    shape: z.ZodType,
    value: Json | undefined,
    at: { item: string; keys: readonly string[] },
  ): Known {
    return remembered(shape, value, () => {
      const inner = shape instanceof z.ZodObject && isPlain(shape) && isObject(value) ? shape : undefined;
      if (!inner || !isObject(value) || Object.keys(value).some((key) => !(key in inner.shape)))
        return parsed<unknown>(shape, value, at.item, at.keys);
      const whole: Record<string, unknown> = {};
      const faults: ConfigurationFault[] = [];
      for (const [key, part] of Object.entries<z.ZodType>(inner.shape)) {
        const read = parse(part, value[key], { item: at.item, keys: [...at.keys, key] });
        faults.push(...read.faults);
        if (read.value !== undefined) whole[key] = read.value;
      }
      return faults.length > 0 ? { value: undefined, faults } : { value: whole, faults: [] };
    });
  }

  return <T>(shape: z.ZodType<T>, value: Json | undefined, item: string) =>
    parse(shape, value, { item, keys: [] }) as Read<T>;
}

/** Whether an object's parts are judged each for itself: nothing is said of the whole. */
function isPlain(shape: z.ZodObject): boolean {
  return (shape.def.checks ?? []).length === 0;
}

function kept<K, R>(memory: { set(key: K, read: R): unknown }, key: K, read: R): R {
  memory.set(key, read);
  return read;
}

/**
 * A function that remembers what it made of an object.
 * @param make makes something of an object, the same whenever it is asked
 */
export function onceOf<T extends object, R>(make: (value: T) => R): (value: T) => R {
  const known = new WeakMap<T, { made: R }>();
  return (value) => {
    const found = known.get(value) ?? { made: make(value) };
    known.set(value, found);
    return found.made;
  };
}
