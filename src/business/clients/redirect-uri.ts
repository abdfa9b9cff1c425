/** Which addresses a client may register, and whether an address is a registered one. Pure rules. */
import { isLoopbackHost } from '../layers/look-shape.ts';

/** A web application has a server or origin of its own; a native one runs on the person's device. */
export type ApplicationType = 'web' | 'native';

const maxLength = 2048;

/**
 * Why an address must not be registered as a redirect target (RFC 6749 section 3.1.2, RFC 8252 sections 7 and 8,
 * RFC 9700 section 2.1): it would let a code run as script, leak in clear text, or reach somebody else's app.
 * @param uri the address exactly as it will be compared
 * @param type web or native
 * @returns what is wrong, for an operator; undefined when nothing is
 */
export function redirectUriFault(uri: string, type: ApplicationType): string | undefined {
  const common = textFault(uri);
  if (common) return common;
  const url = new URL(uri);
  if (url.protocol === 'https:') {
    return isLoopbackHost(url.hostname) && type === 'native'
      ? 'a native app cannot hold a certificate for loopback: use http://127.0.0.1'
      : undefined;
  }
  if (url.protocol === 'http:') {
    return isLoopbackHost(url.hostname) ? undefined : 'http is allowed on loopback only: use https';
  }
  if (type === 'web') return 'a web application needs https';
  const scheme = url.protocol.slice(0, -1);
  return scheme.includes('.')
    ? undefined
    : 'a private-use scheme must be a reversed domain name, such as com.example.app';
}

/**
 * Why an address must not be called or linked by the house: it needs https, or http on this machine.
 * @param uri absolute address
 * @returns what is wrong, for an operator; undefined when nothing is
 */
export function serverUriFault(uri: string): string | undefined {
  const common = textFault(uri);
  if (common) return common;
  const url = new URL(uri);
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:' && isLoopbackHost(url.hostname)) return undefined;
  return 'must be https (http on loopback only)';
}

/**
 * Whether an address is one of the registered ones, letter by letter (RFC 9700 section 2.1). Only the port of a native
 * app's loopback address is free, as the system gives it out at the moment; and only at an IP literal, since a name may
 * lead elsewhere (RFC 8252 sections 7.3 and 8.3).
 * @param uri what a request asks for
 * @param registered the client's addresses
 * @param type web or native
 */
export function isRegisteredUri(
  uri: string,
  registered: readonly string[],
  type: string | undefined,
): boolean {
  if (registered.includes(uri)) return true;
  if (type !== 'native' || !URL.canParse(uri)) return false;
  const asked = withoutLoopbackPort(uri);
  return registered.some((known) => withoutLoopbackPort(known) === asked);
}

function withoutLoopbackPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/, '$1');
}

function textFault(uri: string): string | undefined {
  if (uri.length > maxLength) return `longer than ${maxLength} characters`;
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'only visible ASCII characters are allowed';
  if (/[\\"<>^`{|}]/.test(uri)) return 'holds a character that no URI has';
  if (!URL.canParse(uri)) return 'not an absolute URI';
  if (uri.includes('*')) return 'wildcards are not allowed';
  if (uri.includes('#')) return 'fragments are not allowed';
  const url = new URL(uri);
  if (url.username || url.password) return 'user information is not allowed';
  if (/^https?:$/.test(url.protocol) && !/^https?:\/\/[^/]/.test(uri))
    return 'two slashes and a host are needed';
  return /\/\.{1,2}(?:[/?]|$)|%2e/i.test(uri) ? 'dot segments are not allowed' : undefined;
}
