import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post } from '../world.ts';

describe('a DPoP nonce that was given before its key rotated', () => {
  it('is answered with a new one, with which the client tries again', async () => {
    const issuer = await startIssuer();
    await RelyingParty.register(issuer, {
      id: 'machine',
      metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
    });
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const ask = async (nonce?: string) => {
      const proof = await new SignJWT({
        htm: 'POST',
        htu: `${issuer.url}/token`,
        jti: crypto.randomUUID(),
        ...(nonce !== undefined && { nonce }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt(Math.floor(issuer.clock.now() / 1000))
        .sign(privateKey);
      const form = { grant_type: 'client_credentials' };
      const answer = await post(issuer, '/token', form, { as: 'machine', headers: { dpop: proof } });
      return { ...answer, nonce: answer.headers.get('dpop-nonce') ?? '' };
    };
    await issuer.issuer.core.keys.rotate('dpop');
    const stranger = await ask('a-nonce-of-nobody');
    expect(stranger).toMatchObject({ status: 400, json: { error: 'use_dpop_nonce' } });
    expect((await ask(stranger.nonce)).status).toBe(200);
    await issuer.issuer.core.keys.rotate('dpop');
    const late = await ask(stranger.nonce);
    expect(late).toMatchObject({ status: 400, json: { error: 'use_dpop_nonce' } });
    expect((await ask(late.nonce)).status).toBe(200);
    expect((await ask()).status).toBe(200);
  });
});
