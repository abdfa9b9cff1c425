/**
 * The password policy: length and strength, no composition rules, no expiry. The only user of the strength
 * estimator. Pure apart from loading its word lists once; never keeps or logs a password.
 */
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { DomainError, type FieldFault } from '../../base/kernel/errors.ts';
import { passwordLength, passwordText } from './password-text.ts';

/** How good a new password must be at least. */
export interface PasswordDemands {
  /** Fewest code points: 8 with ASVS 5.0 6.2.1; 15 where NIST SP 800-63B-4 has the password stand alone. */
  minLength: number;
  /** Lowest strength estimate, 0 to 4. */
  minStrength: number;
}

/** What a new password is judged by. */
export interface PasswordRules extends PasswordDemands {
  /** Words that are easy to guess here: local part of the address, the member's name, names of the brands. */
  context: readonly string[];
}

/**
 * The strictest of several demands, part by part. Pure.
 * @param least what holds in any case
 * @param more what brands and markets ask for beyond it, in part
 */
export function strictest(
  least: PasswordDemands,
  ...more: readonly { [Part in keyof PasswordDemands]?: PasswordDemands[Part] | undefined }[]
): PasswordDemands {
  return {
    minLength: Math.max(least.minLength, ...more.map(({ minLength = 0 }) => minLength)),
    minStrength: Math.max(least.minStrength, ...more.map(({ minStrength = 0 }) => minStrength)),
  };
}

/** Why a password was refused; the form names the field. */
export type PasswordFault = Pick<FieldFault, 'code' | 'params'>;

/**
 * Bounds of one estimate, whose time grows fast with length and look-alike characters: without them a password
 * made for it takes a second, with them no longer than its hash.
 */
const estimatedLength = 48;
const estimatedLookAlikes = 8;

/** Shorter words of the context would refuse good passwords by chance. */
const shortestContextWord = 3;

/**
 * Judges a new password (ASVS 5.0 6.2.1 to 6.2.12; NIST SP 800-63B-4 section 3.1.1.2).
 * @param plain the password as typed
 * @param rules lengths in code points, strength from 0 to 4, words of the context
 * @returns undefined when it may be used, else `password.too_long` {max}, `password.too_short` {min} or
 *   `password.too_weak`
 */
export async function checkPassword(plain: string, rules: PasswordRules): Promise<PasswordFault | undefined> {
  const text = textOrFault(plain);
  if (typeof text !== 'string') return text;
  if (passwordLength(text) < rules.minLength) {
    return { code: 'password.too_short', params: { min: rules.minLength } };
  }
  const words = contextWords(rules.context);
  const estimator = await loadEstimator();
  const { score } = estimator.check([...text].slice(0, estimatedLength).join(''), words);
  const isWord = words.includes(text.toLowerCase());
  return isWord || score < rules.minStrength ? { code: 'password.too_weak' } : undefined;
}

function textOrFault(plain: string): string | PasswordFault {
  try {
    return passwordText(plain);
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, params: error.params };
    throw error;
  }
}

/** The words whole and in parts: `Anna.Smith@…` makes `anna.smith`, `anna` and `smith`. */
function contextWords(context: readonly string[]): string[] {
  const words = context.flatMap((word) => {
    const lower = word.normalize('NFC').toLowerCase();
    return [lower, lower.replaceAll(/[^\p{L}\p{N}]+/gu, ''), ...lower.split(/[^\p{L}\p{N}]+/u)];
  });
  return [...new Set(words)].filter((word) => word.length >= shortestContextWord);
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Loads the word lists at the first password that is set: a process that only issues tokens never holds them. */
function loadEstimator(): Promise<ZxcvbnFactory> {
  estimator ??= (async () => {
    const [core, common, english] = await Promise.all([
      import('@zxcvbn-ts/core'),
      import('@zxcvbn-ts/language-common'),
      import('@zxcvbn-ts/language-en'),
    ]);
    return new core.ZxcvbnFactory({
      dictionary: { ...common.dictionary, ...english.dictionary },
      graphs: common.adjacencyGraphs,
      l33tMaxSubstitutions: estimatedLookAlikes,
    });
  })();
  return estimator;
}
