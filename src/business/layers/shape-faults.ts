/** From what a shape finds wrong to faults with the key, what was expected and what was found. Pure. */
import { z } from 'zod';
import { type ConfigurationFault, type ConfigurationFaultCode, didYouMean, glimpse } from './fault.ts';
import { isObject, type Json, keyPath, valueAt } from './json.ts';

/**
 * Parses a value by its shape.
 * @param shape what it must look like
 * @param value the value
 * @param item where it stands, for faults
 * @param at keys in front of every fault's own
 * @returns the parsed value, or every fault
 */
export function parsed<T>(
  shape: z.ZodType<T>,
  value: Json | undefined,
  item: string,
  at: readonly string[] = [],
): { value: T; faults: [] } | { value: undefined; faults: ConfigurationFault[] } {
  const result = shape.safeParse(value);
  if (result.success) return { value: result.data, faults: [] };
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue, { shape, value, item, at }));
  return { value: undefined, faults };
}

interface Context {
  shape: z.ZodType;
  value: Json | undefined;
  item: string;
  at: readonly string[];
}

function faultsOf(issue: z.core.$ZodIssue, context: Context): ConfigurationFault[] {
  const keys = issue.path.map(String);
  const found = foundAt(context.value, issue.path);
  const fault = (code: ConfigurationFaultCode, more: readonly string[], expected: string, got: string) => ({
    item: context.item,
    key: keyPath([...context.at, ...keys, ...more]),
    code,
    expected,
    got,
  });
  if (issue.code === 'unrecognized_keys') {
    const known = keysOfShape(context.shape, keys);
    return issue.keys.map((key) => fault('unknown_key', [key], didYouMean(key, known), 'an unknown key'));
  }
  if (found === undefined) return [fault('missing', [], expectedBy(issue), 'nothing')];
  return [fault(codeOf(issue.message), [], expectedBy(issue), glimpse(found))];
}

function codeOf(message: string): ConfigurationFaultCode {
  if (message.startsWith('a pattern ')) return 'pattern';
  return message.startsWith('text without markup') ? 'markup' : 'shape';
}

function foundAt(value: Json | undefined, path: readonly PropertyKey[]): Json | undefined {
  let found: Json | undefined = value;
  for (const part of path) {
    if (Array.isArray(found)) found = found[Number(part)];
    else found = valueAt(found, [String(part)]);
  }
  return found;
}

/** What would have been right, in words: the shape's own where it has some. */
function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)} ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `a valid ${issue.format}` : issue.message;
    case 'invalid_union': {
      // Where the union has words of its own, they name every way; else the first way stands for all.
      const inner = issue.message === unionMessage ? issue.errors.flat()[0] : undefined;
      return inner ? expectedBy(inner) : issue.message;
    }
    case 'invalid_key': {
      const inner = issue.issues[0];
      const words = inner && expectedBy(inner);
      if (words?.startsWith('a ')) return words;
      return words ? `a name that is ${words}` : 'a valid name';
    }
    default:
      return issue.message;
  }
}

/** What zod says of a union without words of its own. */
const unionMessage = 'Invalid input';

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'record' ? ' entries' : '';
}

/** The keys that an object's shape knows at a path. */
function keysOfShape(shape: z.ZodType, keys: readonly string[]): string[] {
  const json = JSON.stringify(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }));
  let level: Json | undefined = JSON.parse(json);
  for (const key of keys) {
    const options: Json[] = optionsOf(level);
    level = options
      .map((option) => valueAt(option, ['properties', key]) ?? entries(option, key) ?? additional(option))
      .find((next) => next !== undefined);
  }
  const found = optionsOf(level).map((option) => valueAt(option, ['properties']));
  return found.flatMap((properties) => (isObject(properties) ? Object.keys(properties) : []));
}

/** A shape that may be null stands in a list of alternatives. */
function optionsOf(level: Json | undefined): Json[] {
  const anyOf = valueAt(level, ['anyOf']);
  if (Array.isArray(anyOf)) return anyOf.flatMap((option: Json) => optionsOf(option));
  return level === undefined ? [] : [level];
}

/** The entries of a list, where the key is the place of one. */
function entries(option: Json, key: string): Json | undefined {
  return /^\d+$/.test(key) ? valueAt(option, ['items']) : undefined;
}

function additional(option: Json): Json | undefined {
  const values = valueAt(option, ['additionalProperties']);
  return isObject(values) ? values : undefined;
}
