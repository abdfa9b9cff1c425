/**
 * Security headers of every answer: pages, redirects, errors, files and the protocol's own endpoints. Set before
 * anything else runs, so that no path can forget them. Pages add what they need through typed setters.
 */
import type { ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { EdgeMiddleware } from './context.ts';

const policyHeader = 'Content-Security-Policy';

const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "form-action 'self'",
].join('; ');

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
    ctx.set(policyHeader, contentSecurityPolicy);
    await next();
    if (!ctx.headerSent && ctx.response.is('html')) ctx.set('Cache-Control', 'no-store');
  };
}

/** The part of a Koa context that carries the headers; the protocol library's context has it as well. */
export interface Answering {
  readonly res: ServerResponse;
}

/**
 * Lets the forms of this page end at other origins: Chromium applies `form-action` to every redirect that follows
 * a submission, so the page that leads back to a client names the client's origin.
 * @param ctx the request
 * @param targets origins (`https://shop.example`) or redirect URIs, of which the origin or private scheme is taken
 * @throws TypeError for anything that is not a URL
 */
export function allowFormAction(ctx: Answering, targets: readonly string[]): void {
  relaxFor(ctx, { formAction: targets });
}

/**
 * Widens the policy of this one answer: hashes of inline scripts (the protocol library's auto-submitting pages)
 * and targets of forms. Only ever adds to the header, so that hashes the library itself has added stay.
 * @param ctx the request
 * @param additions `scriptHashes` such as `sha256-…`; `formAction` as in {@link allowFormAction}
 * @throws TypeError for a hash or target that is none
 */
export function relaxFor(
  ctx: Answering,
  additions: { scriptHashes?: readonly string[]; formAction?: readonly string[] },
): void {
  const policy = ctx.res.getHeader(policyHeader);
  if (typeof policy !== 'string') throw new Error('the security headers have not been set for this request');
  const targets = (additions.formAction ?? []).map(sourceOf);
  const hashes = (additions.scriptHashes ?? []).map(hashSource);
  ctx.res.setHeader(policyHeader, widened(widened(policy, 'form-action', targets), 'script-src', hashes));
}

/**
 * Lets this page show documents of ours in frames.
 * @param ctx the request
 */
export function allowOwnFrames(ctx: Answering): void {
  const policy = ctx.res.getHeader(policyHeader);
  if (typeof policy !== 'string') throw new Error('the security headers have not been set for this request');
  ctx.res.setHeader(policyHeader, `${policy}; frame-src 'self'`);
}

/**
 * A sandbox without scripts and forms. `allow-same-origin` lets our own style sheets in, which are for our origin only;
 * without `allow-scripts` there is nobody in the document who could make use of it.
 */
const inertPolicy = (styles: string) =>
  [
    "default-src 'none'",
    `style-src 'self' data:${styles}`,
    "img-src 'self' data:",
    "script-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-same-origin',
  ].join('; ');

/**
 * Makes this answer a document to be looked at in a frame of ours: it runs nothing, sends nothing, and is in no index.
 * @param ctx the request
 * @param kind a mail says its own styles, since mail programs know no other; a page says none
 */
export function makeInert(ctx: Answering, kind: 'page' | 'mail' = 'page'): void {
  ctx.res.setHeader(policyHeader, inertPolicy(kind === 'mail' ? " 'unsafe-inline'" : ''));
  ctx.res.setHeader('X-Frame-Options', 'SAMEORIGIN');
  ctx.res.setHeader('X-Robots-Tag', 'noindex, nofollow');
}

function widened(policy: string, name: string, sources: readonly string[]): string {
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/));
  for (const directive of directives) {
    if (directive[0] !== name) continue;
    for (const source of sources) if (!directive.includes(source)) directive.push(source);
  }
  return directives.map((directive) => directive.join(' ')).join('; ');
}

/** URL parsers let `*`, `;` and `,` pass in a host, where a policy would read them as syntax. */
const plainOrigin = /^https?:\/\/[a-z0-9._-]+(:\d+)?$|^https?:\/\/\[[0-9a-f:]+\](:\d+)?$/;

/** An origin for web URLs, the bare scheme for a native app's redirect (RFC 8252 section 7.1). */
function sourceOf(target: string): string {
  const url = new URL(target);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  if (web ? !plainOrigin.test(url.origin) : !url.protocol.includes('.')) {
    throw new TypeError('not a target for forms');
  }
  return web ? url.origin : url.protocol;
}

function hashSource(hash: string): string {
  if (!/^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$/.test(hash)) throw new TypeError('not a script hash');
  return `'${hash}'`;
}
