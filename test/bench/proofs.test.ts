import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, EmbeddedJWK, importJWK, jwtVerify } from 'jose';
import { createProver, signJwt } from '../../bench/driver/proofs.ts';
import { createWorld, publicJwk } from '../../bench/world.ts';

const tokenEndpoint = 'http://issuer.test/token';

describe('proofs of the driver’s clients', () => {
  it('are DPoP proofs for one request by one key, each with an id of its own', async () => {
    const prove = createProver();
    const proofs = await Promise.all(
      [1, 2].map(() => jwtVerify(prove('POST', tokenEndpoint), EmbeddedJWK, { typ: 'dpop+jwt' })),
    );
    const [first, second] = proofs;
    expect(first?.payload).toMatchObject({ htm: 'POST', htu: tokenEndpoint, iat: expect.any(Number) });
    expect(first?.payload.jti).not.toBe(second?.payload.jti);
    expect(first?.protectedHeader.jwk).not.toHaveProperty('d');
    const prints = proofs.map(({ protectedHeader }) => calculateJwkThumbprint(protectedHeader.jwk ?? {}));
    expect(new Set(await Promise.all(prints)).size).toBe(1);
  });

  it('are assertions that the registered half of the key verifies', async () => {
    const { signer } = createWorld(1, 4711);
    const registered = publicJwk(signer.jwk);
    expect(registered).not.toHaveProperty('d');
    const assertion = signJwt(signer.jwk, {}, { iss: signer.id });
    const { payload } = await jwtVerify(assertion, await importJWK(registered, 'ES256'));
    expect(payload).toEqual({ iss: signer.id });
  });
});
