import { beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamAccount } from '../../../examples/upstream/accounts.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { registrationForm } from '../../support/people.ts';
import { choose, mailedCode, startWorld, type World } from './world.ts';

const google = (sub: string, email: string): UpstreamAccount => ({
  provider: 'google',
  sub,
  name: 'Someone',
  note: '',
  email,
  email_verified: true,
});

let world: World;
beforeAll(async () => {
  world = await startWorld({
    people: [google('1', 'attacker_one@gmail.com'), google('2', 'attacker_two@gmail.com')],
  });
});

/** Comes back from Google as one of its people. */
async function come(account: string) {
  const { agent, page, begun } = await world.start();
  const left = await agent.submit(page, {}, '/upstream/google');
  return { agent, begun, page: await choose(agent, left, { account }) };
}

/** Sends another form of the same interaction: a wrong password for somebody else's address. */
function nameSomebodyElse(agent: Agent, page: Page, victim: string): Promise<Page> {
  const base = /^(.*\/interaction\/[\w-]+)/.exec(page.forms[0]?.action ?? page.url)?.[1] ?? '';
  const csrf = page.forms[0]?.fields._csrf ?? '';
  return agent.open(`${base}/password`, {
    form: { _csrf: csrf, username: victim, password: 'not the password' },
  });
}

async function holderOf(email: string): Promise<string | undefined> {
  return (await world.issuer.issuer.people.members.findByIdentifier({ type: 'email', value: email }))?._id;
}

describe('an address that another form of the flow names', () => {
  it('is not claimed by a registration after an upstream', async () => {
    const came = await come('1');
    const refused = await nameSomebodyElse(came.agent, came.page, 'victim-one@example.com');
    expect(refused.status).toBe(401);
    await came.agent.submit(came.page, registrationForm(came.page), '/details');
    expect(await holderOf('victim-one@example.com')).toBeUndefined();
  });

  it('does not lead a mailed proof to somebody else\u2019s account', async () => {
    const victim = await world.member();
    const own = await come('2');
    await own.agent.submit(own.page, registrationForm(own.page), '/details');
    const member = await holderOf('attacker_two@gmail.com');
    await world.issuer.db.main.collection('identifiers').deleteMany({ memberId: member, type: 'google' });
    const came = await come('2');
    const asked = await came.agent.submit(came.page, {}, '/link/code');
    await world.mailsTo('attacker_two@gmail.com');
    const code = await mailedCode(world.issuer, 'attacker_two@gmail.com');
    await nameSomebodyElse(came.agent, asked, victim.email);
    await came.agent.submit(asked, { code }, '/upstream-code');
    const links = await world.issuer.db.main.collection('identifiers').find({ type: 'google' }).toArray();
    expect(links.some((link) => link.memberId === victim.id)).toBe(false);
  });
});
