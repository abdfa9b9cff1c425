/** The text of a password, the same wherever it is set, judged or verified. Pure; never keeps one. */
import { DomainError } from '../../base/kernel/errors.ts';

/** Most code points of a password (ASVS 5.0 6.2.9 asks for at least 64 and a stated most). */
export const maxPasswordLength = 256;

/** UTF-16 units above which no normal form can come down to {@link maxPasswordLength} in good faith. */
const hopelessLength = maxPasswordLength * 16;

/**
 * A password in Unicode normal form C, so that two keyboards that spell the same characters differently agree
 * (NIST SP 800-63B-4 section 3.1.1.2). Nothing is trimmed, folded or cut. The only place that normalises one.
 * @param plain the password as typed
 * @throws DomainError `password.too_long` {max} over 256 code points, before anything costly happens
 */
export function passwordText(plain: string): string {
  if (plain.length <= hopelessLength) {
    const text = plain.normalize('NFC');
    if (passwordLength(text) <= maxPasswordLength) return text;
  }
  throw new DomainError('password.too_long', { params: { max: maxPasswordLength } });
}

/**
 * The length of a password in code points: one emoji or one letter outside the basic plane counts once.
 * @param text the password
 */
export function passwordLength(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
