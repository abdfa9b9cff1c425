/**
 * The bench's world: the clients, members and keys every peer serves, made anew for each run and told to the peers
 * and the driver as plain data. Owns no process and no connection.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** A confidential client of the bench. */
export interface BenchClient {
  id: string;
  secret: string;
}

/** A client of the bench that proves itself with a key of its own. */
export interface BenchSigner {
  id: string;
  /** Private, ES256. */
  jwk: PrivateJwk;
}

/** A member who signs in with mail address and password. */
export interface BenchMember {
  login: string;
  password: string;
}

/** A private signing key in JWK form. */
export type PrivateJwk = Record<string, unknown>;

/** Everything the peers must know before the first request. */
export interface World {
  /** Fetches tokens for itself: client credentials only. */
  machine: BenchClient;
  /** An API that introspects tokens issued to others. */
  api: BenchClient;
  /** A brand's site: authorization code, no refresh token. */
  site: BenchClient;
  /** A brand's app: authorization code and refresh token. */
  app: BenchClient;
  /** Fetches tokens for itself with a signed assertion. */
  signer: BenchSigner;
  /** A device without a browser: device codes. */
  device: BenchClient;
  /** As many services as a real program has: client credentials only. */
  many: BenchClient[];
  /** Sites that are told of the end of a session. */
  parties: BenchClient[];
  redirectUri: string;
  /** Where the parties want to be told; the driver listens there. */
  logoutUri: string;
  /** The resource whose access tokens are JWTs (RFC 8707, RFC 9068); one of config/program.json. */
  jwtResource: string;
  resourceScope: string;
  members: BenchMember[];
  keys: { RS256: PrivateJwk; ES256: PrivateJwk };
  cookieKey: string;
}

/** The argon2id parameters of the product's default and of every peer: 19 MiB, two passes, one lane. */
export const argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** More than the library keeps of clients (100), with the others of the world. */
const manyCount = 100;
/** Relying parties of the session that is signed out. */
const partyCount = 20;

/**
 * Makes a world with fresh secrets and keys.
 * @param memberCount how many members sign in
 * @param logoutPort free port of loopback for logout notices
 */
export function createWorld(memberCount: number, logoutPort: number): World {
  const password = `bench ${randomBytes(12).toString('base64url')}`;
  return {
    machine: client('bench-machine'),
    api: client('bench-api'),
    site: client('bench-site'),
    app: client('bench-app'),
    signer: { id: 'bench-signer', jwk: privateJwk('ES256') },
    device: client('bench-device'),
    many: Array.from({ length: manyCount }, (_, index) => client(`bench-service-${index}`)),
    parties: Array.from({ length: partyCount }, (_, index) => client(`bench-party-${index}`)),
    logoutUri: `http://127.0.0.1:${logoutPort}/logout-notice`,
    redirectUri: 'http://127.0.0.1:9/callback',
    jwtResource: 'https://points.xenia.example/api',
    resourceScope: 'points:read',
    members: Array.from({ length: memberCount }, (_, index) => ({
      login: `member-${index}@bench.example`,
      password,
    })),
    keys: { RS256: privateJwk('RS256'), ES256: privateJwk('ES256') },
    cookieKey: randomBytes(32).toString('base64url'),
  };
}

function client(id: string): BenchClient {
  return { id, secret: randomBytes(32).toString('base64url') };
}

/**
 * The public half of an elliptic key.
 * @param jwk private key
 */
export function publicJwk({ crv, x, y, kid }: PrivateJwk) {
  return {
    kty: 'EC' as const,
    crv: String(crv),
    x: String(x),
    y: String(y),
    kid: String(kid),
    alg: 'ES256',
    use: 'sig',
  };
}

function privateJwk(alg: 'RS256' | 'ES256'): PrivateJwk {
  const { privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `bench-${alg}` };
}
