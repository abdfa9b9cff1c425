import { beforeEach, describe, expect, it } from '@jest/globals';
import { startIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, refresh, type SignedIn, signedIn } from '../world.ts';

const issuer = await startIssuer();
const site = await RelyingParty.register(issuer, { id: 'airline' });
await issuer.client({
  id: 'app',
  name: 'App',
  brand: 'aurora-air',
  firstParty: true,
  refreshLeewaySeconds: 20,
  metadata: {
    application_type: 'native',
    redirect_uris: ['com.example.app:/callback'],
    token_endpoint_auth_method: 'none',
  },
});
const app = await RelyingParty.known(issuer, { id: 'app', redirectUri: 'com.example.app:/callback' });
const member = await newMember(issuer, site, 'member@example.com');

describe('a refresh whose answer was lost', () => {
  let someone: SignedIn;
  let first: string;

  beforeEach(async () => {
    someone = await signedIn(issuer, site, member);
    const { page, begun } = await app.open(someone.agent);
    const back = await someone.agent.submit(page, {}, '/continue');
    first = (await app.finish(back, begun)).refresh_token ?? '';
  });

  it('may be asked again, and of the two successors only the last lives', async () => {
    const lost = await refresh(app, first);
    const again = await refresh(app, first);
    expect(again?.refresh_token).toBeDefined();
    expect(again?.refresh_token).not.toBe(lost?.refresh_token);
    expect(await refresh(app, lost?.refresh_token ?? '')).toBeUndefined();
    expect(await refresh(app, again?.refresh_token ?? '')).toBeDefined();
  });

  it('may be asked several times within the leeway', async () => {
    for (let tries = 0; tries < 4; tries += 1) expect(await refresh(app, first)).toBeDefined();
  });

  it('is theft once the successor was used: the family ends', async () => {
    const second = await refresh(app, first);
    const third = await refresh(app, second?.refresh_token ?? '');
    expect(third?.refresh_token).toBeDefined();
    expect(await refresh(app, first)).toBeUndefined();
    expect(await refresh(app, third?.refresh_token ?? '')).toBeUndefined();
  });

  it('is theft after the leeway, which a retry does not begin anew: the family ends', async () => {
    await refresh(app, first);
    issuer.clock.advance(15_000);
    const again = await refresh(app, first);
    expect(again).toBeDefined();
    issuer.clock.advance(10_000);
    expect(await refresh(app, first)).toBeUndefined();
    expect(await refresh(app, again?.refresh_token ?? '')).toBeUndefined();
  });

  it('is theft when the answer was not lost after all and its token comes later: the family ends', async () => {
    const lost = await refresh(app, first);
    const again = await refresh(app, first);
    issuer.clock.advance(21_000);
    expect(await refresh(app, lost?.refresh_token ?? '')).toBeUndefined();
    expect(await refresh(app, again?.refresh_token ?? '')).toBeUndefined();
  });

  it('is answered once of eight that ask at the same moment', async () => {
    await refresh(app, first);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(app, first)));
    const alive = answers.filter((answer) => answer !== undefined);
    expect(alive.length).toBeGreaterThan(0);
    const last = await Promise.all(alive.map((answer) => refresh(app, answer.refresh_token ?? '')));
    expect(last.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it('is theft for a client without leeway', async () => {
    const old = someone.tokens.refresh_token ?? '';
    const renewed = await refresh(site, old);
    expect(await refresh(site, old)).toBeUndefined();
    expect(await refresh(site, renewed?.refresh_token ?? '')).toBeUndefined();
  });
});
