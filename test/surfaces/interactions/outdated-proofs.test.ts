import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { signIn } from '../../support/people.ts';
import { goodPassword, linkOn, mailedCode, mailedLink, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

/** A recovery that has come as far as the page for the new password. */
async function provenRecovery(email: string) {
  const { agent, page } = await world.start();
  const asked = await agent.open(
    linkOn(await agent.submit(page, { identifier: email }, '/identifier'), 'view=recover'),
  );
  const sent = await agent.submit(asked, { identifier: email }, '/recover');
  await world.mailsTo(email);
  const form = await agent.submit(sent, { code: await mailedCode(world.issuer, email) }, '/recover/code');
  return { agent, form };
}

async function signsIn(email: string, password: string): Promise<boolean> {
  const { agent, page } = await world.start();
  return (await signIn(agent, page, { email, password })).url.startsWith('https:');
}

describe('a recovery that was proven before the account changed', () => {
  it('sets no password after another recovery', async () => {
    const member = await world.member();
    const late = await provenRecovery(member.email);
    const first = await provenRecovery(member.email);
    await first.agent.submit(first.form, { password: 'the owner chose this one 9' }, '/new-password');
    const refused = await late.agent.submit(
      late.form,
      { password: 'the stranger chose this 9' },
      '/new-password',
    );
    expect(refused.status).toBe(422);
    expect(await signsIn(member.email, 'the stranger chose this 9')).toBe(false);
    expect(await signsIn(member.email, 'the owner chose this one 9')).toBe(true);
  });

  it('sets no password on a locked account, not even for the day it is unlocked', async () => {
    const member = await world.member();
    const late = await provenRecovery(member.email);
    const { people, core } = world.issuer.issuer;
    const record = await people.members.get(member.id);
    if (!record) throw new Error('no member');
    const set = (status: 'active' | 'locked') =>
      inTransaction(core.db, (tx) =>
        people.members.setStatus(tx, record, status, 'test', systemVisit('test')),
      );
    await set('locked');
    await late.agent.submit(late.form, { password: 'the stranger chose this 9' }, '/new-password');
    await set('active');
    expect(await signsIn(member.email, 'the stranger chose this 9')).toBe(false);
    expect(await signsIn(member.email, goodPassword)).toBe(true);
  });

  it('has no use for its link any more', async () => {
    const member = await world.member();
    const { agent } = await world.start();
    await agent.submit(await agent.open('/recover'), { identifier: member.email }, '/recover');
    await world.mailsTo(member.email);
    const link = await mailedLink(world, member.email, '/recover/link');
    expect((await agent.open(link)).status).toBe(200);
    const other = await provenRecovery(member.email);
    await other.agent.submit(other.form, { password: 'the owner chose this one 9' }, '/new-password');
    expect((await agent.open(link)).status).toBe(410);
  });
});
