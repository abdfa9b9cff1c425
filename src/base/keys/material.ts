/** Making key material, off the event loop. Never stores or seals any. */
import { generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Ids } from '../kernel/ids.ts';
import { type EncryptionUse, isPublished, isSigning, type KeyUse, type SigningUse } from './model.ts';

/** A private key of the JWKS with its id, as the protocol library takes it; one to encrypt to suits several algorithms. */
export type PublishedJwk = JsonWebKey & { kid: string } & (
    | { use: 'sig'; alg: string }
    | { use: 'enc'; alg?: never }
  );

const generate = promisify(generateKeyPair);

/**
 * New material: 256 random bits in base64url, or a private JWK with its id and algorithm as JSON (RFC 7517).
 * @param use what the key is for
 * @param ids randomness
 */
export async function makeMaterial(use: KeyUse, ids: Ids): Promise<string> {
  if (!isPublished(use)) return ids.secret(32);
  const privateKey = await makePrivateKey(use);
  const kid = `${use.toLowerCase()}-${ids.secret(9)}`;
  const purpose = isSigning(use) ? { use: 'sig', alg: use } : { use: 'enc' };
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, ...purpose });
}

/**
 * RSA has 2048 bits: 112 bits of strength, which NIST SP 800-57 part 1 (tables 2 and 4) allows through 2030, and
 * these keys rotate quarterly. Not 3072: a signature would cost 2.5 times as much, at each token, for strength that
 * no key lives long enough to need. Who wants more takes ES256 or EdDSA (128 bits, and quicker).
 */
async function makePrivateKey(use: SigningUse | EncryptionUse): Promise<KeyObject> {
  if (use === 'ES256' || use === 'ECDH-ES') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  if (use === 'EdDSA') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: 2048 })).privateKey;
}
