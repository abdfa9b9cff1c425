import { beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import {
  type Answer,
  basic,
  freshCode,
  newMember,
  opensUserinfo,
  post,
  postTo,
  refresh,
  type SignedIn,
} from '../world.ts';

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('what may be used once is used once', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  let site: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    someone = await newMember(issuer, site, 'una@example.com');
    second = await startSecondProcess(issuer.url, database);
  });

  /** Posts the same form many times at once, half of them to the other process. */
  function race(form: Record<string, string>, count = 16): Promise<Answer[]> {
    return Promise.all(
      times(count).map((turn) =>
        turn % 2 === 0
          ? post(issuer, '/token', form, { as: 'airline' })
          : postTo(second, '/token', form, { authorization: basic('airline') }),
      ),
    );
  }

  const winners = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200);
  const losers = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200);

  it('redeems a code once when sixteen requests of two processes carry it at the same instant', async () => {
    for (const _round of times(5)) {
      const answers = await race(await freshCode(site, someone.agent));
      expect(winners(answers)).toHaveLength(1);
      for (const loser of losers(answers)) {
        expect(loser.status).toBe(400);
        expect(loser.json.error).toBe('invalid_grant');
        expect(loser.text).not.toContain('access_token');
      }
    }
  });

  it('rotates a refresh token once when sixteen requests of two processes carry it at the same instant', async () => {
    for (const _round of times(5)) {
      const { agent } = someone;
      const tokens = await post(issuer, '/token', await freshCode(site, agent), { as: 'airline' });
      const answers = await race({
        grant_type: 'refresh_token',
        refresh_token: String(tokens.json.refresh_token),
      });
      expect(winners(answers)).toHaveLength(1);
      for (const loser of losers(answers)) expect(loser.json.error).toBe('invalid_grant');
    }
  });

  it('ends the whole family when a code is used again later', async () => {
    const form = await freshCode(site, someone.agent);
    const first = await post(issuer, '/token', form, { as: 'airline' });
    expect(await opensUserinfo(issuer, String(first.json.access_token))).toBe(true);
    const again = await postTo(second, '/token', form, { authorization: basic('airline') });
    expect(again.json.error).toBe('invalid_grant');
    expect(await opensUserinfo(issuer, String(first.json.access_token))).toBe(false);
    expect(await refresh(site, String(first.json.refresh_token))).toBeUndefined();
  });

  it('ends the whole family when a rotated refresh token is used again later, on either process', async () => {
    const tokens = await post(issuer, '/token', await freshCode(site, someone.agent), { as: 'airline' });
    const old = String(tokens.json.refresh_token);
    const renewed = await refresh(site, old);
    const again = await postTo(
      second,
      '/token',
      { grant_type: 'refresh_token', refresh_token: old },
      { authorization: basic('airline') },
    );
    expect(again.json.error).toBe('invalid_grant');
    expect(await opensUserinfo(issuer, renewed?.access_token ?? '')).toBe(false);
    expect(await refresh(site, renewed?.refresh_token ?? '')).toBeUndefined();
  });

  it('resumes an interaction once, also when its cookies were copied and both go on at the same instant', async () => {
    const agent = issuer.agent();
    const { page } = await site.open(agent);
    const asked = await agent.submit(page, { identifier: someone.email }, '/identifier');
    const form = asked.forms.find(({ action }) => action.endsWith('/password'));
    const proven = await agent.request(form?.action ?? '', {
      form: { ...form?.fields, username: someone.email, password: 'plum tractor violin seventy' },
    });
    const resume = new URL(proven.headers.get('location') ?? '', issuer.url).href;
    const browsers = times(6).map(() => {
      const copy = issuer.agent();
      copy.cookies.push(...agent.cookies.map((cookie) => ({ ...cookie })));
      return copy;
    });
    const pages = await Promise.all(browsers.map((browser) => browser.request(resume)));
    const won = pages.filter(({ headers }) => headers.get('location')?.includes('code='));
    expect(won).toHaveLength(1);
    for (const lost of pages.filter((each) => !won.includes(each))) {
      expect(lost.status).toBeGreaterThanOrEqual(400);
      expect(lost.status).toBeLessThan(500);
      expect(lost.headers.getSetCookie().filter((line) => line.startsWith('session='))).toEqual([]);
    }
    const later = await (browsers[0] ?? agent).request(resume);
    expect(later.headers.get('location')).toBeNull();
    expect(later.status).toBe(400);
  });

  it('does not let a second answer bring an interaction back that was resumed meanwhile', async () => {
    const agent = issuer.agent();
    const { page } = await site.open(agent);
    const asked = await agent.submit(page, { identifier: someone.email }, '/identifier');
    const form = asked.forms.find(({ action }) => action.endsWith('/password'));
    const fields = { ...form?.fields, username: someone.email, password: 'plum tractor violin seventy' };
    const answers = await Promise.all(
      times(4).map(async () => {
        const copy = issuer.agent();
        copy.cookies.push(...agent.cookies.map((cookie) => ({ ...cookie })));
        return copy.open(form?.action ?? '', { form: fields });
      }),
    );
    expect(answers.filter(({ url }) => url.includes('code='))).toHaveLength(1);
    for (const { status } of answers) expect(status).toBeLessThan(500);
  });
});
