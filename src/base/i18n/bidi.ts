/** Keeps what runs in the other direction apart within a text, as the Unicode bidirectional algorithm wants it. Pure. */

const rtl = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
const someFromTheRight = new RegExp(`[${rtl}]`, 'u');
const allFromTheRight = new RegExp(`^[${rtl}\\s]*$`, 'u');

/**
 * A value as it is put into a text. One that runs in the other direction stands between isolates (U+2068, U+2069):
 * else it would draw signs and numbers beside it over to its side, and two groups of digits would change places.
 * @param dir the direction of the text
 * @param value a name, an address, a code
 */
export function isolated(dir: 'ltr' | 'rtl', value: string): string {
  const apart = dir === 'rtl' ? !allFromTheRight.test(value) : someFromTheRight.test(value);
  return apart ? `\u2068${value}\u2069` : value;
}
