import { describe, expect, it } from '@jest/globals';
import { startIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember } from '../world.ts';

describe('a running issuer', () => {
  it('rotates its keys by itself once they are of age, and records it', async () => {
    const issuer = await startIssuer({ env: { SYMBOLON_KEY_ROTATION_DAYS: '90' } });
    issuer.clock.advance(91 * 86_400_000);
    const events = issuer.db.main.collection('events');
    const rotated = () => events.find({ type: 'key.rotated' }).toArray();
    let told = await rotated();
    for (let tries = 0; told.length < 9 && tries < 20_000; tries += 1) told = await rotated();
    expect(told.map(({ data }) => data.use).sort()).toEqual(
      ['ECDH-ES', 'ES256', 'EdDSA', 'PS256', 'RS256', 'RSA-OAEP', 'cookie', 'csrf', 'dpop'].sort(),
    );
    expect(told[0]).toMatchObject({ stream: 'program', actor: { kind: 'system' } });
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    const { tokens } = await newMember(issuer, site, 'una@example.com');
    expect(tokens.id_token).toBeDefined();
    const { keys } = issuer.issuer.core;
    expect(keys.list().find(({ use, state }) => use === 'ES256' && state === 'current')?.id).toBe('ES256-2');
  });
});
