/** Claims asked for by name (OpenID Connect Core section 5.5). */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { expectRefusal, newMember, post, type SignedIn } from '../world.ts';

let issuer: TestIssuer;
let own: RelyingParty;
let partner: RelyingParty;
let member: SignedIn;
let count = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  own = await RelyingParty.register(issuer, { id: 'airline' });
  partner = await RelyingParty.register(issuer, { id: 'partner', firstParty: false });
  member = await newMember(issuer, own, 'claims@example.com');
});

const someone = () => {
  count += 1;
  return newMember(issuer, own, `someone${count}@example.com`);
};
const asking = (claims: unknown) => ({ scope: 'openid', claims: JSON.stringify(claims) });
const infoOf = (site: RelyingParty, tokens: SignedIn['tokens']) =>
  client.fetchUserInfo(site.config, tokens.access_token, tokens.claims()?.sub ?? '');

/** Answers the partner's page with what is ticked. */
async function decide(agent: Agent, parameters: Record<string, string>, ticked: readonly string[]) {
  const { page, begun } = await partner.open(agent, parameters);
  const fields = Object.fromEntries(ticked.map((name) => [name, 'yes']));
  const back = await agent.submit(page, { ...fields, decision: 'allow' }, '/consent');
  return { page, tokens: await partner.finish(back, begun) };
}

describe('claims asked for by name', () => {
  describe('by an app of the program', () => {
    it('come in the ID token', async () => {
      const tokens = await own.silently(
        member.agent,
        asking({ id_token: { email: null, email_verified: { essential: true } } }),
      );
      expect(tokens.claims()).toMatchObject({ email: 'claims@example.com', email_verified: true });
      expect(await infoOf(own, tokens)).toEqual({ sub: member.memberId });
    });

    it('come in userinfo', async () => {
      const tokens = await own.silently(
        member.agent,
        asking({ userinfo: { email: { essential: true }, locale: null } }),
      );
      expect(tokens.claims()?.email).toBeUndefined();
      expect(await infoOf(own, tokens)).toEqual({
        sub: member.memberId,
        email: 'claims@example.com',
        locale: 'en',
      });
    });

    it('come beside what the scopes give, also after a refresh', async () => {
      const tokens = await own.silently(member.agent, {
        scope: 'openid profile',
        claims: JSON.stringify({ userinfo: { email: null } }),
      });
      const again = await client.refreshTokenGrant(own.config, tokens.refresh_token ?? '');
      const info = await client.fetchUserInfo(own.config, again.access_token, member.memberId);
      expect(info).toMatchObject({ email: 'claims@example.com', locale: 'en' });
    });

    it('are left out when they are unknown or absent, essential or not', async () => {
      const tokens = await own.silently(
        member.agent,
        asking({
          id_token: { shoe_size: { essential: true }, phone_number: null },
          userinfo: { shoe_size: null, name: { essential: true } },
        }),
      );
      expect(await infoOf(own, tokens)).toEqual({ sub: member.memberId });
      expect(tokens.claims()).not.toHaveProperty('shoe_size');
    });

    it('come as they are, whatever value was hoped for', async () => {
      const tokens = await own.silently(
        member.agent,
        asking({ userinfo: { locale: { value: 'ja' }, email: { values: ['other@example.com'] } } }),
      );
      expect(await infoOf(own, tokens)).toMatchObject({ locale: 'en', email: 'claims@example.com' });
    });

    it('stay away where they are not asked for', async () => {
      const tokens = await own.silently(member.agent, { scope: 'openid' });
      expect(await infoOf(own, tokens)).toEqual({ sub: member.memberId });
      expect(tokens.claims()).not.toHaveProperty('email');
    });
  });

  describe('by a third party', () => {
    const email = asking({ userinfo: { email: null, locale: null } });

    it('are asked in words, one by one, and given as ticked', async () => {
      const { agent, email: address } = await someone();
      const { page, tokens } = await decide(agent, email, ['claim.email']);
      expect(page.text).toContain('See your e-mail address');
      expect(page.text).toContain('See your language');
      const info = await infoOf(partner, tokens);
      expect(info.email).toBe(address);
      expect(info).not.toHaveProperty('locale');
    });

    it('are remembered with the access, and listed among the connected applications', async () => {
      const { agent, memberId } = await someone();
      await decide(agent, email, ['claim.email', 'claim.locale']);
      const grant = await issuer.issuer.people.consents.grantOf(memberId, 'partner');
      expect(grant?.claims).toEqual(['email', 'locale']);
      expect((await partner.silently(agent, email)).access_token).toBeTruthy();
      expect((await agent.open('/account/applications')).text).toContain('See your e-mail address');
    });

    it('are no question of their own where a scope gives them, and follow it', async () => {
      const both = { scope: 'openid email', claims: JSON.stringify({ id_token: { email: null } }) };
      const yes = await someone();
      const allowed = await decide(yes.agent, both, ['scope.email']);
      expect(allowed.page.text).not.toContain('name="claim.email"');
      expect(allowed.tokens.claims()?.email).toBe(yes.email);
      const no = await someone();
      const refused = await decide(no.agent, both, []);
      expect(refused.tokens.claims()).not.toHaveProperty('email');
    });

    it('can be allowed after they were refused', async () => {
      const { agent, email: address } = await someone();
      const refused = await decide(agent, email, []);
      expect(await infoOf(partner, refused.tokens)).not.toHaveProperty('email');
      const { tokens } = await decide(agent, { ...email, prompt: 'consent' }, ['claim.email']);
      expect((await infoOf(partner, tokens)).email).toBe(address);
      const byScope = { scope: 'openid email', prompt: 'consent' };
      const other = await someone();
      await decide(other.agent, byScope, []);
      const again = await decide(other.agent, byScope, ['scope.email']);
      expect((await infoOf(partner, again.tokens)).email).toBe(other.email);
    });

    it('can be taken back on the next page', async () => {
      const { agent, memberId } = await someone();
      await decide(agent, email, ['claim.email', 'claim.locale']);
      const { page, begun } = await partner.open(agent, { ...email, prompt: 'consent' });
      const form = page.forms.find(({ action }) => action.endsWith('/consent'));
      expect(form?.fields['claim.email']).toBe('yes');
      const back = await agent.open(form?.action ?? '', {
        form: { _csrf: form?.fields._csrf ?? '', 'claim.locale': 'yes', decision: 'allow' },
      });
      const info = await infoOf(partner, await partner.finish(back, begun));
      expect(info).not.toHaveProperty('email');
      expect((await issuer.issuer.people.consents.grantOf(memberId, 'partner'))?.claims).toEqual(['locale']);
    });
  });

  const deep = (levels: number) => `{"userinfo":{"email":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}}`;

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['no object', '["email"]'],
    ['neither place', '{"elsewhere":{}}'],
    ['a place that is no object', '{"userinfo":[]}'],
    ['a claim that is neither null nor an object', '{"userinfo":{"email":true}}'],
    ['an essential that is no truth', '{"userinfo":{"email":{"essential":"yes"}}}'],
    ['values that are no list', '{"userinfo":{"email":{"values":"a"}}}'],
    ['levels that are no list', '{"id_token":{"acr":{"essential":true,"values":"a"}}}'],
    ['more than anybody needs', JSON.stringify({ userinfo: { email: { value: 'x'.repeat(4_100) } } })],
    ['something deep', deep(800)],
  ])('are refused with %s', async (_what, claims) => {
    const { page, begun } = await own.open(member.agent, { scope: 'openid', claims });
    const told = new URL(page.url).searchParams;
    expect([told.get('error'), told.get('state')]).toEqual(['invalid_request', begun.state]);
    const form = Object.fromEntries(new URL(begun.url).searchParams);
    expectRefusal(await post(issuer, '/authorize/par', form, { as: 'airline' }), 400, 'invalid_request');
  });

  it('are refused cleanly when they are deeper than anything can be written', async () => {
    const claims = `{"userinfo":{"email":{"values":${'['.repeat(15_000)}${']'.repeat(15_000)}}}}`;
    const { url } = await own.begin();
    const raw = `${new URL(url).search.slice(1)}&claims=${claims}`;
    expectRefusal(await post(issuer, '/authorize/par', raw, { as: 'airline' }), 400, 'invalid_request');
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' };
    const signed = await RelyingParty.register(issuer, {
      id: 'signed',
      metadata: { jwks: { keys: [jwk] }, request_object_signing_alg: 'ES256' },
    });
    const begun = await signed.begin();
    const rest = JSON.stringify({
      ...Object.fromEntries(new URL(begun.url).searchParams),
      iss: 'signed',
      aud: issuer.url,
      exp: Math.floor(Date.now() / 1000) + 60,
    });
    const payload = new TextEncoder().encode(`${rest.slice(0, -1)},"claims":${claims}}`);
    const request = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'ES256', kid: 'a' })
      .sign(privateKey);
    const form = { request, client_id: 'signed' };
    // The library gives up on it before anybody has looked at it; nothing is told and nothing breaks.
    expectRefusal(await post(issuer, '/authorize/par', form, { as: 'signed' }), 500, 'server_error');
    expect((await own.silently(member.agent)).access_token).toBeTruthy();
  });

  it('cannot reach what every object has', async () => {
    const tokens = await own.silently(member.agent, {
      scope: 'openid',
      claims: '{"userinfo":{"__proto__":{"essential":true},"constructor":null,"toString":null}}',
    });
    expect(await infoOf(own, tokens)).toEqual({ sub: member.memberId });
  });
});
