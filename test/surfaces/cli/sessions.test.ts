/** Sessions and deliveries from the command line while the issuer serves. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type Receiver, startReceiver } from '../../protocol/deliveries/receiver.ts';
import { newMember, type SignedIn, signedIn } from '../../protocol/world.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';

interface Shown {
  session: string;
  clients: string[];
}

let issuer: TestIssuer;
let receiver: Receiver;
let shop: RelyingParty;
let member: SignedIn;
let operator: CommandLine;

beforeAll(async () => {
  receiver = await startReceiver();
  const database = freshDatabaseAddress();
  issuer = await startIssuer({ database });
  shop = await RelyingParty.register(issuer, {
    id: 'shop',
    metadata: { backchannel_logout_uri: `${receiver.base}/shop` },
  });
  operator = commandLine({ database, port: issuer.port });
});
afterAll(() => receiver.close());

let count = 0;
beforeEach(async () => {
  count += 1;
  member = await newMember(issuer, shop, `sessions.person${count}@example.com`);
  await issuer.db.main.collection('deliveries').deleteMany({});
  receiver.received = [];
  receiver.answer = () => 200;
});

async function work(): Promise<void> {
  const { outbox } = issuer.issuer;
  await outbox.run();
  await outbox.run();
  await outbox.idle();
}

async function sessionsOf(who: string): Promise<Shown[]> {
  const { code, data } = await operator.json('sessions', 'list', who);
  expect(code).toBe(0);
  return data.sessions as Shown[];
}

describe('sessions of a member', () => {
  it('are listed with their clients, found by address or id, and without what is nobody’s business', async () => {
    const [session] = await sessionsOf(member.email.toUpperCase());
    expect(session).toMatchObject({ clients: ['shop'] });
    expect(await sessionsOf(member.memberId)).toHaveLength(1);
    const { out } = await operator.run('sessions', 'list', member.memberId);
    expect(out).toContain(session?.session);
    expect(out.toLowerCase()).not.toContain(member.email.toLowerCase());
    expect(out).not.toContain('127.0.0.1');
    expect(await operator.json('sessions', 'list', 'nobody@example.com')).toMatchObject({ code: 1 });
  });

  it('end one by one: the others stay', async () => {
    const before = (await sessionsOf(member.memberId)).map(({ session }) => session);
    const other = await signedIn(issuer, shop, member);
    const all = (await sessionsOf(member.memberId)).map(({ session }) => session);
    const id = all.find((session) => !before.includes(session)) ?? '';
    const plan = await operator.run('sessions', 'end', member.memberId, '--session', id);
    expect(plan).toMatchObject({ code: 1, out: expect.stringContaining('Add --yes') });
    expect((await shop.silently(other.agent)).access_token).toBeTruthy();
    expect(await operator.run('sessions', 'end', member.memberId, '--session', id, '--yes')).toMatchObject({
      code: 0,
    });
    await expect(shop.silently(other.agent)).rejects.toThrow();
    expect((await shop.silently(member.agent)).access_token).toBeTruthy();
    await work();
    expect(receiver.paths()).toEqual(['/shop']);
    expect(await operator.json('sessions', 'end', member.memberId, '--session', id, '--yes')).toMatchObject({
      code: 1,
      data: { error: { code: 'refused' } },
    });
  });

  it('end everywhere with every token, recorded as the operator’s doing, and the sites are told', async () => {
    const other = await signedIn(issuer, shop, member);
    expect(await operator.json('sessions', 'end', member.email, '--yes')).toMatchObject({
      code: 0,
      data: { member: member.memberId, done: true },
    });
    for (const { agent, tokens } of [member, other]) {
      await expect(shop.silently(agent)).rejects.toThrow();
      await expect(client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    }
    expect(await issuer.issuer.core.events.ofMember(member.memberId, 100)).toContainEqual(
      expect.objectContaining({
        type: 'session.revoked',
        data: { scope: 'all' },
        actor: expect.objectContaining({ kind: 'operator' }),
      }),
    );
    await work();
    expect(receiver.paths()).toEqual(['/shop', '/shop']);
    expect(await sessionsOf(member.memberId)).toEqual([]);
  });
});

describe('deliveries of logout notices', () => {
  it('are listed, judged by doctor, and tried again one by one', async () => {
    receiver.answer = () => 400;
    await operator.run('sessions', 'end', member.memberId, '--yes');
    await work();
    const { data } = await operator.json('deliveries', 'list', '--client', 'shop', '--state', 'refused');
    const [refused] = data.deliveries as { id: string; status: number }[];
    expect(refused).toMatchObject({ client: 'shop', state: 'refused', status: 400, attempts: 1 });
    const { out } = await operator.run('deliveries', 'list');
    expect(out).toContain('refused');
    expect(out).not.toContain(member.memberId);
    expect((await operator.run('doctor')).out).toMatch(/warning\s+deliveries: shop .*1 refused/);

    receiver.answer = () => 200;
    expect(await operator.run('deliveries', 'retry', refused?.id ?? '')).toMatchObject({ code: 0 });
    await work();
    expect(await operator.json('deliveries', 'retry', refused?.id ?? '')).toMatchObject({
      code: 1,
      data: { error: { code: 'refused' } },
    });
    const after = await operator.json('deliveries', 'list', '--state', 'delivered');
    expect(after.data.deliveries).toContainEqual(expect.objectContaining({ id: refused?.id, attempts: 2 }));
    expect(await operator.run('deliveries', 'list', '--state', 'lost')).toMatchObject({ code: 2 });
    expect(await operator.run('deliveries', 'retry', 'out_unknown.0')).toMatchObject({ code: 1 });
  });
});
