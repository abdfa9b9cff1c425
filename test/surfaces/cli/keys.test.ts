/** Emergencies and master keys from the command line, against an issuer's databases. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, type Database } from '../../../src/base/db/connection.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';
import { atEnd, freshDatabaseAddress } from '../../support/database.ts';

const master = (fill: number) => `m${fill}:${Buffer.alloc(32, fill).toString('base64url')}`;

describe('keys on the command line', () => {
  let operator: CommandLine;
  let db: Database;

  beforeAll(async () => {
    operator = commandLine({ env: { SYMBOLON_MASTER_KEYS: master(1) } });
    expect((await operator.run('migrate', 'up')).code).toBe(0);
    expect((await operator.run('keys', 'list')).code).toBe(0);
    db = await connectDatabase(operator.database);
    atEnd(() => db.close());
  });

  const stateOf = async (id: string) =>
    (await db.main.collection<{ _id: string; state: string }>('keys').findOne({ _id: id }))?.state;
  const events = async (type: string) =>
    (await db.main.collection('events').find({ type }).toArray()).map(({ data }) => data);

  it('are revoked only when told so, after showing what is lost', async () => {
    const planned = await operator.run('keys', 'revoke', 'RS256-1');
    expect(planned.code).toBe(1);
    expect(planned.out).toContain('RS256-1 is taken away in every running process at once');
    expect(planned.out).toContain('RS256-2 becomes the current key at once');
    expect(planned.out).toContain('Nothing was changed. Add --yes to do it.');
    expect(await stateOf('RS256-1')).toBe('current');
    const revoked = await operator.json('keys', 'revoke', 'RS256-1', '--yes');
    expect(revoked).toMatchObject({ code: 0, data: { done: true, key: 'RS256-1', current: 'RS256-2' } });
    expect(await stateOf('RS256-1')).toBe('revoked');
    expect(await events('key.revoked')).toEqual([{ use: 'RS256', key: 'RS256-1' }]);
    expect(await operator.run('keys', 'revoke', 'RS256-1', '--yes')).toMatchObject({
      code: 1,
      err: 'RS256-1 is revoked already.\n',
    });
    expect((await operator.run('keys', 'list')).out).toMatch(/RS256-1 +revoked/);
  });

  it.each([
    ['cookie-1', 'signs in again'],
    ['artefacts-1', 'everyone signs in again'],
    ['csrf-1', 'forms that are open now must be sent again'],
    ['dpop-1', 'new DPoP nonce'],
    ['ECDH-ES-1', 'requests that relying parties encrypt'],
  ])('say what revoking %s costs', async (id, words) => {
    const { out } = await operator.run('keys', 'revoke', id);
    expect(out).toContain(words);
  });

  it.each([
    ['pepper-1', 'symbolon keys rotate pepper'],
    ['member-keys-1', 'symbolon keys rotate member-keys'],
    ['outbox-1', 'symbolon keys rotate outbox'],
    ['pairwise-1', 'lost for good'],
  ])('refuse to revoke %s', async (id, words) => {
    const { code, err } = await operator.run('keys', 'revoke', id, '--yes');
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(await stateOf(id)).toBe('current');
  });

  it('are not revoked under a name that is none', async () => {
    const { code, err } = await operator.run('keys', 'revoke', 'ES256', '--yes');
    expect(code).toBe(2);
    expect(err).toContain('"symbolon keys list" shows all of them');
  });

  it('warn of a second rotation in a row, and record each', async () => {
    const rotated = await operator.run('keys', 'rotate', 'PS256', '--yes');
    expect(rotated.out).toContain('the retired key stays for 40 days');
    const again = await operator.run('keys', 'rotate', 'PS256');
    expect(again.out).toMatch(/careful: PS256-3 has been published for \d+ \w+ only/);
    expect(await events('key.rotated')).toContainEqual({ use: 'PS256', key: 'PS256-2' });
  });

  it('are sealed anew after a new master key came first, and doctor says when the old one may go', async () => {
    const database = freshDatabaseAddress();
    const env = (...fills: number[]) =>
      commandLine({
        database,
        env: { SYMBOLON_MASTER_KEYS: fills.map(master).join(',') },
      });
    expect((await env(1).run('migrate', 'up')).code).toBe(0);
    expect((await env(1).run('keys', 'list')).code).toBe(0);
    const both = env(2, 1);
    const findings = async (at: CommandLine, check: string) => {
      const { data } = await at.json('doctor');
      return (data.findings as { check: string; level: string; message: string; fix?: string }[]).filter(
        (finding) => finding.check === check,
      );
    };
    expect(await findings(both, 'master keys')).toEqual([
      expect.objectContaining({ level: 'warning', fix: expect.stringContaining('symbolon keys rewrap') }),
    ]);
    const rewrapped = await both.json('keys', 'rewrap');
    expect(rewrapped).toMatchObject({ code: 0, data: { done: expect.any(Number), remaining: 0 } });
    expect(rewrapped.data.done).toBeGreaterThan(20);
    expect((await both.run('keys', 'rewrap')).out).toContain('Older ones can be removed');
    expect(await findings(both, 'master keys')).toEqual([expect.objectContaining({ level: 'ok' })]);
    expect((await env(2).run('keys', 'list')).code).toBe(0);
    expect(await findings(env(1), 'keys')).toEqual([expect.objectContaining({ level: 'fault' })]);
    expect((await env(1).run('keys', 'list')).code).toBe(3);
  });
});
