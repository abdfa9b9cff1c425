import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';

const minute = 60_000;

/** Greenleaf takes only sign-ins of the last hour; every other brand keeps the program's limits. */
describe('a brand that asks for a fresher sign-in', () => {
  let program: ProgramFolder;
  let issuer: TestIssuer;
  let airline: RelyingParty;
  let grocery: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    program = copyOfProgram();
    program.edit('brands/greenleaf/brand.json', (brand) => {
      brand.session = { freshSeconds: 3600 };
    });
    issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
    airline = await RelyingParty.register(issuer, { id: 'airline' });
    grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
    member = await newMember(issuer, airline, 'fresh@example.com');
  });
  afterAll(() => program.remove());

  const silently = async (site: RelyingParty, agent: SignedIn['agent']) => {
    const { page } = await site.open(agent, { prompt: 'none' });
    return new URL(page.url).searchParams.get('error') ?? 'signed on';
  };

  it('lets a sign-in of the last hour in without a page, wherever it was made', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(55 * minute);
    expect(await silently(grocery, agent)).toBe('signed on');
  });

  it('counts from the sign-in, not from the last use', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(40 * minute);
    expect(await silently(grocery, agent)).toBe('signed on');
    issuer.clock.advance(21 * minute);
    expect(await silently(grocery, agent)).toBe('login_required');
  });

  it('leaves the session and the other brands alone', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(5 * 60 * minute);
    expect(await silently(grocery, agent)).toBe('login_required');
    expect(await silently(airline, agent)).toBe('signed on');
    expect((await agent.request('/account')).status).toBe(200);
  });

  it('asks for a new proof and is content with it for another hour', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    issuer.clock.advance(61 * minute);
    const { page, begun } = await grocery.open(agent);
    expect(page.url).toContain('/interaction/');
    const back = await signIn(agent, page, { email: member.email });
    const tokens = await grocery.finish(back, begun);
    expect(issuer.clock.now() / 1000 - Number(tokens.claims()?.auth_time)).toBeLessThan(60);
    issuer.clock.advance(59 * minute);
    expect(await silently(grocery, agent)).toBe('signed on');
    expect(await silently(airline, agent)).toBe('signed on');
  });

  it('does not end the tokens that were issued to it', async () => {
    const { agent } = await signedIn(issuer, airline, member);
    const tokens = await grocery.silently(agent);
    issuer.clock.advance(50 * minute);
    const userinfo = await fetch(`${issuer.url}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(userinfo.status).toBe(200);
  });
});
