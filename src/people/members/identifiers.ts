/** Rules of identifiers, pure: normal forms and the keyed `_id`s they are found by. Never touches the database. */
import { domainToASCII } from 'node:url';
import { type KeyRing, keyedHash } from '../../base/kernel/sealing.ts';

/** What leads to exactly one member. */
export type IdentifierType = 'email' | 'google' | 'facebook';

/** A proven or claimed identifier value. */
export interface Identifier {
  type: IdentifierType;
  value: string;
}

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

/**
 * The `_id`s an identifier may be stored under, one for each live version of the digest key, newest first.
 * @param ring keys that identifiers are digested with; never stored in MongoDB
 * @param identifier type and normalised value
 */
export function identifierIds(ring: KeyRing, identifier: Identifier): string[] {
  return ring.all.map(
    ({ id, key }) => `${identifier.type}:${id}:${keyedHash(key, identifier.type, identifier.value)}`,
  );
}

/**
 * An address as it may be shown to whoever is at the browser: enough to recognise one's own, not to learn another's.
 * @param email normalised address
 * @returns such as `m•••@example.com`
 */
export function maskEmail(email: string): string {
  const at = email.indexOf('@');
  const first = [...email.slice(0, at)][0] ?? '';
  return `${first}\u2022\u2022\u2022${email.slice(at)}`;
}
