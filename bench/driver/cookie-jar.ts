/** A small cookie jar for one origin: what a browser keeps of Set-Cookie, by name and path (RFC 6265 section 5). */

interface Kept {
  name: string;
  value: string;
  path: string;
}

/** Cookies of one browser at one origin. */
export interface CookieJar {
  /** Takes over the Set-Cookie headers of an answer; an expiry in the past removes. */
  keep(headers: readonly string[]): void;
  /** The Cookie header for a path; empty when none fits. */
  header(path: string): string;
  /** A new jar with only the cookies of these names. */
  only(names: readonly string[]): CookieJar;
}

/**
 * Makes a jar.
 * @param initial cookies it begins with
 */
export function createCookieJar(initial: readonly Kept[] = []): CookieJar {
  const kept = new Map<string, Kept>(initial.map((cookie) => [keyOf(cookie), cookie]));
  return {
    keep(headers) {
      for (const header of headers) {
        const { cookie, expired } = parse(header);
        if (expired) kept.delete(keyOf(cookie));
        else kept.set(keyOf(cookie), cookie);
      }
    },
    header(path) {
      const fitting = [...kept.values()].filter((cookie) => fits(cookie.path, path));
      fitting.sort((a, b) => b.path.length - a.path.length);
      return fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
    only(names) {
      return createCookieJar([...kept.values()].filter(({ name }) => names.includes(name)));
    },
  };
}

function keyOf({ name, path }: Kept): string {
  return `${name};${path}`;
}

function fits(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

function parse(header: string): { cookie: Kept; expired: boolean } {
  const [pair = '', ...attributes] = header.split(';');
  const separator = pair.indexOf('=');
  const cookie = {
    name: pair.slice(0, separator).trim(),
    value: pair.slice(separator + 1).trim(),
    path: '/',
  };
  let expired = false;
  for (const attribute of attributes) {
    const [name = '', value = ''] = attribute.split('=').map((part) => part.trim());
    if (/^path$/i.test(name) && value.startsWith('/')) cookie.path = value;
    if (/^expires$/i.test(name)) expired ||= Date.parse(value) <= Date.now();
    if (/^max-age$/i.test(name)) expired ||= Number(value) <= 0;
  }
  return { cookie, expired };
}
