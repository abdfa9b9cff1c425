import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, opensUserinfo, post, refresh, type SignedIn, signedIn } from '../world.ts';

describe('a revoked key under a running issuer', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeEach(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'una@example.com');
  });

  const keys = () => issuer.issuer.core.keys;
  const currentOf = (use: string) =>
    keys()
      .list()
      .find((key) => key.use === use && key.state === 'current')?.id ?? '';
  const signOut = (hint: string) =>
    member.agent.open(
      `${issuer.url}/sign-out?${new URLSearchParams({
        id_token_hint: hint,
        post_logout_redirect_uri: 'https://airline.example/signed-out',
      })}`,
    );

  it('signs nothing any more, and an ID token that it signed is no hint', async () => {
    const { id_token: stolen = '', access_token: opaque } = member.tokens;
    expect((await signOut(stolen)).status).toBe(200);
    await keys().revoke(currentOf('ES256'));
    expect((await signOut(stolen)).status).toBe(400);
    const { id_token: fresh = '' } = await site.silently(member.agent);
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(stolen).kid);
    const jwks = createRemoteJWKSet(new URL('/jwks', issuer.url));
    await jwtVerify(fresh, jwks, { issuer: issuer.url, audience: 'airline' });
    await expect(jwtVerify(stolen, jwks)).rejects.toThrow(/no applicable key/);
    expect((await signOut(fresh)).status).toBe(200);
    // Sessions and tokens that are looked up, not verified, do not depend on it.
    expect(await opensUserinfo(issuer, opaque)).toBe(true);
  });

  it('ends JWT access tokens that it signed, for whoever asks here', async () => {
    await RelyingParty.register(issuer, { id: 'miles-api', resourceServer: true });
    const resource = issuer.issuer.core.experiences.program.resources[0];
    const form = {
      grant_type: 'client_credentials',
      ...(resource && { resource: resource.indicator, scope: resource.scopes[0] ?? '' }),
    };
    const machine = await RelyingParty.register(issuer, {
      id: 'machine',
      metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
    });
    expect(machine.config.clientMetadata().client_id).toBe('machine');
    const { json } = await post(issuer, '/token', form, { as: 'machine' });
    const token = String(json.access_token);
    expect(decodeProtectedHeader(token).alg).toBe('ES256');
    const introspected = () => post(issuer, '/token/introspection', { token }, { as: 'miles-api' });
    expect((await introspected()).json).toMatchObject({ active: true, client_id: 'machine' });
    await keys().revoke(currentOf('ES256'));
    expect((await introspected()).json).toEqual({ active: false });
    expect(await opensUserinfo(issuer, token)).toBe(false);
  });

  it('for cookies asks everyone to sign in again, without an error', async () => {
    expect((await site.silently(member.agent)).id_token).toBeDefined();
    await keys().revoke(currentOf('cookie'));
    const { page } = await site.open(member.agent);
    expect(page.status).toBe(200);
    expect(page.text).toContain('name="identifier"');
  });

  it('for artefacts ends sessions and tokens, without an error', async () => {
    const { refresh_token: renewal = '', access_token: token } = await site.silently(member.agent);
    const half = issuer.agent();
    const begun = await site.open(half);
    await keys().revoke(currentOf('artefacts'));
    expect(await opensUserinfo(issuer, token)).toBe(false);
    expect(await refresh(site, renewal)).toBeUndefined();
    const { page } = await site.open(member.agent);
    expect(page.status).toBe(200);
    expect(page.text).toContain('name="identifier"');
    const late = await half.submit(begun.page, { identifier: member.email }, '/identifier');
    expect(late.status).toBeLessThan(500);
    const account = await member.agent.open(`${issuer.url}/account`);
    expect(account.status).toBeLessThan(500);
    expect(issuer.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  it('for artefacts leaves nothing that stands in the way of who signs in again', async () => {
    await keys().revoke(currentOf('artefacts'));
    const again = await signedIn(issuer, site, member);
    expect((await site.silently(again.agent)).id_token).toBeDefined();
    const sessions = await again.agent.open(`${issuer.url}/account/sessions`);
    expect(sessions.status).toBe(200);
  });
});
