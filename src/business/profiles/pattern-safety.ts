/**
 * Regular expressions that the configuration may bring: short, and matched in time that grows no faster than the
 * text. They mean the same in the `pattern` of an HTML input, which browsers compile with the flag `v`. Pure.
 */
import { isSafePattern } from 'redos-detector';

/** Longest pattern, in characters. */
const maxLength = 200;

/** How hard a pattern is looked at; what is not understood by then is refused. Steps, so that every machine says the same. */
const maxSteps = 200;

/** Most ways in which one text may begin to match: a constant, not something that grows with the text. */
const maxScore = 20;

/** Judged patterns: a release is read again and again, its patterns are the same. */
const judged = new Map<string, string | undefined>();
const mostJudged = 5_000;

const compiled = new Map<string, RegExp>();

/**
 * What is expected of a pattern that is refused; undefined when it may be used. The judgement is remembered.
 * @param pattern as in an HTML `pattern`: the whole text must match
 */
export function patternFault(pattern: string): string | undefined {
  if (judged.has(pattern)) return judged.get(pattern);
  const fault = judge(pattern);
  if (judged.size >= mostJudged) judged.clear();
  judged.set(pattern, fault);
  return fault;
}

/**
 * Whether a whole text matches a pattern that {@link patternFault} has let through.
 * @param pattern as in an HTML `pattern`
 * @param text bounded by its attribute's longest length
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const known = compiled.get(pattern) ?? new RegExp(whole(pattern), 'v');
  if (compiled.size >= mostJudged) compiled.clear();
  compiled.set(pattern, known);
  return known.test(text);
}

/** As HTML compiles it (HTML standard, the `pattern` attribute). */
function whole(pattern: string): string {
  return `^(?:${pattern})$`;
}

function judge(pattern: string): string | undefined {
  if (pattern === '' || pattern.length > maxLength) return `a pattern of 1 to ${maxLength} characters`;
  // The same text must mean the same with the flag `v` of browsers and with `u`, which the judge knows.
  for (const flags of ['v', 'u']) {
    try {
      // Compiled at the first use only: one that is too large says so then.
      new RegExp(whole(pattern), flags).test('');
    } catch {
      return 'a pattern that can be read: a regular expression as in the pattern of an HTML input';
    }
  }
  const plain = pattern.replace(/\\[^1-9k]/g, '');
  if (/&&|--/.test(plain)) return 'a pattern without set operations';
  if (/\(\?(?:[=!]|<[=!])|\\[1-9k]/.test(plain)) return 'a pattern without look-around and back-references';
  return isLinear(pattern) ? undefined : 'a pattern that cannot take long: no part may match in two ways';
}

function isLinear(pattern: string): boolean {
  try {
    const options = { unicode: true, downgradePattern: false, maxSteps, maxScore } as const;
    return isSafePattern(whole(pattern), options).safe;
  } catch {
    return false;
  }
}
