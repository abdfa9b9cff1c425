/**
 * The kernel's sealing: AES-256-GCM for what must be read again, HMAC-SHA-256 for what must only be found again.
 * Never stores a key and never decides which key to use.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** A named 256-bit key; the id travels with what it sealed, so keys can be rotated. */
export interface NamedKey {
  id: string;
  key: Buffer;
}

/** Keys by age: `current` seals, every one of `all` may still open. */
export interface KeyRing {
  current: NamedKey;
  all: readonly NamedKey[];
}

/** A value was sealed with a key that has been taken away, which is no fault: it is to be as if it did not exist. */
export class RevokedKey extends Error {
  /** @param id name of the key */
  constructor(id: string) {
    super(`sealed with a revoked key: ${id}`);
    this.name = 'RevokedKey';
  }
}

/**
 * What opening gives, or undefined where the key that sealed the value was revoked: to its reader it is not there.
 * @param open opens the value
 * @throws whatever else goes wrong, such as a value that was changed, or a key that this process does not know yet
 */
export function ifKeyLives<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof RevokedKey) return undefined;
    throw error;
  }
}

const ivLength = 12;
const tagLength = 16;

const prepared = new WeakMap<Buffer, KeyObject>();

/** Node prepares raw bytes anew at each use, which costs five times the use itself; a key object keeps it. */
function keyObject(key: Buffer): KeyObject {
  const known = prepared.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  prepared.set(key, made);
  return made;
}

/**
 * Seals a text or bytes as `keyId.base64url(iv ‖ ciphertext ‖ tag)` (NIST SP 800-38D).
 * @param named the key and its id (no dot in the id)
 * @param plain what to seal
 * @param context associated data: where the sealed value belongs (collection, field, owner); it opens nowhere else
 */
export function seal(named: NamedKey, plain: string | Buffer, context: string): string {
  return `${named.id}.${sealBytes(named.key, plain, context).toString('base64url')}`;
}

/**
 * Opens what {@link seal} made.
 * @param ring keys that may have sealed it
 * @param sealed the sealed text
 * @param context the same associated data as when sealing
 * @throws Error when the key is unknown or the value was changed or moved
 */
export function unseal(ring: Pick<KeyRing, 'all'>, sealed: string, context: string): Buffer {
  const dot = sealed.indexOf('.');
  const id = sealed.slice(0, dot);
  const named = ring.all.find((key) => key.id === id);
  if (!named) throw new Error(`sealed with an unknown key: ${id}`);
  return unsealBytes(named.key, Buffer.from(sealed.slice(dot + 1), 'base64url'), context);
}

/**
 * Seals into bytes without a key id, where the key is known from elsewhere (a member's own key).
 * @param key 32 bytes
 * @param plain what to seal
 * @param context associated data
 */
export function sealBytes(key: Buffer, plain: string | Buffer, context: string): Buffer {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), iv, { authTagLength: tagLength });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what {@link sealBytes} made.
 * @param key 32 bytes
 * @param sealed iv, ciphertext and tag
 * @param context the same associated data as when sealing
 * @throws Error when the value was changed or moved
 */
export function unsealBytes(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  return Buffer.concat([
    decipher.update(sealed.subarray(ivLength, sealed.length - tagLength)),
    decipher.final(),
  ]);
}

/**
 * Keyed digest of parts, base64url; parts are length-prefixed so that no two lists collide (RFC 2104).
 * @param key at least 32 bytes
 * @param parts texts to digest
 */
export function keyedHash(key: Buffer, ...parts: string[]): string {
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHmac('sha256', keyObject(key)).update(text).digest('base64url');
}

/**
 * Plain SHA-256, base64url: only for values that already hold 128 random bits or more.
 * @param value the value
 */
export function digest(value: string): string {
  return hash('sha256', value, 'base64url');
}

/**
 * The beginning of a SHA-256, base64url, to tell texts apart where the whole of it would be in the way.
 *
 * Eleven characters (66 bits) suffice for one member's own answers: nobody but they could look for a second answer with
 * the same mark, and would deceive only themselves. Twenty-two (132 bits) are for texts that somebody else writes, and
 * for versions: two of one mark cannot be made on purpose, which takes the square root of as many tries.
 * @param text the text
 * @param characters how much of it
 */
export function shortDigest(text: string, characters: 11 | 22): string {
  return hash('sha256', text, 'base64url').slice(0, characters);
}

/**
 * Compares two texts in constant time.
 * @param left one text
 * @param right the other
 */
export function constantTimeEqual(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}

/** Seals and opens with whatever keys are live at the moment; modules receive this instead of keys. */
export interface Sealer {
  /** Seals with the current key; `context` names collection, field and owner. */
  seal(plain: string | Buffer, context: string): string;
  /** Opens with any key that is still live. @throws RevokedKey when its key was taken away */
  open(sealed: string, context: string): Buffer;
}
