/** Locking an account from the command line while the issuer serves. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type CommandLine, commandLine } from '../../support/command.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { register, signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';

describe('locking an account', () => {
  let issuer: TestIssuer;
  let shop: RelyingParty;
  let operator: CommandLine;

  beforeAll(async () => {
    const database = freshDatabaseAddress();
    issuer = await startIssuer({ database });
    shop = await RelyingParty.register(issuer, { id: 'lock-shop' });
    operator = commandLine({ database, port: issuer.port });
  });

  async function work(): Promise<void> {
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
  }

  it('ends every session and token, tells the member, and is taken back by an unlock', async () => {
    const email = 'locked.person@example.com';
    const agent = issuer.agent();
    const { page, begun } = await shop.open(agent);
    const tokens = await shop.finish(await register(issuer, agent, page, { email }), begun);
    const id = tokens.claims()?.sub ?? '';

    const locked = await operator.run('members', 'lock', 'Locked.Person@Example.com', '--reason', 'fraud');
    expect(locked).toMatchObject({ code: 0, out: expect.stringContaining(`${id} is locked`) });
    expect(locked.out).not.toContain(email);
    await work();

    await expect(shop.silently(agent)).rejects.toThrow();
    await expect(client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(client.fetchUserInfo(shop.config, tokens.access_token, id)).rejects.toThrow();
    const visitor = issuer.agent();
    const refused = await signIn(visitor, (await shop.open(visitor)).page, { email });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(
      issuer.mailbox.messages().filter(({ to, subject }) => to.includes(email) && /lock/i.test(subject)),
    ).toHaveLength(1);
    const events = await issuer.issuer.core.events.ofMember(id, 100);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'member.locked',
        data: { reason: 'fraud' },
        actor: expect.objectContaining({ kind: 'operator' }),
      }),
    );
    const left = await issuer.db.main
      .collection('artefacts')
      .find({ member: id, kind: 'Session', gone: { $exists: false } })
      .toArray();
    expect(left).toEqual([]);

    expect(await operator.json('members', 'unlock', id)).toMatchObject({
      code: 0,
      data: { member: id, status: 'active' },
    });
    const back = issuer.agent();
    expect((await signIn(back, (await shop.open(back)).page, { email })).url).toContain('lock-shop.example');
  });

  it('changes nothing for somebody who does not exist', async () => {
    expect(await operator.json('members', 'lock', 'nobody@example.com')).toMatchObject({
      code: 1,
      data: { error: { code: 'refused' } },
    });
    expect(await operator.json('members', 'lock', 'no@body@example.com')).toMatchObject({ code: 2 });
    expect(await operator.json('members', 'unlock', 'mbr_unknown', '--reason', 'No Reason')).toMatchObject({
      code: 2,
    });
  });

  it('finds a running issuer in order', async () => {
    const { code, data } = await operator.json('doctor');
    const findings = data.findings as { check: string; level: string; message: string }[];
    expect(findings.filter(({ level }) => level === 'fault')).toEqual([]);
    expect(code).toBe(0);
    for (const check of ['issuer', 'cookies', 'clients', 'keys', 'outbox', 'clock'])
      expect(findings).toContainEqual(expect.objectContaining({ check, level: 'ok' }));
  });
});
