/** The protocol's cookies: their names, how they are signed, and which sites may send them along. */
import Keygrip from 'keygrip';
import type { Configuration } from 'oidc-provider';
import type { Keys } from '../../base/keys/keys.ts';

/** Names of the protocol's cookies: bound to the host where the connection is safe. */
export function cookieNames(issuer: string): { session: string; interaction: string; resume: string } {
  return issuer.startsWith('https:')
    ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
    : { session: 'session', interaction: 'interaction', resume: 'resume' };
}

/**
 * The library's cookie settings.
 * @param deps issuer, keys, and whether other sites may post authorization requests (the session cookie must then
 *   travel with cross-site posts)
 */
export function cookiesOf(deps: {
  issuer: string;
  keys: Keys;
  authorizationPost: boolean;
}): NonNullable<Configuration['cookies']> {
  const short = { signed: true, httpOnly: true, overwrite: true, sameSite: 'lax' as const };
  const long = { ...short, sameSite: deps.authorizationPost ? ('none' as const) : ('lax' as const) };
  return { names: cookieNames(deps.issuer), keys: cookieSigner(deps.keys), long, short };
}

/**
 * Signs cookies with the newest key and accepts those of older ones, SHA-256.
 * @param keys the program's keys
 */
export function cookieSigner(keys: Keys): Keygrip {
  const ring = keys.ring('cookie');
  return new Keygrip(
    ring.all.map(({ key }) => key.toString('base64url')),
    'sha256',
    'base64',
  );
}
