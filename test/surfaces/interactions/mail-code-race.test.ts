/** A mailed code and two processes: of all who bring it at the same instant, one signs in. */
import { expect, it } from '@jest/globals';
import { postTo } from '../../protocol/world.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer } from '../../support/issuer.ts';
import { mailedCode, register } from '../../support/people.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { startSecondProcess } from '../../support/second-process.ts';

it('a code signs in once, however many requests of two processes bring it', async () => {
  const database = freshDatabaseAddress();
  const issuer = await startIssuer({ database, port: await freePort() });
  const site = await RelyingParty.register(issuer, { id: 'airline' });
  const email = 'una@example.com';
  const agent = issuer.agent();
  const first = await site.open(agent);
  const back = await register(issuer, agent, first.page, { email });
  const id = (await site.finish(back, first.begun)).claims()?.sub ?? '';
  const second = await startSecondProcess(issuer.url, database);
  const here = { port: Number(new URL(issuer.url).port), issuer: issuer.url };

  const rounds = 3;
  for (let round = 0; round < rounds; round += 1) {
    const { page } = await site.open(agent, { prompt: 'login' });
    const choice = await agent.submit(page, { identifier: email }, '/identifier');
    issuer.mailbox.clear();
    const asked = await agent.submit(choice, {}, '/sign-in-code/send');
    const code = await mailedCode(issuer, email);
    const form = asked.forms.find(({ action }) => action.endsWith('/verify'));
    if (!form) throw new Error(`no form for the code on ${asked.title}`);
    const { pathname } = new URL(form.action);
    const cookie = agent.cookies
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, turn) => {
        // Each is typed in a way of its own: the same form within a moment would be one double click.
        const typed = `${' '.repeat(turn)}${code}`;
        const headers = { cookie, origin: issuer.url, 'sec-fetch-site': 'same-origin' };
        return postTo(turn % 2 === 0 ? here : second, pathname, { ...form.fields, code: typed }, headers);
      }),
    );
    for (const { status } of answers) expect([303, 422]).toContain(status);
    expect(answers.some(({ status }) => status === 303)).toBe(true);
  }
  const events = await issuer.issuer.core.events.ofMember(id, 100);
  const signedIn = events.filter(
    ({ type, data }) => type === 'member.signed_in' && data.method === 'mail-code',
  );
  expect(signedIn).toHaveLength(rounds);
});
