/** Checks what arrives at the back-channel logout endpoint (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
import type { JWTVerifyGetKey } from 'jose';
import { jwtVerify } from 'jose';

/** Whose sessions a logout token ends: all of a subject, or one session. */
export interface LogoutOrder {
  sub: string | undefined;
  sid: string | undefined;
}

/** Checks logout tokens and remembers those it has seen. */
export interface LogoutTokens {
  /** @throws Error in words when the token must not be followed */
  check(token: string): Promise<LogoutOrder>;
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const maxAgeSeconds = 5 * 60;
const toleranceSeconds = 30;

/**
 * Builds the check.
 * @param expected issuer and own client id
 * @param keys the issuer's published keys, such as jose's `createRemoteJWKSet`
 * @param now milliseconds since the Unix epoch
 */
export function createLogoutTokens(
  expected: { issuer: string; clientId: string },
  keys: JWTVerifyGetKey,
  now: () => number = Date.now,
): LogoutTokens {
  const seen = new Map<string, number>();
  return {
    async check(token) {
      const { payload } = await jwtVerify(token, keys, {
        issuer: expected.issuer,
        audience: expected.clientId,
        // A token of another kind, such as an ID token, must never end a session.
        typ: 'logout+jwt',
        algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        maxTokenAge: maxAgeSeconds,
        clockTolerance: toleranceSeconds,
        currentDate: new Date(now()),
      });
      if (!isLogoutEvent(payload.events)) throw new Error('the token does not speak of a logout');
      if ('nonce' in payload) throw new Error('a logout token must not carry a nonce');
      const order = { sub: text(payload.sub), sid: text(payload.sid) };
      if (order.sub === undefined && order.sid === undefined) throw new Error('the token names nobody');
      rememberOnce(seen, text(payload.jti), now());
      return order;
    },
  };
}

/** Every token counts once; it is forgotten when it would be too old anyway. */
function rememberOnce(seen: Map<string, number>, jti: string | undefined, now: number): void {
  for (const [known, until] of seen) if (until <= now) seen.delete(known);
  if (jti === undefined) throw new Error('the token has no id');
  if (seen.has(jti)) throw new Error('the token was used before');
  seen.set(jti, now + (maxAgeSeconds + 2 * toleranceSeconds) * 1000);
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null) return false;
  const event: unknown = Reflect.get(events, logoutEvent);
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
