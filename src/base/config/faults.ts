/** What is wrong with a configuration, said all at once and without showing a secret. */
import type { Field } from './fields.ts';

/** One thing that is wrong. */
export interface ConfigFault {
  /** Path of the setting, or the unknown name itself. */
  path: string;
  /** Environment variable that sets it, when there is one. */
  env?: string;
  /** What was found, masked for secrets. */
  got: string;
  expected: string;
  example?: string;
}

/** A configuration that cannot be used; the message lists every fault. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  /** @param faults at least one fault */
  constructor(faults: readonly ConfigFault[]) {
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    super([`The configuration has ${count}:`, ...faults.map(faultText)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

function faultText(fault: ConfigFault): string {
  const lines = [`  ${fault.path}${fault.env ? ` (${fault.env})` : ''}`];
  lines.push(`    got:      ${fault.got}`, `    expected: ${fault.expected}`);
  if (fault.example !== undefined) lines.push(`    example:  ${fault.example}`);
  return lines.join('\n');
}

/**
 * A fault of a declared setting.
 * @param field the setting
 * @param got what was found (`nothing` when undefined); masked here when the setting is secret
 * @param expected what is expected, when it is not what the field says of itself
 */
export function faultOf(field: Field, got: unknown, expected = field.meta.expected): ConfigFault {
  return { path: field.path, env: field.env, got: shown(field, got), expected, example: field.meta.example };
}

function shown(field: Field, got: unknown): string {
  if (got === undefined) return 'nothing';
  if (field.meta.secret) return typeof got === 'string' ? `a secret of ${got.length} characters` : 'a secret';
  return JSON.stringify(got).slice(0, 200);
}

/**
 * A fault for a name nobody knows, with the nearest known one.
 * @param name the unknown environment variable or file path
 * @param known every known name of that kind
 */
export function unknownName(name: string, known: readonly string[]): ConfigFault {
  const nearest = nearestName(name, known);
  return {
    path: name,
    got: 'an unknown setting',
    expected: nearest ? `did you mean ${nearest}?` : 'a setting listed in docs/configuration.md',
  };
}

/**
 * The known name that a mistyped one is most likely meant to be; undefined when none is near.
 * @param name as typed
 * @param known names that would be right
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, steps: editDistance(comparable(name), comparable(candidate)) }))
    .sort((a, b) => a.steps - b.steps);
  const best = ranked[0];
  return best && best.steps <= Math.max(2, comparable(name).length / 3) ? best.candidate : undefined;
}

function comparable(name: string): string {
  return name
    .replace(/^SYMBOLON_/, '')
    .replace(/[._]/g, '')
    .toLowerCase();
}

/** Levenshtein distance of two short names. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
