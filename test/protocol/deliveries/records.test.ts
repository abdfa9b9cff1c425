import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { createDeliveries } from '../../../src/protocol/deliveries/deliveries.ts';
import { deliveryStates } from '../../../src/protocol/deliveries/model.ts';
import { collectionsHolding } from '../../support/everything.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const hour = 3_600_000;

describe('of each logout notice it is written down how its delivery stands', () => {
  let issuer: TestIssuer;
  let receiver: Receiver;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    receiver = await startReceiver();
    issuer = await startIssuer();
    site = await listening('airline');
    await RelyingParty.register(issuer, { id: 'quiet' });
    member = await newMember(issuer, site, 'recorded@example.com');
    await signOut(member);
  });
  afterAll(() => receiver.close());
  beforeEach(async () => {
    await issuer.db.main.collection('deliveries').deleteMany({});
    receiver.received = [];
    receiver.answer = () => 200;
  });

  const listening = (id: string) =>
    RelyingParty.register(issuer, {
      id,
      metadata: {
        backchannel_logout_uri: `${receiver.base}/${id}`,
        backchannel_logout_session_required: true,
      },
    });

  async function deliver() {
    const { outbox } = issuer.issuer;
    await outbox.run();
    await outbox.run();
    await outbox.idle();
  }

  async function signOut({ agent }: Pick<SignedIn, 'agent'>) {
    await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    await deliver();
  }

  /** Signs the member in at the sites and out again. */
  async function toldOf(...sites: RelyingParty[]) {
    const { agent } = await signedIn(issuer, site, member);
    for (const each of sites) await each.silently(agent);
    await signOut({ agent });
  }

  const records = () => createDeliveries({ connection: issuer.db.main, clock: issuer.clock });
  const listed = (client = 'airline') => records().list({ client, limit: 10 });

  it('as delivered, with the status of the answer', async () => {
    receiver.answer = () => 204;
    await toldOf();
    expect(await listed()).toEqual([
      expect.objectContaining({ client: 'airline', state: 'delivered', attempts: 1, status: 204 }),
    ]);
  });

  it('as refused for good after 400', async () => {
    receiver.answer = () => 400;
    await toldOf();
    expect(await listed()).toMatchObject([{ state: 'refused', attempts: 1, status: 400 }]);
    issuer.clock.advance(2 * hour);
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    [500, { status: 500 }],
    [302, { status: 302 }],
    ['nothing' as const, { code: 'network' }],
  ])('as due after %s, and a redirect is not followed', async (how, shown) => {
    receiver.answer = () => how;
    await toldOf();
    expect(receiver.paths()).toEqual(['/airline']);
    expect(await listed()).toMatchObject([{ state: 'due', attempts: 1, ...shown }]);
    receiver.answer = () => 200;
    issuer.clock.advance(6_000);
    await deliver();
    const [record] = await listed();
    expect(record).toMatchObject({ state: 'delivered', attempts: 2, status: 200 });
    expect(record).not.toHaveProperty('code');
  });

  it('as failed once the outbox gives up, from where it can be tried again', async () => {
    receiver.answer = () => 503;
    await toldOf();
    expect(await records().oldestDueSeconds()).toBeGreaterThanOrEqual(0);
    for (let tries = 1; tries < 12; tries += 1) {
      issuer.clock.advance(hour + 1_000);
      await deliver();
    }
    const [given] = await listed();
    expect(given).toMatchObject({ state: 'failed', attempts: 12, status: 503 });
    expect(await records().troubles(new Date(issuer.clock.now() - 24 * hour))).toEqual([
      { client: 'airline', failed: 1, refused: 0, last: '503' },
    ]);
    receiver.answer = () => 200;
    expect(await records().retry(given?.id ?? '')).toBe('again');
    await deliver();
    expect(await listed()).toMatchObject([{ state: 'delivered', attempts: 13 }]);
    expect(await records().retry(given?.id ?? '')).toBe('settled');
    expect(await records().retry('out_nothing.0')).toBe('unknown');
  });

  it('as dropped for a client that was disabled, which is told nothing', async () => {
    const closing = await listening('closing');
    receiver.answer = () => 500;
    await toldOf(closing);
    await issuer.issuer.core.clients.disable('closing', systemVisit('test'));
    receiver.received = [];
    receiver.answer = () => 200;
    issuer.clock.advance(6_000);
    await deliver();
    expect(receiver.paths()).toEqual(['/airline']);
    expect(await listed('closing')).toMatchObject([{ state: 'dropped', code: 'client_gone' }]);
  });

  it('not at all for a client that has no address to be told at', async () => {
    const quiet = await RelyingParty.register(issuer, { id: 'quiet' });
    await toldOf(quiet);
    expect((await records().list({ limit: 10 })).map(({ client }) => client)).toEqual(['airline']);
  });

  it('once, even when the splitting of a sign-out into notices is done again', async () => {
    await toldOf(await listening('grocery'));
    const tasks = issuer.db.main.collection<{ _id: string; kind: string; createdAt: Date }>('outbox');
    const split = await tasks.find({ kind: 'sign-out-notices' }).sort({ createdAt: -1 }).limit(1).toArray();
    expect(split).toHaveLength(1);
    await tasks.updateOne({ _id: split[0]?._id ?? '' }, { $set: { state: 'due', leasedUntil: new Date(0) } });
    await deliver();
    expect(receiver.paths()).toEqual(['/airline', '/grocery']);
    expect(await records().list({ limit: 10 })).toHaveLength(2);
  });

  it('and does not send again what was delivered, when the process died before it ticked it off', async () => {
    await toldOf();
    const [{ id } = { id: '' }] = await listed();
    const tasks = issuer.db.main.collection<{ _id: string }>('outbox');
    await tasks.updateOne({ _id: id }, { $set: { state: 'due', leasedUntil: new Date(0) } });
    await deliver();
    expect(receiver.received).toHaveLength(1);
    expect(await listed()).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  });

  it('without member, address or token, and for thirty days', async () => {
    await toldOf();
    for (const value of [member.memberId, member.email, receiver.base, receiver.received[0]?.token ?? '?'])
      expect(await collectionsHolding(issuer.db, value)).not.toContain('deliveries');
    const stored = await issuer.db.main.collection('deliveries').findOne({});
    expect(stored?.expiresAt - stored?.createdAt).toBe(30 * 24 * hour);
    expect(deliveryStates).toContain(stored?.state);
  });

  it('while one that never answers holds up nobody else', async () => {
    const dead = await listening('dead');
    receiver.answer = (path) => (path === '/dead' ? 'silence' : 200);
    const agents = await Promise.all([1, 2, 3].map(() => signedIn(issuer, dead, member)));
    for (const { agent } of agents) await site.silently(agent);
    for (const { agent } of agents)
      await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    const told = async () => (await listed()).filter(({ state }) => state === 'delivered').length;
    while ((await told()) < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await told()).toBe(3);
    // Two of four workers still wait for the silent one; the third of its notices has not been begun.
    expect(receiver.paths().filter((path) => path === '/dead')).toHaveLength(2);
    expect((await listed('dead')).map(({ state }) => state)).toEqual(['due', 'due', 'due']);
    receiver.answer = () => 200;
    issuer.clock.advance(60_000);
    await issuer.issuer.outbox.idle();
    await deliver();
    issuer.clock.advance(60_000);
    await deliver();
    expect((await listed('dead')).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  });
});
