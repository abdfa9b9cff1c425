/**
 * The JWKS as the protocol library takes it: private keys as they are, and for a key whose private half an external
 * service keeps, an object that asks the service. Never holds a key longer than the provider it was built for.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Configuration, ExternalSigningKey, type JWKS } from 'oidc-provider';
import type { Keys } from '../../base/keys/keys.ts';
import type { PublishedJwk } from '../../base/keys/material.ts';

type Sign = (data: Uint8Array) => Promise<Uint8Array>;

/** A key that signs elsewhere; the library reads its public half from `keyObject`. */
class RemoteKey extends ExternalSigningKey {
  readonly #public: KeyObject;
  readonly #jwk: PublishedJwk;
  readonly #sign: Sign;

  constructor(jwk: PublishedJwk, sign: Sign) {
    super();
    this.#jwk = jwk;
    this.#public = createPublicKey({ key: jwk, format: 'jwk' });
    this.#sign = sign;
  }

  override get kid(): string {
    return this.#jwk.kid;
  }

  override get alg(): string | undefined {
    return this.#jwk.alg;
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Promise<Uint8Array> {
    return this.#sign(data);
  }
}

/**
 * The keys of the JWKS.
 * @param keys the program's keys
 */
export function libraryKeys(keys: Keys): JWKS['keys'] {
  return keys.publishedJwks().map((jwk) => {
    const sign = keys.remoteSigner(jwk.kid);
    return sign ? new RemoteKey(jwk, sign) : jwk;
  });
}

/**
 * The library's feature for keys that sign elsewhere; on only where there is one, because the library calls it
 * experimental and may change it: `ack` names the version that this code was written for.
 * @param keys the program's keys
 */
export function externalSigning(
  keys: Keys,
): NonNullable<NonNullable<Configuration['features']>['externalSigningSupport']> {
  const enabled = keys.publishedJwks().some(({ kid }) => keys.remoteSigner(kid) !== undefined);
  return { enabled, ...(enabled && { ack: 'experimental-01' }) };
}
