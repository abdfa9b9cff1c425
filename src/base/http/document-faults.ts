/**
 * From what a schema found in a document to what its author is told: where, what is right there, what stands there.
 * Pure. Values are repeated only where the caller says that they are no personal data, cut short, and never where a
 * name promises a secret.
 */
import { z } from 'zod';
import { nearestName } from '../config/faults.ts';
import { type DocumentFault, errorCodes } from '../kernel/errors.ts';
import { unwrapped } from './unwrapped.ts';

/** How faults are told. */
export interface FaultTelling {
  /** Whether values may be repeated; otherwise only their kind is told. */
  echo: boolean;
  /** Where it stands, when it is not the body. */
  in?: 'path' | 'query';
}

/** More than these help nobody, and an answer must not grow with what was sent. */
const mostFaults = 100;
const longestEcho = 60;
const secretName = /secret|passw|token|credential|private|api_?key|^(?:d|p|q|dp|dq|qi|k)$/i;

/**
 * Every fault of a document, in its order.
 * @param error what the schema found
 * @param value what it was asked about
 * @param schema the schema, to tell which name was meant
 * @param telling whether values may be repeated
 */
export function documentFaults(
  error: z.ZodError,
  value: unknown,
  schema: z.core.$ZodType,
  telling: FaultTelling,
): DocumentFault[] {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, value, schema, telling));
  return faults.slice(0, mostFaults).map((fault) => ({ ...fault, ...(telling.in && { in: telling.in }) }));
}

/**
 * A path as a JSON pointer (RFC 6901).
 * @param path names and positions
 */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * A text in quotes, cut short and on one line.
 * @param text any text
 */
export function quoted(text: string): string {
  const points = [...text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')];
  const cut = points.length > longestEcho ? `${points.slice(0, longestEcho).join('')}…` : points.join('');
  return JSON.stringify(cut);
}

/**
 * What stands somewhere, in words.
 * @param found a value of JSON
 * @param echo whether texts and numbers may be repeated
 */
export function described(found: unknown, echo: boolean): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'null';
  if (Array.isArray(found)) return `a list of ${found.length}`;
  if (typeof found === 'object') return 'an object';
  if (typeof found === 'string') return echo ? quoted(found) : `a text of ${[...found].length} characters`;
  if (typeof found === 'boolean') return String(found);
  return echo ? String(found) : `a ${typeof found}`;
}

function faultsOf(
  issue: z.core.$ZodIssue,
  value: unknown,
  schema: z.core.$ZodType,
  telling: FaultTelling,
): DocumentFault[] {
  if (issue.code === 'unrecognized_keys') return unknownNames(issue, schema);
  const best = issue.code === 'invalid_union' ? closestBranch(issue.errors) : undefined;
  if (best) {
    return best.flatMap((inner) =>
      faultsOf({ ...inner, path: [...issue.path, ...inner.path] }, value, schema, telling),
    );
  }
  const found = at(value, issue.path);
  const secret =
    typeof found === 'string' && issue.path.some((part) => typeof part === 'string' && secretName.test(part));
  const expected = expectedOf(issue);
  return [
    {
      path: jsonPointer(issue.path),
      code: codeOf(issue, found),
      ...(expected && { expected }),
      got: described(found, telling.echo && !secret),
    },
  ];
}

function unknownNames(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.core.$ZodType): DocumentFault[] {
  const known = namesAt(schema, issue.path);
  return issue.keys.map((name) => {
    const meant = nearestName(name, known);
    return {
      path: jsonPointer([...issue.path, name]),
      code: 'field.unknown',
      expected: meant ? didYouMean(meant) : oneOf(known),
      got: quoted(name),
    };
  });
}

/**
 * What is said of a mistyped name.
 * @param name the known one it is most likely meant to be
 */
export function didYouMean(name: string): string {
  return `a known name; did you mean ${quoted(name)}?`;
}

/** Of several forms, the one that fits best is the one whose faults lie deepest, or are fewest. */
function closestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]) {
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    Math.max(0, ...branch.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
  const [best, next] = [...branches].sort(
    (left, right) => depth(right) - depth(left) || left.length - right.length,
  );
  // Where no form is meant more than another, the fault is that none fits.
  return best && depth(best) > 0 && (!next || depth(next) < depth(best)) ? best : undefined;
}

function codeOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (Object.hasOwn(errorCodes, issue.message)) return issue.message;
  if (found === undefined) return 'field.required';
  return issue.code === 'too_big' && issue.origin === 'string' ? 'field.too_long' : 'field.invalid';
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Forms that people write, with one to copy. */
const written: Readonly<Record<string, string>> = {
  date: 'a day such as 2026-12-31',
  datetime: 'a time in UTC such as 2026-12-31T06:00:00Z',
  url: 'an address such as https://www.example.com/',
  email: 'an e-mail address',
};

function expectedOf(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'too_small':
      return bound('at least', issue.origin, Number(issue.minimum), issue.inclusive === false);
    case 'too_big':
      return bound('at most', issue.origin, Number(issue.maximum), issue.inclusive === false);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? said(issue.message, issue.pattern)
        : (written[issue.format] ?? `a value of the form ${issue.format}`);
    case 'invalid_union':
      return 'options' in issue && issue.options
        ? oneOf(issue.options.map(String))
        : 'one of the allowed forms';
    case 'invalid_key':
      return 'another name';
    default:
      return said(issue.message, undefined);
  }
}

/** A schema's own words, if it has any; zod's are about code. */
function said(message: string, pattern: string | undefined): string | undefined {
  if (Object.hasOwn(errorCodes, message) || message.startsWith('Invalid'))
    return pattern && `a text that matches ${pattern}`;
  return message;
}

function oneOf(names: readonly string[]): string {
  if (names.length === 0) return 'no such name';
  const shown = names.slice(0, 12).map((name) => quoted(name));
  return `one of ${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}

function bound(words: string, origin: string, limit: number, exclusive: boolean): string {
  const unit =
    origin === 'string' ? ' characters' : ['array', 'set', 'map'].includes(origin) ? ' entries' : '';
  const than = exclusive ? (words === 'at least' ? 'more than' : 'less than') : words;
  return `${than} ${limit}${unit}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const part of path) {
    const inside = typeof found === 'object' && found !== null && Object.hasOwn(found, part);
    found = inside ? Reflect.get(found as object, part) : undefined;
  }
  return found;
}

/** The names an object may hold at a path, as far as the schema says so. */
function namesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const plain = unwrapped(schema);
  const options = plain instanceof z.ZodUnion ? plain.options : [plain];
  return options.flatMap((option) => namesIn(unwrapped(option), path));
}

function namesIn(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const [part, ...rest] = path;
  if (part === undefined) return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  if (schema instanceof z.ZodObject) {
    const name = String(part);
    return Object.hasOwn(schema.shape, name) ? namesAt(schema.shape[name], rest) : [];
  }
  if (schema instanceof z.ZodArray) return namesAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return namesAt(schema.valueType, rest);
  return [];
}
