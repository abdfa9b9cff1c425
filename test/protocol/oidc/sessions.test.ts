import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, opensUserinfo } from '../world.ts';

describe('one session serves many sites', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
  });

  it('loses no entry when three clients sign on at the same moment', async () => {
    const { agent } = await newMember(issuer, site, 'rounds@example.com');
    for (let round = 0; round < 10; round += 1) {
      const sites = await Promise.all(
        ['grocery', 'fuel', 'drinks'].map((id) => RelyingParty.register(issuer, { id: `${id}-${round}` })),
      );
      const tokens = await Promise.all(sites.map((each) => each.silently(agent)));
      const alive = await Promise.all(tokens.map(({ access_token: token }) => opensUserinfo(issuer, token)));
      expect(alive).toEqual([true, true, true]);
    }
  });

  it('loses no entry when one client asks for the password again while others sign on', async () => {
    const { agent, email } = await newMember(issuer, site, 'again@example.com');
    const grocery = await RelyingParty.register(issuer, { id: 'grocery' });
    const fuel = await RelyingParty.register(issuer, { id: 'fuel' });
    const asked = await site.open(agent, { prompt: 'login' });
    const [back, ...tokens] = await Promise.all([
      signIn(agent, asked.page, { email }),
      grocery.silently(agent),
      fuel.silently(agent),
    ]);
    const renewed = await site.finish(back, asked.begun);
    for (const { access_token: token } of [renewed, ...tokens]) {
      expect(await opensUserinfo(issuer, token)).toBe(true);
    }
  });

  it('serves two tabs of one site at the same moment', async () => {
    const { agent } = await newMember(issuer, site, 'tabs@example.com');
    const kiosk = await RelyingParty.register(issuer, { id: 'kiosk' });
    const [left, right] = await Promise.all([kiosk.silently(agent), kiosk.silently(agent)]);
    for (const { access_token: token } of [left, right]) {
      expect(await opensUserinfo(issuer, token)).toBe(true);
    }
  });

  it('gives the browser a new session cookie at sign-in, and the one before is dead', async () => {
    const { agent, email } = await newMember(issuer, site, 'fixation@example.com');
    const planted = issuer.agent();
    planted.cookies.push(...agent.cookies.map((cookie) => ({ ...cookie })));
    const asked = await site.open(agent, { prompt: 'login' });
    await signIn(agent, asked.page, { email });
    const value = (browser: typeof agent) => browser.cookies.find(({ name }) => name === 'session')?.value;
    expect(value(agent)).not.toBe(value(planted));
    const { page } = await site.open(planted, { prompt: 'none' });
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required');
    await site.silently(agent);
  });

  it('takes a session cookie that was not signed by it for none', async () => {
    const { agent } = await newMember(issuer, site, 'forged@example.com');
    const forged = issuer.agent();
    forged.cookies.push(...agent.cookies.filter(({ name }) => name === 'session'));
    const { page } = await site.open(forged, { prompt: 'none' });
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required');
  });

  it('makes no session and asks nothing for prompt=none without one', async () => {
    const browser = issuer.agent();
    const { page } = await site.open(browser, { prompt: 'none' });
    const answer = new URL(page.url).searchParams;
    expect(answer.get('error')).toBe('login_required');
    expect(answer.get('iss')).toBe(issuer.url);
    expect(answer.get('code')).toBeNull();
  });

  it('tells when and how the member proved who they are, and asks again when max_age has passed', async () => {
    const { agent, email, tokens } = await newMember(issuer, site, 'age@example.com');
    const first = tokens.claims();
    expect(first?.amr).toEqual(['pwd', 'otp'].filter((method) => [first?.amr].flat().includes(method)));
    issuer.clock.advance(120_000);
    const { page, begun } = await site.open(agent, { max_age: '60' });
    expect(page.status).toBe(200);
    const again = (await site.finish(await signIn(agent, page, { email }), begun)).claims();
    expect(Number(again?.auth_time)).toBeGreaterThanOrEqual(Number(first?.iat) + 120);
    expect(again?.amr).toEqual(['pwd']);
    const info = await client.fetchUserInfo(
      site.config,
      (await site.silently(agent)).access_token,
      String(again?.sub),
    );
    expect(info.email).toBe(email);
  });
});
