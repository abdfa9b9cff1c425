/**
 * Cookies of the house: `__Host-` (Secure, no Domain, Path=/) wherever the issuer is https, so that no sibling host
 * can plant one (RFC 6265bis section 4.1.3.2). On http, which only a development issuer may be, the bare name.
 */
import type { EdgeContext } from './context.ts';

/** Sets and reads cookies by their short name, such as `device`. */
export interface Cookies {
  /** The name as the browser knows it, such as `__Host-device`. */
  name(short: string): string;
  /** The value sent by the browser. */
  read(ctx: EdgeContext, short: string): string | undefined;
  /** Sets a cookie: HttpOnly, SameSite=Lax, whole host. Without `maxAgeSeconds` it ends with the browser session. */
  write(ctx: EdgeContext, short: string, value: string, options?: { maxAgeSeconds?: number }): void;
  /** Removes a cookie from the browser. */
  clear(ctx: EdgeContext, short: string): void;
  /** Takes back what this request set, except the named cookies. */
  takeBack(ctx: EdgeContext, keep: readonly string[]): void;
}

const cookieValue = /^[\w!#$%&'()*+\-./:<=>?@[\]^`{|}~]*$/;

/**
 * Builds the cookie helper.
 * @param issuer the configured issuer; https makes every cookie Secure and `__Host-`
 */
export function createCookies(issuer: string): Cookies {
  const secure = issuer.startsWith('https://');
  const name = (short: string): string => (secure ? `__Host-${short}` : short);
  const set = (ctx: EdgeContext, short: string, value: string, maxAge: number | undefined): void => {
    if (!cookieValue.test(value))
      throw new TypeError(`the cookie ${short} has characters no cookie may have`);
    const parts = [`${name(short)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
    if (secure) parts.push('Secure');
    if (maxAge !== undefined) parts.push(`Max-Age=${Math.floor(maxAge)}`);
    ctx.append('Set-Cookie', parts.join('; '));
  };
  return {
    name,
    read: (ctx, short) => readCookie(ctx.req.headers.cookie, name(short)),
    write: (ctx, short, value, options = {}) => set(ctx, short, value, options.maxAgeSeconds),
    clear: (ctx, short) => set(ctx, short, '', 0),
    takeBack(ctx, keep) {
      const kept = setCookies(ctx).filter((line) => keep.some((short) => line.startsWith(`${name(short)}=`)));
      ctx.remove('Set-Cookie');
      for (const line of kept) ctx.append('Set-Cookie', line);
    },
  };
}

/**
 * One cookie of a `Cookie` header. A name that comes twice is read as absent: one of them is not ours.
 * @param header the header
 * @param name full name
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  return found.length === 1 ? found[0] : undefined;
}

function setCookies(ctx: EdgeContext): string[] {
  const value = ctx.res.getHeader('Set-Cookie');
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}
