import { describe, expect, it } from '@jest/globals';
import { createHasher } from '../../../src/people/credentials/hasher.ts';
import { cheap } from './fixture.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('hashing a password', () => {
  it('makes an argon2id string with the configured cost and a salt of its own', async () => {
    const hasher = createHasher({ ...cheap, memoryKiB: 19_456 });
    const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(one).not.toBe(two);
  });

  it('accepts the password and nothing that is trimmed, cut or in another case', async () => {
    const hasher = createHasher(cheap);
    const long = `${'a'.repeat(99)}b`;
    const encoded = await hasher.hash(long);
    await expect(hasher.verify(encoded, long)).resolves.toBe(true);
    for (const wrong of [
      `${'a'.repeat(99)}c`,
      long.toUpperCase(),
      ` ${long}`,
      `${long} `,
      long.slice(0, 72),
    ]) {
      await expect(hasher.verify(encoded, wrong)).resolves.toBe(false);
    }
  });

  it('agrees on a password however the keyboard composes its characters', async () => {
    const hasher = createHasher(cheap);
    const encoded = await hasher.hash('Zo\u00eb p\u00e4sswort');
    await expect(hasher.verify(encoded, 'Zoe\u0308 pa\u0308sswort')).resolves.toBe(true);
  });

  it('knows which strings were made with other parameters', async () => {
    const old = await createHasher(cheap).hash('correct horse');
    expect(createHasher(cheap).needsRehash(old)).toBe(false);
    expect(createHasher({ ...cheap, passes: 3 }).needsRehash(old)).toBe(true);
    expect(createHasher({ ...cheap, memoryKiB: 9216 }).needsRehash(old)).toBe(true);
    expect(createHasher(cheap).needsRehash(old.replace('argon2id', 'argon2i'))).toBe(true);
  });

  it('still verifies a string made with other parameters', async () => {
    const old = await createHasher(cheap).hash('correct horse');
    await expect(createHasher({ ...cheap, passes: 3 }).verify(old, 'correct horse')).resolves.toBe(true);
  });

  it('takes 256 code points, emoji counted once, and refuses 257 before hashing', async () => {
    const hasher = createHasher({ ...cheap, queueLimit: 1 });
    const longest = '🐈'.repeat(256);
    await expect(hasher.verify(await hasher.hash(longest), longest)).resolves.toBe(true);
    for (const work of [
      hasher.hash,
      hasher.decoy,
      (plain: string) => hasher.verify('no string at all', plain),
    ]) {
      await expect(work(`${longest}a`)).rejects.toEqual(code('password.too_long'));
      await expect(work('a'.repeat(1_000_000))).rejects.toEqual(code('password.too_long'));
    }
  });
});

describe('the queue of hashes', () => {
  it('refuses what comes when too many wait, with a time to come back', async () => {
    const hasher = createHasher({ ...cheap, concurrency: 1, queueLimit: 3 });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => hasher.hash('correct horse')));
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    // one runs, three wait
    expect(refused).toHaveLength(6);
    for (const error of refused) {
      expect(error).toEqual(code('overloaded'));
      expect(error.status).toBe(503);
      expect(error.retryAfter).toBeGreaterThanOrEqual(2);
      expect(error.retryAfter).toBeLessThanOrEqual(10);
    }
    expect(new Set(refused.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(3);
  });

  it('is whole again once the flood is over', async () => {
    const hasher = createHasher({ ...cheap, concurrency: 1, queueLimit: 1 });
    await Promise.allSettled(Array.from({ length: 5 }, () => hasher.decoy('correct horse')));
    await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$argon2id/);
  });

  it('lets a decoy wait like everybody, at today\u2019s cost', async () => {
    const hasher = createHasher({ ...cheap, concurrency: 1, queueLimit: 1 });
    const busy = [hasher.decoy('one password'), hasher.decoy('two passwords')];
    await expect(hasher.decoy('three passwords')).rejects.toEqual(code('overloaded'));
    await expect(hasher.verify('$argon2id$', 'four passwords')).rejects.toEqual(code('overloaded'));
    await expect(Promise.all(busy)).resolves.toEqual([undefined, undefined]);
  });

  it('goes on after a string that is none', async () => {
    const hasher = createHasher({ ...cheap, concurrency: 1 });
    await expect(hasher.verify('rubbish', 'correct horse')).rejects.toThrow();
    await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$argon2id/);
  });

  it('shows how many wait', async () => {
    let depth: () => number | Promise<number> = () => -1;
    const hasher = createHasher({
      ...cheap,
      concurrency: 1,
      metrics: {
        watch(gauge, read) {
          if (gauge === 'passwordQueue') depth = read;
        },
      },
    });
    const busy = Array.from({ length: 4 }, () => hasher.decoy('correct horse'));
    await Promise.resolve();
    expect(await depth()).toBe(3);
    await Promise.all(busy);
    expect(await depth()).toBe(0);
  });
});
