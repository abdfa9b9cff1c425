/**
 * User codes (RFC 8628 section 6.1): eight letters without vowels, so that no word comes out, and without look-alikes,
 * since no digit is among them: 34.6 bits. It reads what people type and makes new ones; pure but for the random bytes.
 */
import type { Ids } from '../../base/kernel/ids.ts';

/** The letters; the library knows the same set as `base-20`. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** How a code is shown: two groups of four. */
export const userCodeMask = '****-****';

/**
 * Reads a typed code: case, spaces, dashes and full-width letters do not matter.
 * @param typed as a person typed it
 * @returns eight letters; undefined when it cannot be a code
 */
export function readUserCode(typed: string): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return plain.length === length && [...plain].every((letter) => letters.includes(letter))
    ? plain
    : undefined;
}

/**
 * A code in its groups, as people read it out.
 * @param code eight letters
 */
export function userCodeGroups(code: string): [string, string] {
  return [code.slice(0, length / 2), code.slice(length / 2)];
}

/**
 * A code as it is shown and sent.
 * @param code eight letters
 */
export function showUserCode(code: string): string {
  return userCodeGroups(code).join('-');
}

/**
 * A new code, each letter uniform: bytes beyond the last whole round of letters are thrown away.
 * @param ids source of randomness
 */
export function makeUserCode(ids: Pick<Ids, 'bytes'>): string {
  const fair = 256 - (256 % letters.length);
  let code = '';
  while (code.length < length) {
    for (const byte of ids.bytes(length)) {
      if (byte < fair && code.length < length) code += letters[byte % letters.length];
    }
  }
  return code;
}
