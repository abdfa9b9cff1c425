/** Addresses that are not on the public Internet (IANA special-purpose registries, RFC 6890). Pure. */
import { BlockList, isIP } from 'node:net';
import { normaliseAddress } from './client-address.ts';

const special = new BlockList();

const ranges4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Inside of 2000::/3, the only block that is routed publicly: protocol assignments, tunnels, documentation. */
const ranges6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

for (const range of ranges4) add(range, 'ipv4');
for (const range of ranges6) add(range, 'ipv6');

const publicSix = new BlockList();
publicSix.addSubnet('2000::', 3, 'ipv6');

function add(range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', bits = ''] = range.split('/');
  special.addSubnet(network, Number(bits), family);
}

/**
 * Whether an address is anything but a public unicast address. Tunnels and translations (6to4, Teredo, NAT64) count
 * as special: they carry an IPv4 address that would escape the judgement.
 * @param text an address; anything else counts as special
 */
export function isSpecialAddress(text: string): boolean {
  const address = normaliseAddress(text);
  if (address === undefined) return true;
  if (isIP(address) === 4) return special.check(address, 'ipv4');
  return !publicSix.check(address, 'ipv6') || special.check(address, 'ipv6');
}
