import { request } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Agent, Page } from '../../support/agent.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { type Asked, answerDevice, ask, enterCode, pollForm, registerDevice } from '../../support/device.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { type Answer, newMember, post, postTo, type SignedIn, signedIn } from '../world.ts';

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a device and two processes', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  let device: RelyingParty;
  let site: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    device = await registerDevice(issuer, { id: 'seatback' });
    someone = await newMember(issuer, site, 'una@example.com');
    second = await startSecondProcess(issuer.url, database);
  });

  const poll = (asked: Asked) => post(issuer, '/token', pollForm('seatback', asked));
  const pollThere = (asked: Asked) => postTo(second, '/token', pollForm('seatback', asked));

  it('redeem an approved code once, however many polls come at the same instant', async () => {
    for (const _round of times(3)) {
      const asked = await ask(device);
      const question = await enterCode(someone.agent, asked.user_code);
      await answerDevice(someone.agent, question, 'allow');
      const answers: Answer[] = await Promise.all(
        times(12).map((turn) => (turn % 2 === 0 ? poll(asked) : pollThere(asked))),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, json } of answers) if (status !== 200) expect(json.error).toBe('invalid_grant');
    }
  });

  it('count polls together', async () => {
    const asked = await ask(device);
    expect((await poll(asked)).json.error).toBe('authorization_pending');
    expect((await pollThere(asked)).json.error).toBe('slow_down');
    expect((await poll(asked)).json.error).toBe('slow_down');
  });

  it('let one browser of many have a code', async () => {
    const asked = await ask(device);
    const browsers = await Promise.all(
      times(6).map(async () => {
        const agent = issuer.agent();
        return { agent, page: await agent.open('/device') };
      }),
    );
    const pages = await Promise.all(
      browsers.map(({ agent, page }) => agent.submit(page, { user_code: asked.user_code }, '/device')),
    );
    expect(pages.filter(({ title }) => title.includes('on this device?'))).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 422)).toHaveLength(5);
  });

  it('take one answer of a person who gives two at the same instant', async () => {
    for (const _round of times(3)) {
      const asked = await ask(device);
      // A browser of its own: what its session becomes on the way back is not kept.
      const { agent } = await signedIn(issuer, site, someone);
      const resumes: string[] = [];
      for (const decision of ['allow', 'deny'] as const) {
        // The same form within a moment would be one double click.
        const typed = decision === 'allow' ? asked.user_code : asked.user_code.toLowerCase();
        const question = await enterCode(agent, typed);
        resumes.push(await answeredAt(agent, question, decision));
      }
      const [allow = '', deny = ''] = resumes;
      const ends = await Promise.all([resume({}, agent, allow), resume(second, agent, deny)]);
      const outcomes = ends.map(({ status, location }) => (status === 303 ? location : String(status)));
      const won = outcomes.filter((outcome) => /as=(allowed|denied)$/.test(outcome));
      expect(won).toHaveLength(1);
      const answer = await poll(asked);
      if (won[0]?.endsWith('allowed')) expect(answer.status).toBe(200);
      else expect(answer.json.error).toBe('access_denied');
    }
  });

  /** Answers the question without following it to the end. */
  async function answeredAt(agent: Agent, page: Page, decision: string): Promise<string> {
    const form = page.forms.find(({ action }) => action.endsWith('/device'));
    const answer = await agent.request(form?.action ?? '', { form: { ...form?.fields, decision } });
    return new URL(answer.headers.get('location') ?? '').pathname;
  }
});

/** Goes on to the end of an answered interaction at one of the processes, with the browser's cookies. */
function resume(
  process: { port?: number },
  agent: Agent,
  path: string,
): Promise<{ status: number; location: string }> {
  const { host, hostname, port } = new URL(agent.base);
  const cookie = agent.cookies
    .filter((each) => each.host === hostname && path.startsWith(each.path))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
  return new Promise((resolve, reject) => {
    const at = process.port ?? Number(port);
    const headers = { host, cookie, accept: 'text/html' };
    const sent = request({ host: '127.0.0.1', port: at, path, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}
