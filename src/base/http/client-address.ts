/** The caller's address behind a known number of own proxies. Pure. */
import { isIP } from 'node:net';

/**
 * The address of the caller. Each proxy of ours appends the address it saw, so with n proxies the caller is the
 * n-th entry from the right; everything further left was written by the caller and is not believed.
 * @param socketAddress the address of the connection
 * @param forwardedFor the `X-Forwarded-For` header, all its lines joined by commas
 * @param trustedProxies how many proxies of ours stand in front
 * @returns a normalised address; undefined when even the connection has none
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string | undefined {
  const connection = normaliseAddress(socketAddress ?? '');
  if (trustedProxies === 0 || !forwardedFor) return connection;
  const entries = forwardedFor.split(',');
  const claimed = entries[entries.length - trustedProxies];
  return (claimed === undefined ? undefined : normaliseAddress(claimed)) ?? connection;
}

/**
 * One spelling per address: no port, no brackets, no zone, mapped IPv4 unwrapped, IPv6 compressed in lower case.
 * @param text an address as sockets and proxies write it
 * @returns undefined when it is not an address
 */
export function normaliseAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d{1,5})?$/, '$1')
    .replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/, '$1')
    .replace(/%[\w.-]{1,32}$/, '');
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return undefined;
  const compressed = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  return mappedAddress(compressed) ?? compressed;
}

/** The IPv4 address inside `::ffff:7f00:1`. */
function mappedAddress(compressed: string): string | undefined {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  if (!match) return undefined;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
