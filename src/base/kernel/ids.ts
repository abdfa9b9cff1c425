/** The kernel's identifiers and secrets: the only source of randomness. Never derives anything from a person. */
import { randomBytes } from 'node:crypto';

/** Random bytes of the asked length; tests may pass a seeded one. */
export type RandomBytes = (length: number) => Buffer;

/** Makes every id, secret and code of the house. */
export interface Ids {
  /** An opaque id with 128 random bits, such as `mbr_3q2-7w…`. */
  id(prefix: string): string;
  /** An id that sorts by time (48 bits of milliseconds, 80 random bits), for append-only collections. */
  timeOrdered(prefix: string, nowMs: number): string;
  /** A secret of the asked number of random bytes, base64url (default 32 = 256 bits). */
  secret(bytes?: number): string;
  /** A numeric code of the asked length, each digit uniform (mail codes: 8 digits are 26 bits). */
  code(digits: number): string;
  /** Raw random bytes, for keys and nonces. */
  bytes(length: number): Buffer;
}

/**
 * Builds the id maker.
 * @param random source of randomness (default: the operating system's)
 */
export function createIds(random: RandomBytes = randomBytes): Ids {
  return {
    id: (prefix) => `${prefix}_${random(16).toString('base64url')}`,
    timeOrdered: (prefix, nowMs) =>
      `${prefix}_${nowMs.toString(16).padStart(12, '0')}${random(10).toString('hex')}`,
    secret: (bytes = 32) => random(bytes).toString('base64url'),
    code: (digits) => Array.from({ length: digits }, () => uniformDigit(random)).join(''),
    bytes: (length) => random(length),
  };
}

/** One decimal digit without modulo bias: bytes of 250 and more are thrown away. */
function uniformDigit(random: RandomBytes): string {
  for (;;) {
    const byte = random(1)[0] ?? 255;
    if (byte < 250) return String(byte % 10);
  }
}
