import { describe, expect, it } from '@jest/globals';
import { proofKey } from '../../support/dpop.ts';
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
    const key = await proofKey(issuer.clock.now);
    const ask = async (nonce?: string) => {
      const proof = await key.proof('POST', `${issuer.url}/token`, nonce === undefined ? {} : { nonce });
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
