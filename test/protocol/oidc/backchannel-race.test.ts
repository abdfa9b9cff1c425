import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Asked, answer, ask, pollForm, registerKiosk, waitingPage } from '../../support/backchannel.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { basic, newMember, post, postTo, type SignedIn } from '../world.ts';

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a backchannel request and two processes', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  let kiosk: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    kiosk = await registerKiosk(issuer, { id: 'kiosk' });
    someone = await newMember(issuer, site, 'una@example.com');
    second = await startSecondProcess(issuer.url, database);
  });

  const poll = (asked: Asked) => post(issuer, '/token', pollForm(asked), { as: 'kiosk' });
  const pollThere = (asked: Asked) =>
    postTo(second, '/token', pollForm(asked), { authorization: basic('kiosk') });

  /** Polls until the answer has come through the outbox of either process. */
  async function decided(): Promise<void> {
    for (let left = 200; left > 0; left -= 1) {
      const artefacts = issuer.db.main.collection('artefacts');
      const open = await artefacts.countDocuments({
        kind: 'BackchannelAuthenticationRequest',
        member: someone.memberId,
        decided: { $exists: false },
      });
      if (open === 0) return;
      await issuer.issuer.outbox.run();
    }
    throw new Error('the answer has not come through');
  }

  it('redeem what was allowed once, however many polls come at the same instant', async () => {
    for (const _round of times(3)) {
      const asked = await ask(kiosk, someone.email);
      await answer(issuer, someone.agent, 'allow');
      await decided();
      const answers = await Promise.all(
        times(12).map((turn) => (turn % 2 === 0 ? poll(asked) : pollThere(asked))),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, json } of answers) if (status !== 200) expect(json.error).toBe('invalid_grant');
    }
  });

  it('count polls together', async () => {
    const asked = await ask(kiosk, someone.email);
    expect((await poll(asked)).json.error).toBe('authorization_pending');
    expect((await pollThere(asked)).json.error).toBe('slow_down');
    expect((await poll(asked)).json.error).toBe('slow_down');
    await answer(issuer, someone.agent, 'deny');
  });

  it('take one answer of many', async () => {
    await ask(kiosk, someone.email);
    const before = await answersSoFar();
    const page = await waitingPage(someone.agent);
    const answers = await Promise.all(
      times(6).map((turn) =>
        someone.agent.request(page.forms.find(({ action }) => action.endsWith('/answer'))?.action ?? '', {
          form: {
            ...page.forms.find(({ action }) => action.endsWith('/answer'))?.fields,
            decision: turn % 2 === 0 ? 'allow' : 'deny',
          },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409, 409, 409, 409, 409]);
    await decided();
    expect(await answersSoFar()).toBe(before + 1);
  });

  async function answersSoFar(): Promise<number> {
    const events = await issuer.issuer.core.events.ofMember(someone.memberId, 500);
    return events.filter(({ type }) => /^authentication_request\.(allowed|denied)$/.test(type)).length;
  }

  it('survives a process that dies between the answer and its result', async () => {
    const asked = await ask(kiosk, someone.email);
    const { oidc } = issuer.issuer;
    const [request] = await oidc.inUnit(() => oidc.backchannelRequests.waiting(someone.memberId));
    const said = { id: request?.id ?? '', memberId: someone.memberId, clientId: 'kiosk' };
    // What the outbox does after a crash: the same again, as often as it takes.
    for (const _again of times(3)) expect(await oidc.backchannelRequests.settle(said)).toBe(false);
    expect((await poll(asked)).json.error).toBe('access_denied');
  });
});
