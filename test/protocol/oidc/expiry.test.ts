import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, opensUserinfo, post, refresh, type SignedIn } from '../world.ts';

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

/** The clock moves while the documents stay: what is over is refused by comparison, never by deletion. */
describe('what is over is refused before housekeeping has deleted it', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;
  let moved = 0;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'una@example.com');
  });
  afterAll(() => issuer.clock.advance(-moved));

  const advance = (ms: number) => {
    moved += ms;
    issuer.clock.advance(ms);
  };

  /** A session of this very moment, since earlier tests have moved the clock. */
  async function signedInNow() {
    const agent = issuer.agent();
    const { page, begun } = await site.open(agent);
    const tokens = await site.finish(await signIn(agent, page, { email: member.email }), begun);
    return { agent, tokens };
  }

  it('refuses a code after a minute and the tolerance for clocks', async () => {
    const { agent } = await signedInNow();
    const form = await freshCode(site, agent);
    advance(80 * second);
    const late = await post(issuer, '/token', form, { as: 'airline' });
    expect(late.status).toBe(400);
    expect(late.json.error).toBe('invalid_grant');
  });

  it('refuses an access token after an hour', async () => {
    const { tokens } = await signedInNow();
    advance(hour + 20 * second);
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
    const { json } = await post(
      issuer,
      '/token/introspection',
      { token: tokens.access_token },
      { as: 'airline' },
    );
    expect(json).toEqual({ active: false });
  });

  it('refuses a refresh token after thirty days without use, and none before', async () => {
    const { agent } = await signedInNow();
    const early = await post(issuer, '/token', await freshCode(site, agent), { as: 'airline' });
    advance(13 * day);
    const renewed = await refresh(site, String(early.json.refresh_token));
    expect(renewed).toBeDefined();
    advance(30 * day + 20 * second);
    expect(await refresh(site, renewed?.refresh_token ?? '')).toBeUndefined();
  });

  it('ends a session that was not used for two weeks', async () => {
    const { agent } = await signedInNow();
    advance(13 * day);
    await site.silently(agent);
    advance(13 * day);
    await site.silently(agent);
    advance(14 * day + second);
    const { page } = await site.open(agent, { prompt: 'none' });
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required');
  });

  it('ends a session thirty days after the sign-in however often it was used', async () => {
    const { agent } = await signedInNow();
    for (const _week of [1, 2]) {
      advance(13 * day);
      await site.silently(agent);
    }
    advance(4 * day + second);
    const { page } = await site.open(agent, { prompt: 'none' });
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required');
  });

  it('knows nothing of an interaction after an hour, and says so with a way back', async () => {
    const agent = issuer.agent();
    const { page } = await site.open(agent);
    advance(hour + 20 * second);
    const late = await agent.request(page.url);
    expect(late.status).toBeGreaterThanOrEqual(400);
    expect(late.status).toBeLessThan(500);
    const posted = await agent.submit(page, { identifier: member.email }, '/identifier');
    expect(posted.status).toBeGreaterThanOrEqual(400);
    expect(posted.status).toBeLessThan(500);
    expect(posted.text).toContain('<h1');
  });
});
