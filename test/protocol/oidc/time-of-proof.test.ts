import { beforeAll, describe, expect, it } from '@jest/globals';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { register, signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';

let issuer: TestIssuer;
let partner: RelyingParty;
let airline: RelyingParty;

beforeAll(async () => {
  issuer = await startIssuer();
  airline = await RelyingParty.register(issuer, { id: 'airline' });
  partner = await RelyingParty.register(issuer, { id: 'partner', firstParty: false });
});

describe('the time of a sign-in', () => {
  it('is the time of the proof, however long the consent took afterwards', async () => {
    const agent = issuer.agent();
    const first = await airline.open(agent);
    await register(issuer, agent, first.page, { email: 'slow@example.com' });
    const browser = issuer.agent();
    const { page, begun } = await partner.open(browser);
    const asked = await signIn(browser, page, { email: 'slow@example.com' });
    const provenAt = Math.floor(issuer.clock.now() / 1000);
    issuer.clock.advance(50 * 60_000);
    const back = await browser.submit(asked, { decision: 'allow' }, '/consent');
    const tokens = await partner.finish(back, begun);
    expect(Math.abs((tokens.claims()?.auth_time ?? 0) - provenAt)).toBeLessThan(60);
  });
});
