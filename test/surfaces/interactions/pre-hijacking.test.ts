/** Attacker first, victim second (Sudhodanan and Paverd, USENIX Security 2022): nothing of the attacker's survives. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { register, registrationForm, signIn } from '../../support/people.ts';
import { askForProof, choose, goodPassword, linkOn, startWorld, type World } from './world.ts';

const attackers = 'quiet walrus harbour sixteen';
let world: World;
beforeAll(async () => {
  world = await startWorld({
    people: [
      {
        provider: 'google',
        sub: '1',
        name: 'Victim',
        note: '',
        email: 'first_victim@gmail.com',
        email_verified: true,
      },
      { provider: 'facebook', id: '2', name: 'Attacker', note: '' },
      { provider: 'facebook', id: '3', name: 'Attacker', note: '', email: 'third_victim@example.com' },
    ],
  });
});

async function come(provider: 'google' | 'facebook', account: string) {
  const { agent, page, begun } = await world.start();
  const left = await agent.submit(page, {}, `/upstream/${provider}`);
  return { agent, begun, page: await choose(agent, left, { account }) };
}

describe('an account that somebody tries to own before its owner', () => {
  it('by a password of theirs: the victim comes through an upstream, and the password is worth nothing', async () => {
    const email = 'first_victim@gmail.com';
    const attacker = await world.start();
    const form = await attacker.agent.open(linkOn(attacker.page, 'view=register'));
    const registration = registrationForm(form, { email, password: attackers });
    const waiting = await attacker.agent.submit(form, registration, '/register');
    const victim = await come('google', '1');
    const back = await victim.agent.submit(victim.page, registrationForm(victim.page), '/details');
    expect((await world.airline.finish(back, victim.begun)).claims()?.sub).toMatch(/^mbr_/);
    const again = await world.start();
    expect((await signIn(again.agent, again.page, { email, password: attackers })).status).toBe(401);
    const resent = await attacker.agent.submit(waiting, {}, '/verify/resend');
    expect(resent.status).toBe(422);
    expect(await world.count('registrations')).toBe(0);
  });

  it('by a page left open: the victim registers, and the open page leads nowhere', async () => {
    const email = world.newAddress();
    const attacker = await world.start();
    const waiting = await askForProof(attacker.agent, attacker.page, email);
    await world.mailsTo(email);
    await world.forgetMails();
    const victim = await world.start();
    await register(world.issuer, victim.agent, victim.page, { email });
    const [, code = ''] = /(\d{4} \d{4})/.exec((await world.mailsTo(email))[0]?.text ?? '') ?? [];
    expect((await attacker.agent.submit(waiting, { code }, '/verify')).status).toBe(422);
    await expect(world.airline.silently(attacker.agent)).rejects.toThrow();
  });

  it('by an upstream of theirs under the victim’s address: it never leads to the victim', async () => {
    const email = world.newAddress();
    const attacker = await come('facebook', '2');
    await attacker.agent.submit(attacker.page, { email }, '/upstream-email');
    await world.mailsTo(email);
    await world.forgetMails();
    const victim = await world.start();
    await register(world.issuer, victim.agent, victim.page, { email });
    const { people } = world.issuer.issuer;
    const member = await people.members.findByIdentifier({ type: 'email', value: email });
    expect(await people.members.identifierTypes(member?._id ?? '')).toEqual(['email']);
    const again = await come('facebook', '2');
    expect(again.page.status).toBe(200);
    await expect(world.airline.silently(again.agent)).rejects.toThrow();
  });

  it('by an upstream that proves no address: it is proven by our own mail every time', async () => {
    const email = 'third_victim@example.com';
    await come('facebook', '3');
    await world.mailsTo(email);
    await world.forgetMails();
    const victim = await world.start();
    await register(world.issuer, victim.agent, victim.page, { email });
    const again = await come('facebook', '3');
    expect(again.page.forms.some(({ action }) => action.endsWith('/upstream-code'))).toBe(true);
    await expect(world.airline.silently(again.agent)).rejects.toThrow();
  });

  it('by a change of address: no form changes one, so none can be waiting', () => {
    const asking = world.issuer.issuer.routes.filter(({ input }) => 'email' in (input.body?.shape ?? {}));
    expect(asking.map(({ name }) => name)).toEqual(['interaction.upstream-email']);
  });

  it('leaves the victim with their own password', async () => {
    const email = world.newAddress();
    const attacker = await world.start();
    await askForProof(attacker.agent, attacker.page, email);
    await world.mailsTo(email);
    await world.forgetMails();
    const victim = await world.start();
    await register(world.issuer, victim.agent, victim.page, { email, password: attackers });
    const again = await world.start();
    expect((await signIn(again.agent, again.page, { email, password: goodPassword })).status).toBe(401);
  });
});
