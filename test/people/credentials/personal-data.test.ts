import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createChallenges } from '../../../src/people/credentials/challenges.ts';
import { createPasswords } from '../../../src/people/credentials/passwords.ts';
import { credentialsPersonalData } from '../../../src/people/credentials/personal-data.ts';
import { visitOf } from '../../support/visit.ts';
import { credentialParts, ids, minutes } from './fixture.ts';

describe('the rights of a person over their credentials', () => {
  let parts: Awaited<ReturnType<typeof credentialParts>>;
  let passwords: ReturnType<typeof createPasswords>;
  let challenges: ReturnType<typeof createChallenges>;
  let personalData: ReturnType<typeof credentialsPersonalData>;

  beforeAll(async () => {
    parts = await credentialParts();
    passwords = createPasswords(parts);
    challenges = createChallenges({
      connection: parts.db.main,
      clock: parts.clock,
      ids,
      hmacKey: ids.bytes(32),
      sealer: parts.pepper,
    });
    personalData = credentialsPersonalData({
      ...parts,
      homeOf: async (memberId) => (memberId.startsWith('mbr_gone') ? undefined : 'ap'),
    });
  });

  async function memberWith(password: string): Promise<string> {
    const memberId = ids.id('mbr');
    const encoded = await parts.hasher.hash(password);
    await inTransaction(parts.db, (tx) =>
      passwords.set(tx, { memberId, home: 'eu', encoded, reason: 'registration', visit: visitOf() }),
    );
    return memberId;
  }
  const ask = (memberId: string) =>
    challenges.create({
      purpose: 'recover',
      binding: ids.secret(16),
      memberId,
      home: 'eu',
      ttlMs: 10 * minutes,
    });

  it('tells that there is a password and since when, never what it is', async () => {
    const memberId = await memberWith('velvet tugboat sings');
    await ask(memberId);
    const bundle = await personalData.export(memberId);
    const now = new Date(parts.clock.now());
    expect(bundle).toEqual({
      credentials: [{ type: 'password', createdAt: now, changedAt: now }],
      challenges: [{ purpose: 'recover', validUntil: new Date(parts.clock.now() + 10 * minutes) }],
    });
    await expect(personalData.export('mbr_nobody')).resolves.toEqual({ credentials: [], challenges: [] });
  });

  it('forgets everything, and forgetting twice does no harm', async () => {
    const [memberId, other] = [await memberWith('velvet tugboat sings'), await memberWith('another one')];
    const sent = await ask(memberId);
    for (let i = 0; i < 2; i++) await personalData.erase(memberId, new Set());
    await expect(passwords.has(memberId)).resolves.toBe(false);
    await expect(passwords.has(other)).resolves.toBe(true);
    await expect(challenges.peekLink({ purpose: 'recover', token: sent.linkToken })).resolves.toBeUndefined();
    for (const name of personalData.collections) {
      await expect(parts.db.main.collection(name).countDocuments({ memberId })).resolves.toBe(0);
    }
  });

  it('moves the password to a member who has none, and says so once', async () => {
    const [from, to] = [await memberWith('velvet tugboat sings'), ids.id('mbr')];
    const sent = await ask(from);
    await expect(personalData.reassign(from, to)).resolves.toEqual({
      room: 'credentials',
      moved: [{ collection: 'credentials', id: `password:${to}` }],
    });
    await expect(personalData.reassign(from, to)).resolves.toEqual({ room: 'credentials', moved: [] });
    await expect(passwords.verify(to, 'velvet tugboat sings')).resolves.toEqual({ ok: true });
    await expect(passwords.has(from)).resolves.toBe(false);
    await expect(challenges.peekLink({ purpose: 'recover', token: sent.linkToken })).resolves.toBeUndefined();
    const stored = await parts.db.main.collection('credentials').findOne({ memberId: to });
    expect(stored).toMatchObject({ home: 'ap' });
  });

  it('leaves both where both have one, and moves nothing to nobody', async () => {
    const [from, to] = [await memberWith('the first password'), await memberWith('the second password')];
    await expect(personalData.reassign(from, to)).resolves.toMatchObject({ moved: [] });
    await expect(passwords.verify(to, 'the second password')).resolves.toEqual({ ok: true });
    await expect(personalData.reassign(from, 'mbr_gone')).resolves.toMatchObject({ moved: [] });
    await expect(passwords.has(from)).resolves.toBe(true);
  });
});
