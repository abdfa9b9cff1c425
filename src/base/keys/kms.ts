/**
 * The adapter point for an external key service (KMS, HSM): what a module has to offer so that keys are sealed, or
 * tokens signed, outside of this process. Owns the contract and the loading; the service itself is the operator's.
 */
import type { JsonWebKey } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What `createKms` of the named module returns; either half may be left away. */
export interface Kms {
  sealing?: KmsSealing;
  signing?: KmsSigning;
}

/** Seals the stored keys in the place of the master keys. */
export interface KmsSealing {
  /** Name kept with what was sealed, such as `kms-2026`: 1 to 32 of `A-Z a-z 0-9 _ -`. */
  id: string;
  /** Only opens what it once sealed; new records are sealed by the newest master key. For moving away from it. */
  opensOnly?: boolean;
  /**
   * @param plain at most a few kilobytes
   * @param context must be bound to the result: it opens with the same context only
   */
  seal(plain: Buffer, context: string): Promise<Buffer>;
  /** Opens what `seal` made; rejects when it was changed or the context is another. */
  open(sealed: Buffer, context: string): Promise<Buffer>;
}

/** Makes signing keys and signs with them; private keys never reach this process. */
export interface KmsSigning {
  /** Algorithms it makes keys for, of ES256, RS256, PS256 and EdDSA; this process makes the others itself. */
  algorithms: readonly string[];
  /** Makes a key. `key` is its name in the service, `publicJwk` its public half (RFC 7517). */
  createKey(algorithm: string): Promise<{ key: string; publicJwk: JsonWebKey }>;
  /** The JWS signature of `data`, unencoded (RFC 7518 §3: for ES256 the 64 bytes r ‖ s, not DER). */
  sign(key: string, algorithm: string, data: Uint8Array): Promise<Uint8Array>;
  /** Destroys a key that signs nothing any more; called once, a failure is ignored. */
  destroyKey?(key: string): Promise<void>;
}

/** The configured module cannot be used; the message names it and says why. */
export class KeyServiceFault extends Error {
  /**
   * @param file the configured path
   * @param what what is wrong with it
   * @param cause what it threw
   */
  constructor(file: string, what: string, cause?: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super(`the key service module ${file} (SYMBOLON_KMS_MODULE) ${what}${why}`, { cause });
    this.name = 'KeyServiceFault';
  }
}

/**
 * Loads the configured module and lets it connect.
 * @param file path of an ES module that exports `createKms(env)`; undefined when none is configured
 * @param env the environment, for the module's own settings
 * @throws KeyServiceFault when it cannot be loaded or breaks the contract
 */
export async function loadKms(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Kms | undefined> {
  if (file === undefined) return undefined;
  const fault = (what: string, cause?: unknown) => new KeyServiceFault(file, what, cause);
  const module: { createKms?: unknown } = await import(pathToFileURL(path.resolve(file)).href).catch(
    (error: unknown) => {
      throw fault('cannot be loaded', error);
    },
  );
  if (typeof module.createKms !== 'function') throw fault('exports no function createKms');
  let kms: unknown;
  try {
    kms = await module.createKms(env);
  } catch (error) {
    throw fault('does not connect', error);
  }
  if (!isKms(kms)) throw fault('returns neither sealing nor signing as src/base/keys/kms.ts describes them');
  return kms;
}

function isKms(value: unknown): value is Kms {
  if (typeof value !== 'object' || value === null) return false;
  const { sealing, signing } = value as { sealing?: unknown; signing?: unknown };
  if (sealing === undefined && signing === undefined) return false;
  return (
    (sealing === undefined || (has(sealing, 'seal', 'open') && isName(sealing.id))) &&
    (signing === undefined || (has(signing, 'createKey', 'sign') && Array.isArray(signing.algorithms)))
  );
}

function has(value: unknown, ...functions: string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const named = value as Record<string, unknown>;
  return functions.every((name) => typeof named[name] === 'function');
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value);
}
