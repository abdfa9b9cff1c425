/** Signed proofs of the driver's clients: client assertions (RFC 7523) and DPoP proofs (RFC 9449). */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, randomUUID, sign } from 'node:crypto';

/**
 * Signs a JWT with ES256.
 * @param jwk private key, P-256
 * @param header besides `alg`
 * @param claims the payload
 */
export function signJwt(
  jwk: JsonWebKey,
  header: Record<string, unknown>,
  claims: Record<string, unknown>,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'ES256', ...header })}.${part(claims)}`;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * Makes a client's key and returns what proves that it is there.
 * @returns makes a DPoP proof for one request, by method and address
 */
export function createProver(): (method: string, url: string) => string {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = pair.privateKey.export({ format: 'jwk' });
  const { kty, crv, x, y } = jwk;
  return (htm, htu) => {
    const claims = { jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000) };
    return signJwt(jwk, { typ: 'dpop+jwt', jwk: { kty, crv, x, y } }, claims);
  };
}
