/**
 * Password hashing: argon2id behind a bounded queue, so that a flood of passwords starves neither token signing
 * nor memory. The only user of the argon2 package. Never stores, seals or judges a password.
 */
import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import PQueue from 'p-queue';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Metrics } from '../../base/observability/metrics.ts';
import { passwordText } from './password-text.ts';

/** Cost of one hash and how many may run and wait. */
export interface HasherOptions {
  /** Memory of one hash in KiB. */
  memoryKiB: number;
  /** Passes over that memory. */
  passes: number;
  /** Lanes of one hash. */
  parallelism: number;
  /** Hashes computed at the same time. */
  concurrency: number;
  /** Hashes that may wait; one more is refused. */
  queueLimit: number;
  /** Shows the depth of the queue. */
  metrics?: Pick<Metrics, 'watch'>;
}

/** Hashes and verifies; every method waits its turn in the same queue. */
export interface Hasher {
  /** An argon2id string (PHC format) of the password. */
  hash(plain: string): Promise<string>;
  /** Whether the password made the string. Throws on a string that is none. */
  verify(encoded: string, plain: string): Promise<boolean>;
  /** Whether the string was made with other parameters than today's. */
  needsRehash(encoded: string): boolean;
  /** The work of a verification with today's parameters, for nobody's password. */
  decoy(plain: string): Promise<void>;
}

const argon2idVersion = 0x13;
const saltBytes = 16;
const hashBytes = 32;

/**
 * Builds the hasher (OWASP Password Storage: argon2id with at least 19 MiB, 2 passes, 1 lane; RFC 9106). Its
 * methods throw DomainError `overloaded` when too many wait and `password.too_long` over 256 code points, both
 * before any hashing.
 * @param options cost, concurrency and queue length
 */
export function createHasher(options: HasherOptions): Hasher {
  const cost = {
    memoryCost: options.memoryKiB,
    timeCost: options.passes,
    parallelism: options.parallelism,
    version: argon2idVersion,
  };
  const queue = new PQueue({ concurrency: options.concurrency });
  options.metrics?.watch('passwordQueue', () => queue.size);
  const nobody = unmatchable(options);
  let refusals = 0;

  async function inTurn<T>(plain: string, work: (text: string) => Promise<T>): Promise<T> {
    const text = passwordText(plain);
    if (queue.size >= options.queueLimit) {
      // Spread over 2 to 10 seconds, so that the refused do not all come back at once.
      refusals = (refusals + 1) % 9;
      const retryAfter = 2 + ((refusals * 4) % 9);
      throw new DomainError('overloaded', { retryAfter, params: { seconds: retryAfter } });
    }
    return queue.add(() => work(text));
  }

  return {
    hash: (plain) =>
      inTurn(plain, (text) => argon2.hash(text, { ...cost, type: argon2.argon2id, hashLength: hashBytes })),
    verify: (encoded, plain) => inTurn(plain, (text) => argon2.verify(encoded, text)),
    needsRehash: (encoded) => !encoded.startsWith('$argon2id$') || argon2.needsRehash(encoded, cost),
    async decoy(plain) {
      await inTurn(plain, (text) => argon2.verify(nobody, text));
    },
  };
}

/** A well-formed string with a random salt and digest: verifying against it costs the same and never succeeds. */
function unmatchable({ memoryKiB, passes, parallelism }: HasherOptions): string {
  const base64 = (length: number) => randomBytes(length).toString('base64').replaceAll('=', '');
  const cost = `m=${memoryKiB},t=${passes},p=${parallelism}`;
  return `$argon2id$v=${argon2idVersion}$${cost}$${base64(saltBytes)}$${base64(hashBytes)}`;
}
