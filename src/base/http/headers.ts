/**
 * Security headers of every answer: pages, redirects, errors, files and the protocol's own endpoints. Set before
 * anything else runs, so that no path can forget them. Pages add what they need through typed setters.
 */
import helmet from 'helmet';
import type { EdgeContext, EdgeMiddleware } from './context.ts';

const policies = new WeakMap<object, { formAction: Set<string>; scriptSrc: Set<string> }>();

const permissions = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
  'browsing-topics',
];

/**
 * Middleware that sets the headers. What has no `Cache-Control` of its own is not stored, a page never is.
 * @param issuer the configured issuer; https adds HSTS and upgrades
 */
export function securityHeaders(issuer: string): EdgeMiddleware {
  const secure = issuer.startsWith('https://');
  const fixed = helmet({
    contentSecurityPolicy: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    xFrameOptions: { action: 'deny' },
  });
  const permissionsPolicy = permissions.map((feature) => `${feature}=()`).join(', ');
  return async (ctx, next) => {
    fixed(ctx.req, ctx.res, () => undefined);
    ctx.set('Permissions-Policy', permissionsPolicy);
    ctx.set('Cache-Control', 'no-store');
    policies.set(ctx.res, { formAction: new Set(["'self'"]), scriptSrc: new Set(["'self'"]) });
    setPolicy(ctx);
    await next();
    if (!ctx.headerSent && ctx.response.is('html')) ctx.set('Cache-Control', 'no-store');
  };
}

/**
 * Lets the forms of this page end at other origins: Chromium applies `form-action` to every redirect that follows
 * a submission, so the page that leads back to a client names the client's origin.
 * @param ctx the request
 * @param targets origins (`https://shop.example`) or redirect URIs, of which the origin or private scheme is taken
 * @throws TypeError for anything that is not a URL
 */
export function allowFormAction(ctx: EdgeContext, targets: readonly string[]): void {
  relaxFor(ctx, { formAction: targets });
}

/**
 * Widens the policy of this one answer: hashes of inline scripts (the protocol library's auto-submitting pages)
 * and targets of forms. The library adds the hashes of its own scripts by itself as long as a policy is set.
 * @param ctx the request
 * @param additions `scriptHashes` such as `sha256-…`; `formAction` as in {@link allowFormAction}
 * @throws TypeError for a hash or target that is none
 */
export function relaxFor(
  ctx: EdgeContext,
  additions: { scriptHashes?: readonly string[]; formAction?: readonly string[] },
): void {
  const policy = policies.get(ctx.res);
  if (!policy) throw new Error('the security headers have not been set for this request');
  for (const target of additions.formAction ?? []) policy.formAction.add(sourceOf(target));
  for (const hash of additions.scriptHashes ?? []) {
    if (!/^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$/.test(hash)) throw new TypeError('not a script hash');
    policy.scriptSrc.add(`'${hash}'`);
  }
  setPolicy(ctx);
}

/** An origin for web URLs, the bare scheme for a native app's redirect (RFC 8252 section 7.1). */
function sourceOf(target: string): string {
  const url = new URL(target);
  if (url.protocol === 'https:' || url.protocol === 'http:') return url.origin;
  if (!url.protocol.includes('.')) throw new TypeError('not a target for forms');
  return url.protocol;
}

function setPolicy(ctx: EdgeContext): void {
  const policy = policies.get(ctx.res);
  ctx.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      `script-src ${[...(policy?.scriptSrc ?? [])].join(' ')}`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      `form-action ${[...(policy?.formAction ?? [])].join(' ')}`,
    ].join('; '),
  );
}
