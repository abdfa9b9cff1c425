/** The host check: this process answers for its issuer's host only. Forwarded host headers are never read. */
import { DomainError } from '../kernel/errors.ts';
import type { EdgeMiddleware } from './context.ts';

/**
 * Middleware that refuses requests for any other host (421, RFC 9110 section 15.5.20) and request targets in
 * absolute form, which could smuggle another one. Links are built from the issuer, never from the request.
 * @param issuer the configured issuer
 * @param second a further origin and the paths it is for: where TLS asks machines for a certificate
 * @throws DomainError `host.unknown`, `input.malformed`
 */
export function hostGuard(issuer: string, second?: { origin: string; paths: RegExp }): EdgeMiddleware {
  const accepted = hostsOf(issuer);
  const alsoAccepted = second ? hostsOf(second.origin) : new Set();
  return async (ctx, next) => {
    if (!ctx.req.url?.startsWith('/')) throw new DomainError('input.malformed');
    const host = (ctx.req.headers.host ?? '').toLowerCase();
    const known = accepted.has(host) || (alsoAccepted.has(host) && second?.paths.test(ctx.path));
    if (!known) throw new DomainError('host.unknown');
    await next();
  };
}

function hostsOf(origin: string): Set<string> {
  const { protocol, host, hostname, port } = new URL(origin);
  return new Set([host, `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`]);
}
