/**
 * How the library reads what clients publish, such as the keys at their `jwks_uri`: through the guarded caller, which
 * refuses private addresses after resolution, follows no redirects and limits time and size. An address that failed is
 * left alone for a while, so that nobody can make this server call it again and again.
 */
import type { Configuration } from 'oidc-provider';
import { type Outbound, OutboundError } from '../../base/http/outbound.ts';
import type { Clock } from '../../base/kernel/clock.ts';

/** Most bytes of a document. */
export const documentLimit = 64 * 1024;

/** How long a failed address is left alone. */
const restMs = 15_000;
const mostRemembered = 1_000;

/**
 * Builds the library's `fetch`.
 * @param deps guarded caller, clock
 */
export function createDocumentFetch(deps: {
  outbound: Pick<Outbound, 'fetch'>;
  clock: Clock;
}): NonNullable<Configuration['fetch']> {
  /** When an address that failed may be called again. */
  const resting = new Map<string, number>();

  const rest = (url: string) => {
    resting.delete(url);
    resting.set(url, deps.clock.now() + restMs);
    const oldest = resting.size > mostRemembered ? resting.keys().next().value : undefined;
    if (oldest !== undefined) resting.delete(oldest);
  };

  return async (url, init) => {
    const address = String(url);
    if ((resting.get(address) ?? 0) > deps.clock.now()) throw new OutboundError('network');
    try {
      const response = await deps.outbound.fetch(address, {
        method: init?.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init?.headers)),
        ...(init?.body && { body: String(init.body) }),
        ...(init?.signal && { signal: init.signal }),
      });
      if (response.status !== 200) rest(address);
      // A lifetime of its publisher's choosing would let an unknown key wait for as long: the library's minute holds.
      response.headers.delete('cache-control');
      response.headers.delete('expires');
      return response;
    } catch (error) {
      rest(address);
      throw error;
    }
  };
}
