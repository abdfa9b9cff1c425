/**
 * Calls from pages of other origins (Fetch standard, CORS). Cookies never count: a caller shows a token or nothing.
 * A preflight comes before any token, so it can only ask whether the origin is a known one at all; whether it is one
 * of the token's own client is judged with the token.
 */
import type { EdgeMiddleware } from './context.ts';

/** Which paths pages of others may call. */
export interface CrossOriginRules {
  /** Such as `/api/account/`. */
  prefix: string;
  /** Whether the origin is a known one. */
  isKnown(origin: string): Promise<boolean>;
}

const methods = 'GET, POST, PUT, PATCH, DELETE';
const sendable =
  'Authorization, Content-Type, DPoP, If-Match, If-None-Match, Idempotency-Key, Accept-Language, Traceparent';
const readable =
  'ETag, Location, WWW-Authenticate, DPoP-Nonce, Retry-After, Trace-Id, Idempotency-Replayed, Content-Language';
/** Seconds a browser may remember a preflight. */
const preflightSeconds = '600';

/**
 * Middleware that lets known origins call, and answers preflights.
 * @param rules paths and origins
 */
export function crossOrigin(rules: CrossOriginRules): EdgeMiddleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(rules.prefix)) return next();
    const origin = ctx.get('Origin');
    ctx.vary('Origin');
    if (origin !== '' && (await rules.isKnown(origin))) {
      ctx.set('Access-Control-Allow-Origin', origin);
      ctx.set('Access-Control-Expose-Headers', readable);
    }
    const preflight = ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method') !== '';
    if (!preflight) return next();
    ctx.set('Access-Control-Allow-Methods', methods);
    ctx.set('Access-Control-Allow-Headers', sendable);
    ctx.set('Access-Control-Max-Age', preflightSeconds);
    ctx.body = null;
    ctx.status = 204;
  };
}
