/** Network addresses as the limits count them. Pure. */
import { isIPv4, isIPv6 } from 'node:net';

/** Leading groups of an IPv6 address that one customer of a network is given: 64 bits. */
const customerGroups = 4;

/**
 * The bucket an address is counted in: IPv4 one address, IPv6 its /64, because one customer may use all of it.
 * Every spelling of an address, IPv4 written as IPv6 included, falls into the same bucket (RFC 4291 section 2.2,
 * RFC 5952).
 * @param ip address after trusted proxies, with or without a zone
 * @returns such as `192.0.2.7` or `2001:db8:0:1::/64`; undefined when it is no address
 */
export function addressBucket(ip: string): string | undefined {
  const [address = ''] = ip.trim().split('%');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return ipv4Of(groups[6] ?? 0, groups[7] ?? 0);
  const network = groups.slice(0, customerGroups).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function parse(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
