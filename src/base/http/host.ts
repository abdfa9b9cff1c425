/** The host check: this process answers for its issuer's host only. Forwarded host headers are never read. */
import { DomainError } from '../kernel/errors.ts';
import type { EdgeMiddleware } from './context.ts';

/**
 * Middleware that refuses requests for any other host (421, RFC 9110 section 15.5.20) and request targets in
 * absolute form, which could smuggle another one. Links are built from the issuer, never from the request.
 * @param issuer the configured issuer
 * @throws DomainError `host.unknown`, `input.malformed`
 */
export function hostGuard(issuer: string): EdgeMiddleware {
  const expected = new URL(issuer);
  const defaultPort = expected.protocol === 'https:' ? '443' : '80';
  const accepted = new Set([expected.host, `${expected.hostname}:${expected.port || defaultPort}`]);
  return async (ctx, next) => {
    if (!ctx.req.url?.startsWith('/')) throw new DomainError('input.malformed');
    if (!accepted.has((ctx.req.headers.host ?? '').toLowerCase())) throw new DomainError('host.unknown');
    await next();
  };
}
