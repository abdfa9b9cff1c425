/** What an operator does to a client reaches every process while it serves: secrets, metadata, disabling, exemptions. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import {
  basic,
  freshCode,
  newMember,
  opensUserinfo,
  post,
  postTo,
  refresh,
  type SignedIn,
} from '../world.ts';

const visit = systemVisit('test');

describe('a client while the issuer serves', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let other: SecondProcess;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database });
    other = await startSecondProcess(issuer.url, database);
    site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'life@example.com');
  });

  const here = () => ({ port: issuer.port, issuer: issuer.url });

  async function machine(id: string) {
    const { secret } = await issuer.issuer.core.clients.add(
      {
        id,
        name: id,
        brand: 'volt',
        metadata: { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_post' },
      },
      visit,
    );
    return secret ?? '';
  }

  const statusAt = async (at: { port: number; issuer: string }, id: string, secret: string) =>
    (await postTo(at, '/token', { grant_type: 'client_credentials', client_id: id, client_secret: secret }))
      .status;

  it('has two secrets while they rotate, in every process, until the grace ends', async () => {
    const first = await machine('rotating');
    const { secret: second } = await issuer.issuer.core.clients.rotateSecret('rotating', visit, 3_600_000);
    for (const at of [here(), other]) {
      expect(await becomes(() => statusAt(at, 'rotating', second), 200)).toBe(true);
      expect(await statusAt(at, 'rotating', first)).toBe(200);
      expect(await statusAt(at, 'rotating', 'x'.repeat(43))).toBe(401);
    }
    const { secret: third } = await issuer.issuer.core.clients.rotateSecret('rotating', visit, 3_600_000);
    for (const at of [here(), other]) {
      expect(await becomes(() => statusAt(at, 'rotating', third), 200)).toBe(true);
      expect(await statusAt(at, 'rotating', second)).toBe(200);
      expect(await statusAt(at, 'rotating', first)).toBe(401);
    }
    issuer.clock.advance(3_600_001);
    expect(await statusAt(here(), 'rotating', second)).toBe(401);
    expect(await statusAt(here(), 'rotating', third)).toBe(200);
  });

  it('takes changed metadata in every process without a restart', async () => {
    const shop = await RelyingParty.register(issuer, { id: 'moving' });
    const moved = 'https://moving.example/second';
    const asks = async (at: { port: number; issuer: string }) => {
      const { status, text } = await postTo(at, '/authorize/par', parameters(shop, moved), {
        authorization: basic('moving'),
      });
      return status === 201 ? 201 : /redirect_uri/.test(text) ? 400 : status;
    };
    for (const at of [here(), other]) expect(await asks(at)).toBe(400);
    await issuer.issuer.core.clients.update('moving', { metadata: { redirect_uris: [moved] } }, visit);
    for (const at of [here(), other]) expect(await becomes(() => asks(at), 201)).toBe(true);
  });

  it('is refused everywhere at once when it is disabled', async () => {
    const shop = await RelyingParty.register(issuer, { id: 'closing' });
    const tokens = await shop.silently(member.agent, { scope: 'openid offline_access', prompt: 'none' });
    const refreshToken = tokens.refresh_token ?? '';
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(true);
    const code = await freshCode(shop, member.agent);
    await issuer.issuer.core.clients.disable('closing', visit);
    const introspects = (at: { port: number; issuer: string }) =>
      postTo(at, '/token/introspection', { token: tokens.access_token }, { authorization: basic('closing') });
    for (const at of [here(), other]) {
      expect(await becomes(async () => (await introspects(at)).status, 401)).toBe(true);
      const as = { authorization: basic('closing') };
      expect((await postTo(at, '/token', code, as)).json.error).toBe('invalid_client');
      const again = { grant_type: 'refresh_token', refresh_token: refreshToken };
      expect((await postTo(at, '/token', again, as)).json.error).toBe('invalid_client');
      expect((await postTo(at, '/token/revocation', { token: refreshToken }, as)).status).toBe(401);
    }
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
    const { page } = await shop.open(member.agent, { prompt: 'none' });
    expect(page.status).toBe(400);
    await issuer.issuer.core.clients.enable('closing', visit);
    const refreshes = () => refresh(shop, refreshToken).catch(() => undefined);
    expect(await becomes(async () => ((await refreshes()) ? 200 : 400), 200)).toBe(true);
  });

  describe('that is exempt from PKCE', () => {
    let plain: RelyingParty;

    beforeAll(async () => {
      plain = await RelyingParty.register(issuer, { id: 'plain' });
      await issuer.issuer.core.clients.update('plain', { pkceExempt: true }, visit);
      await becomes(async () => {
        const { page } = await withoutPkce({ nonce: 'n' });
        return page.url.includes('code=') ? 200 : 400;
      }, 200);
    });

    async function withoutPkce(extra: Record<string, string>) {
      const url = client.buildAuthorizationUrl(plain.config, {
        redirect_uri: plain.redirectUri,
        scope: 'openid',
        prompt: 'none',
        ...extra,
      });
      return { page: await member.agent.open(url.href) };
    }

    it('signs members in without it, by a nonce', async () => {
      const nonce = client.randomNonce();
      const { page } = await withoutPkce({ nonce });
      const tokens = await client.authorizationCodeGrant(plain.config, new URL(page.url), {
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      expect(tokens.claims()).toMatchObject({ nonce, sub: member.memberId });
    });

    it('is refused without either', async () => {
      const { page } = await withoutPkce({});
      const back = new URL(page.url).searchParams;
      expect(back.get('error')).toBe('invalid_request');
      expect(back.get('error_description')).toMatch(/PKCE/);
    });

    it('is held to a challenge that it did send', async () => {
      const { code_verifier: verifier, ...form } = await freshCode(plain, member.agent);
      expect(verifier).toBeDefined();
      const bare = await post(issuer, '/token', form as Record<string, string>, { as: 'plain' });
      expect(bare.json.error).toBe('invalid_grant');
      const wrong = await freshCode(plain, member.agent);
      const answer = await post(
        issuer,
        '/token',
        { ...wrong, code_verifier: 'x'.repeat(43) },
        { as: 'plain' },
      );
      expect(answer.json.error).toBe('invalid_grant');
      const right = await freshCode(plain, member.agent);
      expect((await post(issuer, '/token', right, { as: 'plain' })).status).toBe(200);
    });

    it('cannot redeem with a verifier a code that was asked for without a challenge', async () => {
      const { page } = await withoutPkce({ nonce: client.randomNonce() });
      const answer = await post(
        issuer,
        '/token',
        {
          grant_type: 'authorization_code',
          code: new URL(page.url).searchParams.get('code') ?? '',
          redirect_uri: plain.redirectUri,
          code_verifier: client.randomPKCECodeVerifier(),
        },
        { as: 'plain' },
      );
      expect(answer.json.error).toBe('invalid_grant');
    });

    it.each([
      ['a public client', { metadata: { token_endpoint_auth_method: 'none' as const } }],
      ['a native app', { metadata: { application_type: 'native' as const } }],
      ['a FAPI 2.0 client', { profile: 'fapi2' as const }],
    ])('is never %s', async (_what, changed) => {
      await expect(issuer.issuer.core.clients.update('plain', changed, visit)).rejects.toThrow(/PKCE/);
    });
  });
});

function parameters(shop: RelyingParty, redirectUri: string): Record<string, string> {
  return {
    client_id: shop.config.clientMetadata().client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  };
}

/** Asks until it is so; a change reaches the other processes by the change stream, which takes a moment. */
async function becomes(ask: () => Promise<number>, wanted: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) if ((await ask()) === wanted) return true;
  return false;
}
