import { beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { basic, newMember, opensUserinfo, postTo, refresh, type SignedIn } from '../world.ts';

describe('keys rotate under a running issuer', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    member = await newMember(issuer, site, 'una@example.com');
    second = await startSecondProcess(issuer.url, database);
  });

  const kidOf = (token = '') => decodeProtectedHeader(token).kid;
  const published = async (alg: string) => {
    const { keys } = (await (await fetch(`${issuer.url}/jwks`)).json()) as { keys: Record<string, string>[] };
    for (const key of keys) expect(key).not.toHaveProperty('d');
    return keys.filter((key) => key.alg === alg).map(({ kid }) => kid);
  };
  /** The key the other process signs with. */
  async function kidOfSecond(token: string): Promise<{ kid: string | undefined; renewal: string }> {
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const { json } = await postTo(second, '/token', form, { authorization: basic('airline') });
    return { kid: kidOf(String(json.id_token)), renewal: String(json.refresh_token) };
  }

  it('signs with the published next key at once, here and in the other process, and old tokens verify', async () => {
    const [current, next] = await published('ES256');
    const before = await site.silently(member.agent);
    expect(kidOf(before.id_token)).toBe(current);
    await issuer.issuer.core.keys.rotate('ES256');
    const after = await site.silently(member.agent);
    expect(kidOf(after.id_token)).toBe(next);
    let renewal = after.refresh_token ?? '';
    let kid: string | undefined;
    // The other process learns it from the change stream.
    for (let tries = 0; kid !== next && tries < 100; tries += 1)
      ({ kid, renewal } = await kidOfSecond(renewal));
    expect(kid).toBe(next);
    const keys = await published('ES256');
    expect(keys).toHaveLength(3);
    expect(keys).toEqual(expect.arrayContaining([current, next]));
    const jwks = createRemoteJWKSet(new URL('/jwks', issuer.url));
    for (const { id_token: token = '' } of [before, after]) {
      await jwtVerify(token, jwks, { issuer: issuer.url, audience: 'airline' });
    }
  });

  it.each(['cookie', 'artefacts', 'dpop', 'csrf', 'member-keys', 'outbox'] as const)(
    'keeps people signed in and their tokens alive when the key for %s rotates',
    async (use) => {
      const { access_token: token, refresh_token: renewal = '' } = await site.silently(member.agent);
      const half = issuer.agent();
      const begun = await site.open(half);
      await issuer.issuer.core.keys.rotate(use);
      await site.silently(member.agent);
      expect(await opensUserinfo(issuer, token)).toBe(true);
      expect(await refresh(site, renewal)).toBeDefined();
      const asked = await half.submit(begun.page, { identifier: member.email }, '/identifier');
      expect(asked.status).toBe(200);
      expect(asked.text).toContain('name="password"');
    },
  );

  it('signs new cookies with the new key', async () => {
    const signature = () => member.agent.cookies.find(({ name }) => name === 'session.sig')?.value;
    const before = signature();
    await issuer.issuer.core.keys.rotate('cookie');
    await site.silently(member.agent);
    expect(signature()).not.toBe(before);
  });
});
