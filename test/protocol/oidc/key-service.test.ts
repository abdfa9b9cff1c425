import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn } from '../world.ts';

const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

describe('an issuer whose keys lie in an external service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-kms-'));
  let issuer: TestIssuer;
  let sites: Map<string, RelyingParty>;
  let member: SignedIn;

  beforeAll(async () => {
    process.env.LOCAL_KMS_DIR = folder;
    issuer = await startIssuer({ env: { SYMBOLON_KMS_MODULE: 'examples/kms/local-kms.ts' } });
    sites = new Map();
    for (const alg of algorithms) {
      const metadata = { id_token_signed_response_alg: alg };
      sites.set(alg, await RelyingParty.register(issuer, { id: `site-${alg.toLowerCase()}`, metadata }));
    }
    member = await newMember(issuer, siteOf('ES256'), 'una@example.com');
  });
  afterAll(() => {
    delete process.env.LOCAL_KMS_DIR;
    rmSync(folder, { recursive: true, force: true });
  });

  const siteOf = (alg: string) => {
    const site = sites.get(alg);
    if (!site) throw new Error(`no site for ${alg}`);
    return site;
  };
  const idToken = async (alg: string) => (await siteOf(alg).silently(member.agent)).id_token ?? '';
  const verified = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL('/jwks', issuer.url)), { issuer: issuer.url });

  it.each(algorithms)('signs ID tokens with %s there, and anybody verifies them', async (alg) => {
    const token = await idToken(alg);
    expect(decodeProtectedHeader(token).alg).toBe(alg);
    expect((await verified(token)).payload.aud).toBe(`site-${alg.toLowerCase()}`);
  });

  it('holds no private half of a signing key itself, and publishes public halves only', async () => {
    const own = issuer.issuer.core.keys.publishedJwks().filter(({ use }) => use === 'sig');
    expect(own.length).toBeGreaterThanOrEqual(8);
    for (const jwk of own) {
      expect(jwk).not.toHaveProperty('d');
      expect(jwk).not.toHaveProperty('kms');
    }
    const { keys } = (await (await fetch(`${issuer.url}/jwks`)).json()) as { keys: Record<string, string>[] };
    expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining(own.map(({ kid }) => kid)));
    for (const key of keys)
      for (const secret of ['d', 'p', 'q', 'kms']) expect(key).not.toHaveProperty(secret);
  });

  it('lets it seal every stored key', async () => {
    const records = await issuer.db.main
      .collection('keys')
      .find({ state: { $ne: 'revoked' } })
      .toArray();
    for (const { sealed } of records) expect(sealed).toMatch(/^kms:local\./);
  });

  it('rotates there, and a token of before still verifies', async () => {
    const before = await idToken('ES256');
    await issuer.issuer.core.keys.rotate('ES256');
    const after = await idToken('ES256');
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    await verified(before);
    await verified(after);
  });

  it('destroys a revoked key there', async () => {
    const count = () => readdirSync(folder).filter((name) => name.startsWith('eddsa-')).length;
    const before = count();
    const { keys } = issuer.issuer.core;
    const id = keys.list().find(({ use, state }) => use === 'EdDSA' && state === 'current')?.id ?? '';
    await keys.revoke(id);
    // One was destroyed, one was made.
    expect(count()).toBe(before);
    await verified(await idToken('EdDSA'));
  });
});
