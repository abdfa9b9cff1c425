/** Text as it is kept: one normal form, nothing invisible that could mislead, measured as people count. Pure. */

/** Controls, line and paragraph separators, overrides of the writing direction (a text could read as another), non-characters. */
const misleading =
  /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\u206A-\u206F\uFEFF\uFFF9-\uFFFB\p{Noncharacter_Code_Point}]/u;

/** Nothing that can be seen. */
const blank = /^[\p{Z}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * The normal form of a typed text: NFC (Unicode Standard Annex 15), no space around it.
 * @param text as typed
 * @param lines whether line breaks may stay (as `\n`)
 * @returns empty when nothing in it can be seen; undefined when it holds what no text of a person holds
 */
export function plainText(text: string, lines = false): string | undefined {
  if (!text.isWellFormed()) return undefined;
  const normal = text.normalize('NFC').trim();
  if (blank.test(normal)) return '';
  if (!lines) return misleading.test(normal) ? undefined : normal;
  const parts = normal.split(/\r\n|\r|\n/).map((part) => part.trim());
  return parts.some((part) => misleading.test(part)) ? undefined : parts.join('\n');
}

/**
 * Length in code points.
 * @param text well-formed text
 */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _character of text) length += 1;
  return length;
}

/**
 * Digits and signs of every keyboard (full-width, Arabic, Persian) as ASCII ones, for numbers, dates and phones.
 * @param text as typed
 */
export function plainDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .trim();
}
