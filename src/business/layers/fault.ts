/** What is wrong with a configuration: where, what was expected and what was found, never more than a glimpse of it. */
import { nearestName } from '../../base/config/faults.ts';
import type { Json } from './json.ts';

/** Why something in a configuration is refused. */
const configurationFaultCodes = [
  'shape', // not what the shape says
  'unknown_key',
  'unknown_item', // no such brand, market, region, attribute…
  'missing', // the joined layers do not say what must be said
  'cycle',
  'locked', // a layer above has locked the key
  'legal_key', // belongs to the market, and is only tightened below
  'contrast',
  'markup',
  'pattern',
  'published_text', // a legal text that somebody may have agreed to
  'limit', // goes beyond what the process allows
  'orphan', // would leave stored values without a definition
  'syntax', // the file cannot be read
] as const;

/** Why something in a configuration is refused. */
export type ConfigurationFaultCode = (typeof configurationFaultCodes)[number];

/** One thing that is wrong. */
export interface ConfigurationFault {
  /** The item, such as `brands/volt/brand`. */
  item: string;
  /** The key inside of it, such as `password.minLength`; empty for the item as a whole. */
  key: string;
  code: ConfigurationFaultCode;
  expected: string;
  /** What was found, cut short. */
  got: string;
}

/** A configuration that cannot be used; every fault is listed. */
export class ConfigurationRefused extends Error {
  readonly faults: readonly ConfigurationFault[];

  /** @param faults at least one */
  constructor(faults: readonly ConfigurationFault[]) {
    super(
      `the configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${faults.map((fault) => `  - ${faultText(fault)}`).join('\n')}`,
    );
    this.name = 'ConfigurationRefused';
    this.faults = faults;
  }
}

/**
 * A fault in one line.
 * @param fault what is wrong
 */
export function faultText({ item, key, expected, got }: ConfigurationFault): string {
  const where = key === '' ? item : `${item}: ${key}`;
  return `${where}: expected ${expected}, got ${got}`;
}

/**
 * A glimpse of a value for a message.
 * @param value what was found
 */
export function glimpse(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/**
 * What to say about a name that nobody knows.
 * @param name as found
 * @param known names that would be right
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest) return `a known key (did you mean ${nearest}?)`;
  return known.length > 0 && known.length <= 30 ? `one of ${known.join(', ')}` : 'a known key';
}
