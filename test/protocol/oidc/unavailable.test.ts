import { beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, opensUserinfo, password, post, refresh, type SignedIn } from '../world.ts';

describe('when the database does not take a write', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'una@example.com');
  });

  /** Lets every write of artefacts of this one database fail while the work runs. */
  async function whileFailing<T>(failure: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
    const admin = issuer.db.main.getClient().db('admin');
    await admin.command({
      configureFailPoint: 'failCommand',
      mode: 'alwaysOn',
      data: {
        failCommands: ['update'],
        namespace: `${issuer.db.main.name}.artefacts`,
        ...failure,
      },
    });
    try {
      return await work();
    } finally {
      await admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
    }
  }

  const notPrimary = { errorCode: 10107 };
  const unconfirmed = { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } };

  it.each([
    ['refuses it', notPrimary],
    ['cannot confirm it', unconfirmed],
    ['breaks the connection', { closeConnection: true }],
  ])(
    'answers 503 and gives no code, cookie or address to go on to when the server %s',
    async (_how, failure) => {
      const { url } = await site.begin({ prompt: 'none' });
      const answer = await whileFailing(failure, () => member.agent.request(url));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(
        answer.headers.getSetCookie().filter((line) => /^(session|interaction|resume)/.test(line)),
      ).toEqual([]);
      expect(answer.text).not.toMatch(/code=|Mongo|at .*\.ts:\d/);
    },
  );

  it('gives no session when a sign-in cannot be kept', async () => {
    const browser = issuer.agent();
    const { page } = await site.open(browser);
    const asked = await browser.submit(page, { identifier: member.email }, '/identifier');
    const answer = await whileFailing(notPrimary, () =>
      browser.submit(asked, { username: member.email, password }, '/password'),
    );
    expect(answer.status).toBe(503);
    expect(browser.cookies.some(({ name }) => name === 'session')).toBe(false);
    const again = await browser.submit(asked, { username: member.email, password }, '/password');
    expect(again.url).toContain('code=');
  });

  it('gives no token at the token endpoint, and the client may try again when nothing was written', async () => {
    const form = await freshCode(site, member.agent);
    const answer = await whileFailing(notPrimary, () => post(issuer, '/token', form, { as: 'airline' }));
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('access_token');
    const again = await post(issuer, '/token', form, { as: 'airline' });
    expect(again.status).toBe(200);
  });

  it('says that a revocation was not done, the token still works, and the next try ends it', async () => {
    const tokens = await post(issuer, '/token', await freshCode(site, member.agent), { as: 'airline' });
    const token = String(tokens.json.refresh_token);
    const refused = await whileFailing(notPrimary, () =>
      post(issuer, '/token/revocation', { token }, { as: 'airline' }),
    );
    expect(refused.status).toBe(503);
    expect(await opensUserinfo(issuer, String(tokens.json.access_token))).toBe(true);
    expect((await post(issuer, '/token/revocation', { token }, { as: 'airline' })).status).toBe(200);
    expect(await refresh(site, token)).toBeUndefined();
  });

  it('keeps nobody signed out who was told 503 while signing out, and the next try does it', async () => {
    const { agent } = await newMember(issuer, site, 'leaving@example.com');
    const page = await agent.open(`${issuer.url}/sign-out`);
    const refused = await whileFailing(notPrimary, () => agent.submit(page, { logout: 'yes' }, '/sign-out'));
    expect(refused.status).toBe(503);
    await site.silently(agent);
    const again = await agent.open(`${issuer.url}/sign-out`);
    await agent.submit(again, { logout: 'yes' }, '/sign-out');
    const { page: after } = await site.open(agent, { prompt: 'none' });
    expect(new URL(after.url).searchParams.get('error')).toBe('login_required');
  });
});
