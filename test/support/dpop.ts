/** Keys that DPoP proofs are made with (RFC 9449). */
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** A key that proofs are made with. */
export type ProofKey = Awaited<ReturnType<typeof proofKey>>;

/** Makes a key. */
export async function proofKey(now: () => number) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    proof: (htm: string, htu: string, more: { token?: string; [claim: string]: unknown } = {}) => {
      const { token, ...claims } = more;
      return new SignJWT({
        htm,
        htu,
        jti: randomUUID(),
        iat: Math.floor(now() / 1000),
        ...(token && { ath: createHash('sha256').update(token).digest('base64url') }),
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(privateKey);
    },
  };
}
