/** Tokens made by hand: whatever a library would refuse to make. */
import {
  createHash,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';

/** A key pair with the name it goes by. */
export interface Pair {
  kid: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
  jwk: JsonWebKey;
}

/** Signs with a key pair's private key, or with a shared secret, or not at all. */
export type Signer = KeyObject | Buffer | undefined;

type Words = Record<string, unknown>;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The signature of a signing input, in the form of RFC 7518 section 3. */
export function signature(input: string, signer: Signer): string {
  if (signer === undefined) return '';
  if (Buffer.isBuffer(signer)) return createHmac('sha256', signer).update(input).digest('base64url');
  const digest = signer.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return sign(digest, Buffer.from(input), { key: signer, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

/** A token of any header and any payload. */
export function token(header: Words, payload: Words, signer: Signer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input, signer)}`;
}

/** A token cut into its parts. */
export function parts(jwt: string): { header: string; payload: string; signature: string } {
  const [header = '', payload = '', last = ''] = jwt.split('.');
  return { header, payload, signature: last };
}

/** What a token says, unverified. */
export function read(part: string): Words {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** A fresh pair for ES256, RS256 or EdDSA. */
export function pair(kid: string, kind: 'ec' | 'rsa' | 'ed25519' = 'ec'): Pair {
  const { publicKey, privateKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  return { kid, publicKey, privateKey, jwk: publicKey.export({ format: 'jwk' }) };
}

/** What a forger of a token knows: how a right one looks, and the public key that proves it. */
export interface Target {
  header: Words;
  payload: Words;
  publicKey: KeyObject;
  /** A right signature by somebody else's registered key. */
  otherKid: string;
}

const stranger = pair('stranger');
const strangerRsa = pair('stranger', 'rsa');
const strangerEd = pair('stranger', 'ed25519');
const evil = 'https://evil.example';

/** One way to forge. */
export interface Forgery {
  sent: string;
  section: string;
  make(target: Target): string;
}

const by = (
  sent: string,
  section: string,
  header: (target: Target) => Words,
  signer: (target: Target) => Signer = () => stranger.privateKey,
): Forgery => ({
  sent,
  section,
  make: (target) => token({ ...target.header, ...header(target) }, target.payload, signer(target)),
});

const none = Buffer.alloc(0);
const der = (key: KeyObject) => Buffer.from(key.export({ format: 'der', type: 'spki' }));
const pem = (key: KeyObject) => Buffer.from(key.export({ format: 'pem', type: 'spki' }));
const asJson = (key: KeyObject) => Buffer.from(JSON.stringify(key.export({ format: 'jwk' })));

/** Ways to forge any signed token, whatever it is for. */
export const forgeries: readonly Forgery[] = [
  by(
    '`alg: none`, no signature',
    'RFC 8725 §3.2',
    () => ({ alg: 'none' }),
    () => undefined,
  ),
  by(
    '`alg: nOnE`, no signature',
    'RFC 8725 §3.2',
    () => ({ alg: 'nOnE' }),
    () => undefined,
  ),
  by('`alg: none` with a signature', 'RFC 8725 §3.2', () => ({ alg: 'none' })),
  by(
    'the right `alg`, no signature',
    'RFC 7515 §5.2',
    () => ({}),
    () => undefined,
  ),
  by('no `alg`', 'RFC 7515 §4.1.1', () => ({ alg: undefined })),
  by(
    'HS256 under the public key as PEM',
    'RFC 8725 §2.1',
    () => ({ alg: 'HS256' }),
    (t) => pem(t.publicKey),
  ),
  by(
    'HS256 under the public key as DER',
    'RFC 8725 §2.1',
    () => ({ alg: 'HS256' }),
    (t) => der(t.publicKey),
  ),
  by(
    'HS256 under the public key as JWK',
    'RFC 8725 §2.1',
    () => ({ alg: 'HS256' }),
    (t) => asJson(t.publicKey),
  ),
  by(
    'HS256 under an empty key',
    'RFC 8725 §3.1',
    () => ({ alg: 'HS256' }),
    () => none,
  ),
  by(
    'RS256 of a strange RSA key',
    'RFC 8725 §3.1',
    () => ({ alg: 'RS256' }),
    () => strangerRsa.privateKey,
  ),
  by(
    'EdDSA of a strange key',
    'RFC 8725 §3.1',
    () => ({ alg: 'EdDSA' }),
    () => strangerEd.privateKey,
  ),
  by(
    'the right `alg` over an RSA signature',
    'RFC 8725 §3.1',
    () => ({}),
    () => strangerRsa.privateKey,
  ),
  by(
    'the right `alg` over an EdDSA signature',
    'RFC 8725 §3.1',
    () => ({}),
    () => strangerEd.privateKey,
  ),
  by('a strange key under the right `kid`', 'RFC 7515 §5.2', () => ({})),
  by('a strange key without `kid`', 'RFC 7515 §5.2', () => ({ kid: undefined })),
  by('its own key as `jwk`', 'RFC 8725 §3.10', () => ({ jwk: stranger.jwk, kid: undefined })),
  by('its own key as `jwk` under the right `kid`', 'RFC 8725 §3.10', () => ({ jwk: stranger.jwk })),
  by('its own keys at `jku`', 'RFC 8725 §3.10', () => ({ jku: `${evil}/jwks`, kid: stranger.kid })),
  by('its own certificate at `x5u`', 'RFC 8725 §3.10', () => ({ x5u: `${evil}/x5c`, kid: undefined })),
  by('its own certificate as `x5c`', 'RFC 8725 §3.10', () => ({
    x5c: [der(stranger.publicKey).toString('base64')],
  })),
  by(
    '`kid` with a path to an empty file, HS256',
    'RFC 8725 §3.10',
    () => ({ alg: 'HS256', kid: '../../../../../../dev/null' }),
    () => none,
  ),
  by('`kid` with a query', 'RFC 8725 §3.10', () => ({ kid: "x' UNION SELECT 'key' --" })),
  by('`kid` with an operator', 'RFC 8725 §3.10', () => ({ kid: '{"$gt":""}' })),
  by('`kid` that is no text', 'RFC 7515 §4.1.4', () => ({ kid: { $gt: '' } })),
  by('the `kid` of somebody else’s key', 'RFC 7515 §5.2', (t) => ({ kid: t.otherKid })),
  by('an extension that nobody knows in `crit`', 'RFC 8725 §3.8', () => ({ crit: ['x'], x: 1 })),
  by('a payload that is not encoded (`b64: false`)', 'RFC 7797 §6', () => ({ crit: ['b64'], b64: false })),
  {
    sent: 'a signature of zeros (r = s = 0)',
    section: 'RFC 7518 §3.4',
    make: ({ header, payload }) =>
      `${token(header, payload, undefined)}${Buffer.alloc(64).toString('base64url')}`,
  },
];

/** Ways to spoil a token that was right. */
export const spoilings: readonly {
  sent: string;
  section: string;
  /** No JWT any more. */
  malformed?: boolean;
  spoil(jwt: string): string;
}[] = [
  {
    sent: 'its signature cut off',
    section: 'RFC 7515 §5.2',
    spoil: (jwt) => `${jwt.slice(0, jwt.lastIndexOf('.'))}.`,
  },
  {
    sent: 'its last part missing',
    malformed: true,
    section: 'RFC 7515 §5.2',
    spoil: (jwt) => jwt.slice(0, jwt.lastIndexOf('.')),
  },
  { sent: 'half its signature', section: 'RFC 7515 §5.2', spoil: (jwt) => jwt.slice(0, -40) },
  {
    sent: 'one bit of its signature turned',
    section: 'RFC 7515 §5.2',
    spoil: (jwt) => flip(jwt, jwt.lastIndexOf('.') + 12),
  },
  {
    sent: 'one word of its payload changed',
    section: 'RFC 7515 §5.2',
    spoil: (jwt) => {
      const { header, payload, signature: last } = parts(jwt);
      return `${header}.${encode({ ...read(payload), admin: true })}.${last}`;
    },
  },
  {
    sent: 'its signature as DER',
    section: 'RFC 7518 §3.4',
    spoil: (jwt) => {
      const { header, payload, signature: last } = parts(jwt);
      const raw = Buffer.from(last, 'base64url');
      const half = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes]);
      const both = Buffer.concat([half(raw.subarray(0, 32)), half(raw.subarray(32))]);
      const sequence = Buffer.concat([Buffer.from([48, both.length]), both]);
      return `${header}.${payload}.${sequence.toString('base64url')}`;
    },
  },
];

/** The same text with one letter changed at a place. */
export function flip(text: string, at: number): string {
  const index = Math.trunc(at);
  const letter = text[index] === 'A' ? 'B' : 'A';
  return `${text.slice(0, index)}${letter}${text.slice(index + 1)}`;
}

/** The thumbprint of a key's public part (RFC 7638). */
export function jkt({ jwk: { crv, kty, x, y } }: Pair): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** The PKCE challenge of a verifier (RFC 7636 section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
