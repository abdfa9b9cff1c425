/** What goes live while somebody is on the way counts when they arrive. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamAccount } from '../../../examples/upstream/accounts.ts';
import { registrationForm } from '../../support/people.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { publishLayers } from '../../support/publishing.ts';
import { choose, goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

const people: UpstreamAccount[] = ['1', '2'].map((sub) => ({
  provider: 'google',
  sub,
  name: 'Someone',
  note: '',
  email: `first_${sub}@gmail.com`,
  email_verified: true,
}));
const label = { en: 'Tier' };
const tier = { type: 'text', class: 'trait', label, read: ['member'] };
const brand = 'brands/aurora-air/brand';
const without = { methods: ['password', 'mail-code'], identifier: 'email' };
const withGoogle = { ...without, methods: [...without.methods, 'google'] };

const folder = copyOfProgram();
let world: World;
beforeAll(async () => {
  folder.edit(`${brand}.json`, (value) => {
    value.signIn = withGoogle;
    value.attributes = { tier };
    value.profiling = {};
    value.forms = { registration: { steps: [{ fields: [{ attribute: 'tier' }] }] } };
  });
  world = await startWorld({ people, env: { SYMBOLON_PROGRAM_DIR: folder.path } });
});
afterAll(() => folder.remove());

describe('a way to sign in that is not offered any more', () => {
  it('lets nobody in who comes back by it', async () => {
    await publishLayers(world.issuer, { [brand]: { signIn: withGoogle } });
    const { agent, page } = await world.start();
    const left = await agent.submit(page, {}, '/upstream/google');
    await publishLayers(world.issuer, { [brand]: { signIn: without } });
    const before = await world.count('members');
    const back = await choose(agent, left, { account: '1' });
    expect(back.text).not.toContain('terms.program-terms');
    expect(await world.count('members')).toBe(before);
  });

  it('makes no member of whoever had come back by it before', async () => {
    await publishLayers(world.issuer, { [brand]: { signIn: withGoogle } });
    const { agent, page } = await world.start();
    const left = await agent.submit(page, {}, '/upstream/google');
    const details = await choose(agent, left, { account: '2' });
    expect(details.text).toContain('terms.program-terms');
    await publishLayers(world.issuer, { [brand]: { signIn: without } });
    const before = await world.count('members');
    expect((await agent.submit(details, registrationForm(details), '/details')).status).toBe(404);
    expect(await world.count('members')).toBe(before);
  });
});

describe('an answer that waits for the proof of an address', () => {
  it('is not kept once only others may say it', async () => {
    await publishLayers(world.issuer, {});
    const email = world.newAddress();
    const { agent, page, begun } = await world.start();
    const form = await agent.open(linkOn(page, 'view=register'));
    const sent = registrationForm(form, { email, password: goodPassword, 'field.tier': 'gold' });
    const waiting = await agent.submit(form, sent, '/register');
    await publishLayers(world.issuer, {
      [brand]: { attributes: { tier: { ...tier, write: ['client:points-ledger'] } }, forms: {} },
    });
    const back = await agent.submit(waiting, { code: await mailedCode(world.issuer, email) }, '/verify');
    const memberId = String((await world.airline.finish(back, begun)).claims()?.sub);
    expect((await world.issuer.issuer.people.members.get(memberId))?.traits).toEqual({});
  });
});
