/** Making key material, off the event loop. Never stores or seals any. */
import { generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Ids } from '../kernel/ids.ts';
import { isSigning, type KeyUse, type SigningUse } from './model.ts';

/** A private signing key with its id and algorithm, as the protocol library takes it. */
export type SigningJwk = JsonWebKey & { kid: string; alg: string; use: 'sig' };

const generate = promisify(generateKeyPair);

/**
 * New material: 256 random bits in base64url, or a private JWK with its id and algorithm as JSON (RFC 7517).
 * @param use what the key is for
 * @param ids randomness
 */
export async function makeMaterial(use: KeyUse, ids: Ids): Promise<string> {
  if (!isSigning(use)) return ids.secret(32);
  const privateKey = await makePrivateKey(use);
  const kid = `${use.toLowerCase()}-${ids.secret(9)}`;
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, alg: use, use: 'sig' });
}

/**
 * RSA has 2048 bits: 112 bits of strength, which NIST SP 800-57 part 1 (tables 2 and 4) allows through 2030, and
 * these keys rotate quarterly. Not 3072: a signature would cost 2.5 times as much, at each token, for strength that
 * no key lives long enough to need. Who wants more takes ES256 or EdDSA (128 bits, and quicker).
 */
async function makePrivateKey(use: SigningUse): Promise<KeyObject> {
  if (use === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  if (use === 'EdDSA') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: 2048 })).privateKey;
}
