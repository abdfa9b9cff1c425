/** Strict reading of urlencoded text and of JSON's shape. Pure. */
import { DocumentError, DomainError } from '../kernel/errors.ts';
import { jsonPointer, quoted } from './document-faults.ts';

/** Fields as sent: a record without a prototype; a list only where a key came more than once. */
export type FlatInput = Readonly<Record<string, string | string[]>>;

/** A page of many brands' preferences is one form. */
const maxFields = 1_000;
/** Names that reach a prototype, and characters that mean operators, paths or nesting further in. */
const forbiddenName = /^(?:__proto__|constructor|prototype)$|[$.[\]\0]|^$/;
/** What is left of the rule where names are data: texts by dotted key, `$schema`. */
const dangerousName = /^(?:__proto__|constructor|prototype)$|\0|^$/;

/** Which names JSON may hold, and how deep it may be. */
export interface JsonRule {
  names: 'plain' | 'free';
  depth: number;
}

/** Requests: names are fields. */
export const plainJson: JsonRule = { names: 'plain', depth: 8 };

/** Documents: names are data too, as the keys of texts. Whoever stores one must not take its names for paths. */
export const documentJson: JsonRule = { names: 'free', depth: 32 };

/** In forms a dot parts the group from the name (`field.seat`, `terms.program-terms`); each part obeys the same rule. */
function isForbiddenField(name: string): boolean {
  return name.split('.').some((part) => forbiddenName.test(part));
}

/**
 * Reads `application/x-www-form-urlencoded` text (WHATWG URL section 5.1), but refuses what a browser never sends.
 * @param text the encoded text
 * @throws DomainError `input.malformed`
 */
export function flatInput(text: string): FlatInput {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return fieldsOf(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const name = percentDecoded(equals < 0 ? pair : pair.slice(0, equals));
      return [name, equals < 0 ? '' : percentDecoded(pair.slice(equals + 1))];
    }),
  );
}

/**
 * Names and values of a form as fields, in whatever way they were written.
 * @param pairs names and values, decoded
 * @throws DomainError `input.malformed`
 */
export function fieldsOf(pairs: readonly (readonly [string, string])[]): FlatInput {
  const fields: Record<string, string | string[]> = Object.create(null);
  if (pairs.length > maxFields) throw new DomainError('input.malformed');
  for (const [name, value] of pairs) {
    if (isForbiddenField(name) || value.includes('\0')) throw new DomainError('input.malformed');
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return fields;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
}

/**
 * Refuses JSON that is nested too deep, that names a prototype anywhere or, where names are fields, an operator or path.
 * @param value parsed JSON
 * @param rule which names and how deep
 * @throws DocumentError `input.malformed`
 */
export function refuseDeepJson(value: unknown, rule: JsonRule): void {
  const forbidden = rule.names === 'plain' ? forbiddenName : dangerousName;
  const trail: (string | number)[] = [];
  const refuse = (expected: string, got: string) => {
    throw new DocumentError(
      [{ path: jsonPointer(trail), code: 'field.invalid', expected, got }],
      'input.malformed',
    );
  };
  const look = (found: unknown, left: number): void => {
    if (typeof found === 'string' && found.includes('\0')) refuse('a text without NUL', 'a text with NUL');
    if (typeof found !== 'object' || found === null) return;
    if (left === 0) refuse(`at most ${rule.depth} levels`, 'more');
    for (const [name, item] of Object.entries(found)) {
      trail.push(name);
      if (!Array.isArray(found) && forbidden.test(name)) refuse('another name', quoted(name));
      look(item, left - 1);
      trail.pop();
    }
  };
  look(value, rule.depth);
}
