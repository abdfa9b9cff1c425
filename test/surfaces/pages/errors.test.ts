import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';

let issuer: TestIssuer;
let airline: RelyingParty;
beforeAll(async () => {
  issuer = await startIssuer();
  airline = await RelyingParty.register(issuer, { id: 'airline' });
});

/** What every error page owes a person. */
function expectExplained(page: Page, status: number): void {
  const reference = page.headers.get('trace-id') ?? '';
  expect(page.status).toBe(status);
  expect(page.text.match(/<h1\b/g)).toHaveLength(1);
  expect(page.text).toContain(reference);
  expect(page.text).toMatch(/<a class="button primary" href="https?:/);
  expect(page.text).not.toMatch(/at \w+ \(|node_modules|MongoServer/);
  expect(issuer.logLines.some((line) => line.includes(reference))).toBe(true);
}

describe('an error page', () => {
  it.each([
    ['a redirect address that is not registered', { redirect_uri: 'https://evil.example/' }, 'redirect_uri'],
    ['a client that does not exist', { client_id: 'nobody' }, 'client'],
  ])('for %s stays here, for people first, with the details folded away', async (_why, spoilt, word) => {
    const page = await issuer.agent().open((await airline.begin(spoilt)).url, {}, () => true);
    expectExplained(page, 400);
    expect(page.text).toMatch(new RegExp(`<details[\\s\\S]*${word}`));
    expect(page.text).not.toContain('href="https://evil.example');
  });

  it('for a path that is none says so, with the status a program understands', async () => {
    const agent = issuer.agent();
    expectExplained(await agent.open('/no/such/page'), 404);
    const page = await agent.request('/.well-known/no-such-thing', {
      headers: { accept: 'application/json' },
    });
    expect(page.status).toBe(404);
    expect(JSON.parse(page.text)).toMatchObject({
      code: 'route.not_found',
      trace: page.headers.get('trace-id'),
    });
  });

  it('for a form without its token leads back to the app the person was on the way to, in its look', async () => {
    const agent = issuer.agent();
    const { page } = await airline.open(agent);
    const refused = await agent.request(`${page.url}/identifier`, { form: { identifier: 'a@example.com' } });
    expectExplained(refused, 403);
    expect(refused.text).toContain('href="https://airline.example');
    expect(refused.text).toContain('/assets/theme/aurora-air.css');
  });

  it('believes no forged memory of an app', async () => {
    const agent = issuer.agent();
    agent.cookies.push({
      name: 'app',
      value: 'airline.forged',
      path: '/',
      host: new URL(issuer.url).hostname,
    });
    const page = await agent.open('/interaction/unknown-to-us-all');
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('airline.example');
  });

  it('names an app’s own way to begin a sign-in, with the issuer, where it has one', async () => {
    const lounge = await RelyingParty.register(issuer, {
      id: 'lounge',
      metadata: { initiate_login_uri: 'https://lounge.example/begin?from=xenia' },
    });
    const agent = issuer.agent();
    await lounge.open(agent);
    const page = await agent.open('/interaction/unknown-to-us-all');
    const to = new URL(/href="(https:\/\/lounge[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '');
    expect(to.searchParams.get('iss')).toBe(issuer.url);
    expect(to.searchParams.get('from')).toBe('xenia');
  });

  it('says when to come back, in the header and in words, when too much was asked', async () => {
    const agent = issuer.agent();
    let page = await agent.open('/recover');
    for (let n = 0; n < 12 && page.status !== 429; n += 1) {
      page = await agent.open('/recover');
      issuer.clock.advance(4_000);
      page = await agent.submit(page, { identifier: 'often@example.com' }, '/recover');
    }
    expect(page.status).toBe(429);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(page.text).toMatch(/try again in (about )?\d+ (second|minute|hour)/);
  });
});
