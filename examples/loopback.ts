/** Plain http is for this machine only. */
import type { Configuration } from 'openid-client';
import { allowInsecureRequests } from 'openid-client';

/**
 * What `openid-client` must be told to speak with an issuer: nothing for https, plain http on the loopback only.
 * @param issuer the issuer's address
 * @throws Error for plain http to another machine
 */
export function insecureOnLoopback(issuer: string): ((config: Configuration) => void)[] {
  const { protocol, hostname } = new URL(issuer);
  if (protocol === 'https:') return [];
  const local =
    hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.[\d.]+|\[::1\])$/.test(hostname);
  if (!local) throw new Error('an issuer that is not on this machine must be spoken to by https');
  return [allowInsecureRequests];
}
