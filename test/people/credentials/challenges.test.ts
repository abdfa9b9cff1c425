import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { createChallenges, type NewChallenge } from '../../../src/people/credentials/challenges.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';
import { minutes, rotatingSealer } from './fixture.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a proof by mail', () => {
  const ids = createIds();
  const clock = movableClock();
  const hmacKey = ids.bytes(32);
  const sealer = rotatingSealer();
  let db: Database;
  let challenges: ReturnType<typeof createChallenges>;
  let elsewhere: ReturnType<typeof createChallenges>;

  beforeAll(async () => {
    db = await testDatabase();
    const deps = { connection: db.main, clock, ids, hmacKey, sealer };
    [challenges, elsewhere] = [createChallenges(deps), createChallenges(deps)];
  });

  const asked = (change: Partial<NewChallenge> = {}): NewChallenge => ({
    purpose: 'verify',
    binding: ids.secret(16),
    ttlMs: 15 * minutes,
    subject: { registration: 'reg_1', resend: 0 },
    ...change,
  });
  const answerTo = ({ purpose, binding }: NewChallenge, typed: string) => ({ purpose, binding, code: typed });
  const wrong = (right: string) => (right.startsWith('1') ? `2${right.slice(1)}` : `1${right.slice(1)}`);
  const codesOf = async (attempts: Promise<unknown>[]) =>
    (await Promise.allSettled(attempts)).map((result) =>
      result.status === 'fulfilled' ? 'ok' : String((result.reason as { code?: string }).code),
    );
  const count = (codes: string[], expected: string) => codes.filter((one) => one === expected).length;

  it('is given by the code, which brings back what the flow needs', async () => {
    const question = asked({ memberId: 'mbr_1', home: 'eu' });
    const sent = await challenges.create(question);
    expect(sent.code).toMatch(/^\d{4} \d{4}$/);
    expect(sent.linkToken).toMatch(/^[\w-]{43}$/);
    await expect(challenges.redeemCode(answerTo(question, sent.code))).resolves.toEqual({
      id: sent.id,
      purpose: 'verify',
      binding: question.binding,
      memberId: 'mbr_1',
      home: 'eu',
      subject: { registration: 'reg_1', resend: 0 },
    });
  });

  it.each<[string, (code: string) => string]>([
    ['without the space', (sent) => sent.replace(' ', '')],
    ['with spaces around', (sent) => `  ${sent}\n`],
    ['with dashes', (sent) => sent.replace(' ', '–')],
    ['with a space after each digit', (sent) => [...sent.replace(' ', '')].join(' ')],
    [
      'in full-width digits',
      (sent) => sent.replaceAll(/\d/g, (d) => String.fromCodePoint(0xff10 + Number(d))),
    ],
    ['in Arabic digits', (sent) => sent.replaceAll(/\d/g, (d) => String.fromCodePoint(0x660 + Number(d)))],
    ['in Persian digits', (sent) => sent.replaceAll(/\d/g, (d) => String.fromCodePoint(0x6f0 + Number(d)))],
    ['with the signs that keep it apart in Arabic', (sent) => `\u2068${sent}\u2069`],
  ])('takes the code %s', async (_, typing) => {
    const question = asked();
    const sent = await challenges.create(question);
    await expect(challenges.redeemCode(answerTo(question, typing(sent.code)))).resolves.toMatchObject({
      binding: question.binding,
    });
  });

  it('is given once, however often and wherever it comes at the same time', async () => {
    const question = asked();
    const sent = await challenges.create(question);
    const answer = answerTo(question, sent.code);
    const link = { purpose: question.purpose, token: sent.linkToken };
    const codes = await codesOf([
      challenges.redeemCode(answer),
      elsewhere.redeemCode(answer),
      challenges.redeemLink(link),
      elsewhere.redeemLink(link),
    ]);
    expect(count(codes, 'ok')).toBe(1);
    await expect(challenges.redeemCode(answer)).rejects.toEqual(code('code.invalid'));
    await expect(challenges.redeemLink(link)).rejects.toEqual(code('link.invalid'));
  });

  it('belongs to its flow and its purpose', async () => {
    const question = asked();
    const sent = await challenges.create(question);
    await expect(challenges.redeemCode(answerTo(asked(), sent.code))).rejects.toEqual(code('code.expired'));
    const other = { ...question, purpose: 'recover' as const };
    await expect(challenges.redeemCode(answerTo(other, sent.code))).rejects.toEqual(code('code.expired'));
    await expect(challenges.redeemLink({ purpose: 'recover', token: sent.linkToken })).rejects.toEqual(
      code('link.invalid'),
    );
    await expect(challenges.redeemCode(answerTo(question, sent.code))).resolves.toBeDefined();
  });

  it('expires by the clock, whether the document is still there or not', async () => {
    const question = asked({ ttlMs: 10 * minutes });
    const sent = await challenges.create(question);
    const link = { purpose: question.purpose, token: sent.linkToken };
    clock.move(10 * minutes);
    await expect(challenges.redeemCode(answerTo(question, sent.code))).rejects.toEqual(code('code.expired'));
    await expect(challenges.peekLink(link)).resolves.toBeUndefined();
    await expect(challenges.redeemLink(link)).rejects.toEqual(code('link.invalid'));
  });

  it.each(['', '1234', '123456789', 'abcdefgh', '1234567a', '{"$gt":""}'])(
    'takes nothing that is no code: %j',
    async (typed) => {
      const question = asked();
      await challenges.create(question);
      await expect(challenges.redeemCode(answerTo(question, typed))).rejects.toEqual(code('code.invalid'));
    },
  );

  describe('and its guesses', () => {
    it('burns after five wrong tries, and then even the right code is too late', async () => {
      const question = asked();
      const sent = await challenges.create(question);
      for (let i = 0; i < 5; i++) {
        await expect(challenges.redeemCode(answerTo(question, wrong(sent.code)))).rejects.toEqual(
          code('code.invalid'),
        );
      }
      await expect(challenges.redeemCode(answerTo(question, sent.code))).rejects.toEqual(
        code('code.exhausted'),
      );
    });

    it('judges at most five of a hundred that come at once to two processes', async () => {
      const question = asked();
      const sent = await challenges.create(question);
      const codes = await codesOf(
        Array.from({ length: 100 }, (_, i) =>
          (i % 2 ? challenges : elsewhere).redeemCode(answerTo(question, wrong(sent.code))),
        ),
      );
      expect(count(codes, 'code.invalid')).toBe(5);
      expect(count(codes, 'code.exhausted')).toBe(95);
    });

    it('counts a try before it judges, so that a broken-off request has counted', async () => {
      const question = asked();
      const sent = await challenges.create(question);
      const brokenClock = {
        now(): number {
          throw new Error('broken off');
        },
      };
      const broken = createChallenges({ connection: db.main, clock: brokenClock, ids, hmacKey, sealer });
      for (let i = 0; i < 5; i++) {
        await expect(broken.redeemCode(answerTo(question, sent.code))).rejects.toThrow('broken off');
      }
      await expect(challenges.redeemCode(answerTo(question, sent.code))).rejects.toEqual(
        code('code.exhausted'),
      );
    });

    it('has one live code after fifty sendings, and one budget', async () => {
      const question = asked();
      const sent = [];
      for (let i = 0; i < 50; i++) sent.push(await challenges.create(question));
      const last = sent.at(-1);
      const older = await codesOf(
        sent.slice(0, 3).map((one) => challenges.redeemCode(answerTo(question, one.code))),
      );
      expect(count(older, 'code.invalid')).toBe(3);
      await expect(
        challenges.redeemLink({ purpose: 'verify', token: sent[0]?.linkToken ?? '' }),
      ).rejects.toEqual(code('link.invalid'));
      await expect(challenges.redeemCode(answerTo(question, last?.code ?? ''))).resolves.toBeDefined();
    });

    it('gives ten tries in all, however many codes are sent', async () => {
      const question = asked();
      const codes: string[] = [];
      for (let sending = 0; sending < 6; sending++) {
        const sent = await challenges.create(question);
        const tries = Array.from({ length: 5 }, () =>
          challenges.redeemCode(answerTo(question, wrong(sent.code))),
        );
        codes.push(...(await codesOf(tries)));
      }
      expect(count(codes, 'code.invalid')).toBe(10);
      const sent = await challenges.create(question);
      await expect(challenges.redeemCode(answerTo(question, sent.code))).rejects.toEqual(
        code('code.exhausted'),
      );
      // the link holds 256 random bits: guesses do not end it
      await expect(
        challenges.redeemLink({ purpose: 'verify', token: sent.linkToken }),
      ).resolves.toBeDefined();
    });

    it('begins a new budget after an hour', async () => {
      const question = asked();
      for (let sending = 0; sending < 2; sending++) {
        const sent = await challenges.create(question);
        const tries = Array.from({ length: 5 }, () =>
          challenges.redeemCode(answerTo(question, wrong(sent.code))),
        );
        await codesOf(tries);
      }
      clock.move(60 * minutes);
      const sent = await challenges.create(question);
      await expect(challenges.redeemCode(answerTo(question, sent.code))).resolves.toBeDefined();
    });

    it('keeps one budget when two sendings begin at once', async () => {
      const question = asked();
      const sent = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? challenges : elsewhere).create(question)),
      );
      const codes = await codesOf(sent.map((one) => challenges.redeemCode(answerTo(question, one.code))));
      expect(count(codes, 'ok')).toBeLessThanOrEqual(1);
      expect(count(codes, 'ok') + count(codes, 'code.invalid')).toBe(5);
    });
  });

  describe('by its link', () => {
    it('shows what it would prove without spending anything', async () => {
      const question = asked({ purpose: 'recover', memberId: 'mbr_2', home: 'eu' });
      const sent = await challenges.create(question);
      const link = { purpose: question.purpose, token: sent.linkToken };
      for (let i = 0; i < 10; i++) {
        await expect(challenges.peekLink(link)).resolves.toMatchObject({
          binding: question.binding,
          memberId: 'mbr_2',
        });
      }
      await expect(elsewhere.redeemLink(link)).resolves.toMatchObject({ memberId: 'mbr_2' });
      await expect(challenges.peekLink(link)).resolves.toBeUndefined();
    });

    it('knows no token that is cut, longer or made up', async () => {
      const sent = await challenges.create(asked());
      for (const token of ['', sent.linkToken.slice(0, -1), `${sent.linkToken}A`, sent.id]) {
        await expect(challenges.redeemLink({ purpose: 'verify', token })).rejects.toEqual(
          code('link.invalid'),
        );
      }
    });
  });

  it('forgets the member of an address the flow has left', async () => {
    const question = asked({ memberId: 'mbr_3', home: 'eu' });
    await challenges.create(question);
    const { memberId: _m, home: _h, ...unknown } = question;
    const sent = await challenges.create(unknown);
    await expect(challenges.redeemCode(answerTo(question, sent.code))).resolves.toMatchObject({
      memberId: undefined,
      home: undefined,
    });
  });

  it('leaves nothing in the database that proves anything', async () => {
    const sent = await challenges.create(asked({ subject: { address: 'someone@example.com' } }));
    const dump = JSON.stringify([
      await db.main.collection('challenges').find().toArray(),
      await db.main.collection('challengeLinks').find().toArray(),
    ]);
    for (const secret of [sent.code, sent.code.replace(' ', ''), sent.linkToken, 'example.com']) {
      expect(dump).not.toContain(secret);
    }
  });
});
