/** Strict reading of urlencoded text and of JSON's shape. Pure. */
import { DomainError } from '../kernel/errors.ts';

/** Fields as sent: a record without a prototype; a list only where a key came more than once. */
export type FlatInput = Readonly<Record<string, string | string[]>>;

const maxFields = 200;
const maxJsonDepth = 8;
/** Names that reach a prototype, and characters that mean operators, paths or nesting further in. */
const forbiddenName = /^(?:__proto__|constructor|prototype)$|[$.[\]\0]|^$/;

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
  const fields: Record<string, string | string[]> = Object.create(null);
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > maxFields) throw new DomainError('input.malformed');
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = percentDecoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : percentDecoded(pair.slice(equals + 1));
    if (isForbiddenField(name)) throw new DomainError('input.malformed');
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return fields;
}

function percentDecoded(text: string): string {
  let value: string;
  try {
    value = decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
  if (value.includes('\0')) throw new DomainError('input.malformed');
  return value;
}

/**
 * Refuses JSON that is nested too deep, or that names a prototype or an operator anywhere.
 * @param value parsed JSON
 * @param depth levels above it
 * @throws DomainError `input.malformed`
 */
export function refuseDeepJson(value: unknown, depth = 0): void {
  if (typeof value === 'string' && value.includes('\0')) throw new DomainError('input.malformed');
  if (typeof value !== 'object' || value === null) return;
  if (depth >= maxJsonDepth) throw new DomainError('input.malformed');
  for (const [name, item] of Object.entries(value)) {
    if (!Array.isArray(value) && forbiddenName.test(name)) throw new DomainError('input.malformed');
    refuseDeepJson(item, depth + 1);
  }
}
