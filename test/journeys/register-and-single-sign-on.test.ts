import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { register, signIn } from '../support/people.ts';
import { RelyingParty } from '../support/relying-party.ts';

describe('a member registers once and is recognised by every brand', () => {
  let issuer: TestIssuer;
  let airline: RelyingParty;
  let grocery: RelyingParty;

  beforeAll(async () => {
    issuer = await startIssuer();
    airline = await RelyingParty.register(issuer, { id: 'airline' });
    grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
  });

  it('registers by mail and password, proves the address by code, and comes back with tokens', async () => {
    const agent = issuer.agent();
    const { page, begun } = await airline.open(agent);
    expect(page.status).toBe(200);
    const back = await register(issuer, agent, page, { email: 'maria@example.com' });
    const tokens = await airline.finish(back, begun);
    expect(tokens.claims()?.sub).toMatch(/^mbr_/);
    const info = await client.fetchUserInfo(airline.config, tokens.access_token, tokens.claims()?.sub ?? '');
    expect(info.email).toBe('maria@example.com');
    expect(info.email_verified).toBe(true);
  });

  it('walks over to another brand without a page, with the same subject', async () => {
    const agent = issuer.agent();
    const { page, begun } = await airline.open(agent);
    const back = await register(issuer, agent, page, { email: 'jun@example.com' });
    const first = await airline.finish(back, begun);
    const second = await grocery.silently(agent);
    expect(second.claims()?.sub).toBe(first.claims()?.sub);
  });

  it('signs in again with the password on another browser', async () => {
    const agent = issuer.agent();
    const { page } = await airline.open(agent);
    await register(issuer, agent, page, { email: 'otto@example.com' });
    const other = issuer.agent();
    const again = await airline.open(other);
    const back = await signIn(other, again.page, { email: 'Otto@Example.com' });
    const tokens = await airline.finish(back, again.begun);
    expect(tokens.claims()?.amr).toEqual(['pwd']);
  });

  it('refreshes with rotation, and a replayed refresh token ends its family', async () => {
    const agent = issuer.agent();
    const { page, begun } = await airline.open(agent);
    const back = await register(issuer, agent, page, { email: 'vera@example.com' });
    const tokens = await airline.finish(back, begun);
    const old = tokens.refresh_token ?? '';
    const renewed = await client.refreshTokenGrant(airline.config, old);
    expect(renewed.refresh_token).not.toBe(old);
    await expect(client.refreshTokenGrant(airline.config, old)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(client.refreshTokenGrant(airline.config, renewed.refresh_token ?? '')).rejects.toMatchObject(
      {
        error: 'invalid_grant',
      },
    );
  });
});
