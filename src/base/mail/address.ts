/** Addresses of mails: one person, nothing that could become a second one or a header of its own. */
import { DomainError } from '../kernel/errors.ts';

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';
const addrSpec = new RegExp(`^${atom}(?:\\.${atom})*@${label}(?:\\.${label})*$`, 'u');

/**
 * The address, when it is exactly one plain addr-spec (RFC 5322 section 3.4.1, dot-atom form only).
 * @param address what was given
 * @throws DomainError `email.invalid`
 */
export function plainAddress(address: string): string {
  if (!isPlainAddress(address)) throw new DomainError('email.invalid');
  return address;
}

/**
 * Whether the text is exactly one plain addr-spec.
 * @param text what was given
 */
export function isPlainAddress(text: string): boolean {
  return text.length <= 254 && addrSpec.test(text);
}
