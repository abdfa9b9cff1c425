/**
 * Cross-site request forgery: a token bound to the browser and to what the form is for, and the browser's own word
 * on where the request comes from. Stateless; needs the device cookie.
 */
import type { Clock } from '../kernel/clock.ts';
import { DomainError } from '../kernel/errors.ts';
import { constantTimeEqual, keyedHash } from '../kernel/sealing.ts';
import type { Visit } from '../kernel/visit.ts';
import type { EdgeContext } from './context.ts';

/** Name of the hidden field. */
export const csrfField = '_csrf';

/** Makes and checks tokens. */
export interface Csrf {
  /**
   * The token for a form.
   * @param visit whose browser
   * @param scope what the form is for, such as an interaction's id or `account`
   */
  token(visit: Pick<Visit, 'deviceId'>, scope: string): string;
  /**
   * Refuses a request that does not come from a form we gave this browser.
   * @param ctx the request
   * @param scope the scope the token was made for
   * @param given the token sent
   * @throws DomainError `csrf.refused`
   */
  require(ctx: EdgeContext, scope: string, given: string | string[] | undefined): void;
}

/** What {@link createCsrf} needs. */
export interface CsrfDeps {
  /** Live keys of the tokens, newest first, 32 bytes each. */
  keys(): readonly Buffer[];
  clock: Clock;
  issuer: string;
}

const day = 86_400_000;

/**
 * Builds the protection. A token lives until the end of the next day (UTC), so a form left open over night still works.
 * @param deps keys, clock and issuer
 */
export function createCsrf(deps: CsrfDeps): Csrf {
  const origin = new URL(deps.issuer).origin;
  const today = (): number => Math.floor(deps.clock.now() / day);
  const tokenOf = (key: Buffer, deviceId: string, scope: string, on: number): string =>
    keyedHash(key, 'csrf', deviceId, scope, String(on));
  return {
    token(visit, scope) {
      const [newest] = deps.keys();
      if (!newest) throw new Error('CSRF tokens have no key');
      return visit.deviceId ? tokenOf(newest, visit.deviceId, scope, today()) : '';
    },
    require(ctx, scope, given) {
      const { deviceId } = ctx.state.visit;
      if (isFromElsewhere(ctx, origin) || !deviceId || typeof given !== 'string' || given === '') {
        throw new DomainError('csrf.refused');
      }
      const valid = deps
        .keys()
        .flatMap((key) => [today(), today() - 1].map((on) => tokenOf(key, deviceId, scope, on)));
      // Every candidate is compared: how long it takes says nothing about which one was near.
      const matches = valid.filter((token) => constantTimeEqual(token, given));
      if (matches.length === 0) throw new DomainError('csrf.refused');
    },
  };
}

/**
 * What the browser itself says (Fetch Metadata; RFC 6454). `Origin: null` says nothing: browsers send it with our own
 * forms because our pages carry `no-referrer` (Fetch section 3.2.1); `Sec-Fetch-Site` and the token decide then.
 * @param ctx the request
 * @param issuerOrigin our own origin
 */
export function isFromElsewhere(ctx: EdgeContext, issuerOrigin: string): boolean {
  const site = ctx.req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = ctx.req.headers;
  return origin !== undefined && origin !== 'null' && origin !== issuerOrigin;
}
