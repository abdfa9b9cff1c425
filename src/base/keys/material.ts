/** Making key material, off the event loop, here or in an external key service. Never stores or seals any. */
import { generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Ids } from '../kernel/ids.ts';
import type { Kms, KmsSigning } from './kms.ts';
import { type EncryptionUse, isPublished, isSigning, type KeyUse, type SigningUse } from './model.ts';

/**
 * A key of the JWKS with its id, as the protocol library takes it: private, but where an external service signs. One
 * to encrypt to suits several algorithms.
 */
export type PublishedJwk = JsonWebKey & { kid: string } & (
    | { use: 'sig'; alg: string }
    | { use: 'enc'; alg?: never }
  );

/** As it is stored: `kms` is the name of the key in the external service that keeps its private half. */
type StoredJwk = PublishedJwk & { kms?: string };

/** Makes and reads material. */
export interface Materials {
  /** New material: 256 random bits in base64url, or a JWK with its id and algorithm as JSON (RFC 7517). */
  make(use: KeyUse): Promise<string>;
  /** The key of the JWKS that material is. */
  jwk(material: string): PublishedJwk;
  /** Signs where the private half is elsewhere; undefined where it is in the JWK. */
  signer(material: string): ((data: Uint8Array) => Promise<Uint8Array>) | undefined;
  /** Lets go of what the external service keeps of material that nothing needs any more. */
  discard(use: KeyUse, material: string): Promise<void>;
}

const generate = promisify(generateKeyPair);

/**
 * Builds the maker.
 * @param ids randomness
 * @param kms the external key service, where one is configured
 */
export function createMaterials(ids: Ids, kms?: Kms): Materials {
  const { signing } = kms ?? {};
  const stored = (material: string) => JSON.parse(material) as StoredJwk;
  return {
    async make(use) {
      if (!isPublished(use)) return ids.secret(32);
      const outside = isSigning(use) && signing?.algorithms.includes(use) ? signing : undefined;
      const jwk = await (outside ? makeOutside(use, outside) : makeHere(use));
      const kid = `${use.toLowerCase()}-${ids.secret(9)}`;
      const purpose = isSigning(use) ? { use: 'sig', alg: use } : { use: 'enc' };
      return JSON.stringify({ ...jwk, kid, ...purpose });
    },
    jwk(material) {
      const { kms: _name, ...jwk } = stored(material);
      return jwk;
    },
    signer(material) {
      const { kms: key, alg } = stored(material);
      if (key === undefined || alg === undefined) return undefined;
      return async (data) => {
        if (!signing) throw new Error('a signing key needs the external key service (SYMBOLON_KMS_MODULE)');
        return signing.sign(key, alg, data);
      };
    },
    async discard(use, material) {
      const key = isSigning(use) ? stored(material).kms : undefined;
      // What is left behind in the service signs nothing: no reason to fail.
      if (key !== undefined) await signing?.destroyKey?.(key).catch(() => undefined);
    },
  };
}

async function makeOutside(use: KeyUse, signing: KmsSigning) {
  const { key, publicJwk } = await signing.createKey(use);
  const { kty, crv, x, y, n, e } = publicJwk;
  return { kty, crv, x, y, n, e, kms: key };
}

async function makeHere(use: SigningUse | EncryptionUse): Promise<JsonWebKey> {
  return (await makePrivateKey(use)).export({ format: 'jwk' });
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
