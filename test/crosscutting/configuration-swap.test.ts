import { request } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../src/base/kernel/visit.ts';
import { freshDatabaseAddress } from '../support/database.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { register } from '../support/people.ts';
import { freePort } from '../support/ports.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../support/second-process.ts';

/** Requests of one stream while the configuration changes; four streams run at once. */
const count = 30;
const page = '/legal/program-terms/1.0';
const who = { by: { kind: 'operator' as const, id: 'ana' }, visit: systemVisit('test') };

describe('two processes that answer while configurations are published', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    second = await startSecondProcess(issuer.url, database);
  });

  async function publish(name: string): Promise<void> {
    const { drafts, publishing } = issuer.issuer.core.workflow;
    const opened = await drafts.open({ message: name }, who);
    const edits = [{ item: 'brands/aurora-air/brand', patch: { look: { name } } }];
    await publishing.publish(await drafts.submit(await drafts.edit(opened, edits, who), who), {}, who);
  }

  /** A page of a process; both are asked by the issuer's own name. */
  function get(port: number): Promise<{ status: number | undefined; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { host: new URL(issuer.url).host };
      request({ host: '127.0.0.1', port, path: page, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
      })
        .on('error', reject)
        .end();
    });
  }

  const nameOn = (text: string) => /Aurora Air|Name \d/.exec(text)?.[0];

  /** Asks until the page says it: a quick machine asks often before a job's turn comes. The test's own time bounds it. */
  async function until(port: number, name: string): Promise<boolean> {
    while (nameOn((await get(port)).text) !== name);
    return true;
  }

  it('show what one of them published without a restart, and no request fails', async () => {
    const names = ['Name 1', 'Name 2', 'Name 3', 'Name 4'];
    const before = nameOn((await get(issuer.port)).text);
    const stream = async (port: number) => {
      const answers = [];
      for (let done = 0; done < count; done += 1) answers.push(await get(port));
      return answers;
    };
    const publishing = async () => {
      for (const name of names) {
        await publish(name);
        expect(await until(second.port, name)).toBe(true);
      }
    };
    const [, ...streams] = await Promise.all([
      publishing(),
      ...[issuer.port, issuer.port, second.port, second.port].map(stream),
    ]);
    for (const { status, text } of streams.flat()) {
      expect(status).toBe(200);
      expect([before, ...names]).toContain(nameOn(text));
    }
    expect(nameOn((await get(issuer.port)).text)).toBe('Name 4');
  });

  it('let a registration that began before go on to its end', async () => {
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    const agent = issuer.agent();
    const { page: first, begun } = await site.open(agent);
    await publish('Name 9');
    const back = await register(issuer, agent, first, { email: 'between@example.com' });
    expect((await site.finish(back, begun)).id_token).toBeDefined();
    expect(await until(second.port, 'Name 9')).toBe(true);
  });

  it('carry out what is due by their own jobs, once', async () => {
    const { drafts, publishing, history } = issuer.issuer.core.workflow;
    const opened = await drafts.open({ message: 'Later' }, who);
    const edits = [{ item: 'brands/aurora-air/brand', patch: { look: { name: 'Name 7' } } }];
    const mine = await drafts.submit(await drafts.edit(opened, edits, who), who);
    await publishing.schedule(mine, { at: new Date(issuer.clock.now() + 500) }, who);
    expect(await until(second.port, 'Name 7')).toBe(true);
    expect(await until(issuer.port, 'Name 7')).toBe(true);
    const { items } = await history.publications();
    expect(items.filter(({ draft }) => draft === mine.id)).toHaveLength(1);
  });
});
