/** The one rule of e-mail addresses. Pure. */
import { domainToASCII } from 'node:url';

const maxAddressLength = 254;
const maxLocalLength = 64;

/**
 * The normal form of an e-mail address, or undefined when it is not one plain addr-spec (RFC 5321 section 4.1.2
 * without quoted strings, comments, groups or address literals). Case is folded in the simple way, so that
 * addresses that merely look alike stay different people.
 * @param input what was typed
 */
export function normaliseEmail(input: string): string | undefined {
  const trimmed = input.trim().normalize('NFC');
  const at = trimmed.indexOf('@');
  if (at < 1 || at !== trimmed.lastIndexOf('@')) return undefined;
  const local = trimmed.slice(0, at);
  const domain = domainToASCII(trimmed.slice(at + 1));
  if (!domain?.includes('.') || !/^[a-z0-9.-]+$/.test(domain) || /^[\d.]+$/.test(domain)) return undefined;
  if (domain.split('.').some((label) => label === '' || label.startsWith('-') || label.endsWith('-')))
    return undefined;
  if (!/^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u.test(local)) return undefined;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined;
  const address = `${local.toLowerCase()}@${domain}`;
  return Buffer.byteLength(local) > maxLocalLength || Buffer.byteLength(address) > maxAddressLength
    ? undefined
    : address;
}
