import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createHasher } from '../../../src/people/credentials/hasher.ts';
import {
  createPasswords,
  type PasswordReason,
  type PasswordRecord,
} from '../../../src/people/credentials/passwords.ts';
import { credentialIdOfPassword } from '../../../src/people/credentials/sealed-hashes.ts';
import { visitOf } from '../../support/visit.ts';
import { cheap, credentialParts, ids, minutes } from './fixture.ts';

const plain = 'velvet tugboat sings';
const visit = visitOf();

describe('the password of a member', () => {
  let parts: Awaited<ReturnType<typeof credentialParts>>;
  let passwords: ReturnType<typeof createPasswords>;
  const onDamaged = jest.fn<(id: string, error: unknown) => void>();

  beforeAll(async () => {
    parts = await credentialParts();
    passwords = createPasswords({ ...parts, onDamaged });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    onDamaged.mockClear();
  });

  const stored = () => parts.db.main.collection<PasswordRecord>('credentials');
  const read = async (memberId: string) => {
    const record = await stored().findOne({ _id: credentialIdOfPassword(memberId) });
    if (!record) throw new Error('no password stored');
    return record;
  };
  const eventsOf = async (memberId: string) =>
    (await parts.events.ofMember(memberId, 10))
      .sort((one, other) => one.sequence - other.sequence)
      .map(({ type, data }) => ({ type, data }));

  async function memberWith(password = plain, reason: PasswordReason = 'registration'): Promise<string> {
    const memberId = ids.id('mbr');
    await change(memberId, password, reason);
    return memberId;
  }
  async function change(memberId: string, password: string, reason: PasswordReason): Promise<void> {
    const encoded = await parts.hasher.hash(password);
    await inTransaction(parts.db, (tx) =>
      passwords.set(tx, { memberId, home: 'eu', encoded, reason, visit }),
    );
  }

  it('is accepted, and only the right one', async () => {
    const memberId = await memberWith();
    await expect(passwords.verify(memberId, plain)).resolves.toEqual({ ok: true });
    await expect(passwords.verify(memberId, `${plain}!`)).resolves.toEqual({ ok: false });
    await expect(passwords.has(memberId)).resolves.toBe(true);
  });

  it('is stored sealed: neither the password nor its hash can be read', async () => {
    const memberId = await memberWith();
    const record = await read(memberId);
    expect(record).toMatchObject({ memberId, home: 'eu', type: 'password' });
    expect(JSON.stringify(record)).not.toMatch(/argon2|tugboat/);
  });

  it('is recorded with its reason in the same transaction, and rolled back with it', async () => {
    const memberId = await memberWith();
    await change(memberId, 'another fine one', 'change');
    expect(await eventsOf(memberId)).toEqual([
      { type: 'password.set', data: { reason: 'registration' } },
      { type: 'password.set', data: { reason: 'change' } },
    ]);
    const encoded = await parts.hasher.hash('never to be');
    const failing = inTransaction(parts.db, async (tx) => {
      await passwords.set(tx, { memberId, home: 'eu', encoded, reason: 'recovery', visit });
      throw new Error('the rest failed');
    });
    await expect(failing).rejects.toThrow('the rest failed');
    await expect(passwords.verify(memberId, 'another fine one')).resolves.toEqual({ ok: true });
    expect(await eventsOf(memberId)).toHaveLength(2);
  });

  it('remembers since when there is one and when it was last chosen', async () => {
    const memberId = await memberWith();
    const before = await read(memberId);
    parts.clock.move(5 * minutes);
    await change(memberId, 'another fine one', 'change');
    const after = await read(memberId);
    expect(after.createdAt).toEqual(before.createdAt);
    expect(after.changedAt.getTime() - before.changedAt.getTime()).toBe(5 * minutes);
  });

  it('costs nobody in particular the same work', async () => {
    const decoy = jest.spyOn(parts.hasher, 'decoy');
    const verify = jest.spyOn(parts.hasher, 'verify');
    const memberId = await memberWith();
    await expect(passwords.verify(undefined, plain)).resolves.toEqual({ ok: false });
    await expect(passwords.verify('mbr_unknown', plain)).resolves.toEqual({ ok: false });
    await expect(passwords.verifyRecord(undefined, plain)).resolves.toEqual({ ok: false });
    expect(decoy).toHaveBeenCalledTimes(3);
    await passwords.verify(memberId, 'wrong');
    expect(decoy).toHaveBeenCalledTimes(3);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('refuses over 256 code points for known and unknown alike', async () => {
    const memberId = await memberWith();
    for (const who of [memberId, undefined]) {
      await expect(passwords.verify(who, 'a'.repeat(257))).rejects.toMatchObject({
        code: 'password.too_long',
      });
    }
  });

  it('is verified from a record that was read with something else', async () => {
    const memberId = await memberWith();
    const record = await read(memberId);
    await expect(passwords.verifyRecord(record, plain)).resolves.toEqual({ ok: true });
    await expect(passwords.verifyRecord(record, 'wrong')).resolves.toEqual({ ok: false });
  });

  it('does not open for another member, nor when it was tampered with', async () => {
    const [mine, theirs] = [await memberWith('my own password'), await memberWith('their password')];
    const { secret } = await read(mine);
    await stored().updateOne({ _id: credentialIdOfPassword(theirs) }, { $set: { secret } });
    await expect(passwords.verify(theirs, 'my own password')).resolves.toEqual({ ok: false });
    const flipped = secret.replace(/\.(.)/, (_, first) => `.${first === 'A' ? 'B' : 'A'}`);
    for (const broken of [secret.slice(0, 20), 'k99.AAAA', '', flipped]) {
      const record = { ...(await read(mine)), secret: broken };
      await expect(passwords.verifyRecord(record, 'my own password')).resolves.toEqual({ ok: false });
    }
    const rubbish = parts.pepper.seal('no hash', `credentials.secret.${credentialIdOfPassword(mine)}`);
    const opens = { ...(await read(mine)), secret: rubbish };
    await expect(passwords.verifyRecord(opens, 'my own password')).resolves.toEqual({ ok: false });
    expect(onDamaged).toHaveBeenCalledTimes(6);
  });

  it('is gone once removed', async () => {
    const memberId = await memberWith();
    await inTransaction(parts.db, (tx) => passwords.remove(tx, memberId));
    await expect(passwords.has(memberId)).resolves.toBe(false);
    await expect(passwords.verify(memberId, plain)).resolves.toEqual({ ok: false });
  });

  describe('renewed at a sign-in', () => {
    const strongerPasswords = () =>
      createPasswords({ ...parts, hasher: createHasher({ ...cheap, passes: 3 }) });

    it('gets today\u2019s parameters, for this member only, with an event', async () => {
      const [memberId, other] = [await memberWith(), await memberWith()];
      const stronger = strongerPasswords();
      const untouched = await read(other);
      const verdict = await stronger.verify(memberId, plain);
      if (!verdict.rehash) throw new Error('nothing to rehash');
      await expect(stronger.rehash(memberId, plain, verdict.rehash, visit)).resolves.toBe(true);
      await expect(stronger.verify(memberId, plain)).resolves.toEqual({ ok: true });
      expect((await eventsOf(memberId)).at(-1)).toEqual({ type: 'password.rehashed', data: {} });
      expect(await read(other)).toEqual(untouched);
    });

    it('is not announced for a wrong password', async () => {
      const memberId = await memberWith();
      await expect(strongerPasswords().verify(memberId, 'wrong')).resolves.toEqual({ ok: false });
    });

    it('never undoes a change that came in between', async () => {
      const memberId = await memberWith();
      const { secret } = await read(memberId);
      await change(memberId, 'another fine one', 'change');
      await expect(strongerPasswords().rehash(memberId, plain, secret, visit)).resolves.toBe(false);
      await expect(passwords.verify(memberId, 'another fine one')).resolves.toMatchObject({ ok: true });
      await expect(passwords.verify(memberId, plain)).resolves.toEqual({ ok: false });
    });

    it('happens once when two sign-ins race', async () => {
      const memberId = await memberWith();
      const { secret } = await read(memberId);
      const [one, two] = [strongerPasswords(), strongerPasswords()];
      const results = await Promise.all([
        one.rehash(memberId, plain, secret, visit),
        two.rehash(memberId, plain, secret, visit),
      ]);
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await eventsOf(memberId)).filter(({ type }) => type === 'password.rehashed')).toHaveLength(1);
    });

    it('waits for another day when the queue is full', async () => {
      const memberId = await memberWith();
      const { secret } = await read(memberId);
      const hasher = createHasher({ ...cheap, passes: 3, concurrency: 1, queueLimit: 1 });
      const busy = [hasher.decoy(plain), hasher.decoy(plain)];
      const full = createPasswords({ ...parts, hasher });
      await expect(full.rehash(memberId, plain, secret, visit)).resolves.toBe(false);
      await Promise.all(busy);
    });
  });
});

describe('a new key of the pepper', () => {
  async function rotated(members: number) {
    const parts = await credentialParts();
    const passwords = createPasswords(parts);
    const encoded = await parts.hasher.hash(plain);
    const memberIds = Array.from({ length: members }, () => ids.id('mbr'));
    for (const memberId of memberIds) {
      await inTransaction(parts.db, (tx) =>
        passwords.set(tx, { memberId, home: 'eu', encoded, reason: 'registration', visit }),
      );
    }
    parts.pepper.rotate();
    return { ...parts, passwords, memberIds };
  }

  it('seals a hash anew at the next sign-in, without hashing again', async () => {
    const { passwords, memberIds, pepper, hasher } = await rotated(1);
    const memberId = memberIds[0] ?? '';
    const verdict = await passwords.verify(memberId, plain);
    if (!verdict.rehash) throw new Error('nothing to rehash');
    const hash = jest.spyOn(hasher, 'hash');
    await expect(passwords.rehash(memberId, plain, verdict.rehash, visit)).resolves.toBe(true);
    expect(hash).not.toHaveBeenCalled();
    pepper.forgetOld();
    await expect(passwords.verify(memberId, plain)).resolves.toEqual({ ok: true });
  });

  it('reaches everybody by a job that needs no password and can be resumed', async () => {
    const { passwords, memberIds, pepper } = await rotated(5);
    const first = await passwords.repepper({ size: 2 });
    expect(first).toMatchObject({ resealed: 2, next: expect.stringMatching(/^password:/) });
    // interrupted: it begins anew, skips what is done and goes on to the end
    let resealed = 0;
    let after: string | undefined;
    do {
      const pass = await passwords.repepper({ size: 2, ...(after && { after }) });
      resealed += pass.resealed;
      after = pass.next;
    } while (after);
    expect(resealed).toBe(3);
    pepper.forgetOld();
    for (const memberId of memberIds) {
      await expect(passwords.verify(memberId, plain)).resolves.toEqual({ ok: true });
    }
  });
});
