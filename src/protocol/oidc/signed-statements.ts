/**
 * What a JWT of a client must say of itself, so that one made for one purpose is no use for another (RFC 8725 sections
 * 3.11 and 3.12): client assertions and request objects are signed with the same key. The library checks signature,
 * audience and times; the rules of FAPI and of backchannel requests stand here too, since these two checks are ours
 * as a whole.
 */
import { errors, type JsonValue, type KoaContextWithOIDC } from 'oidc-provider';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import { isFapi } from './fapi.ts';

type Words = Record<string, JsonValue | undefined>;

/** Seconds that clocks may differ by; the library is told the same. */
export const clockTolerance = 15;

/** Longest time between `nbf` and `exp` of a FAPI request object, in seconds (Message Signing section 5.3.1). */
const longestFapiRequest = 3600;

/**
 * Builds the checks of what clients sign.
 * @param clock the injected clock
 */
export function signedStatements(clock: Clock) {
  const fromTheFuture = ({ iat }: Words) =>
    typeof iat === 'number' && iat > epochSeconds(clock) + clockTolerance;
  return {
    /**
     * A client assertion (RFC 7523 section 3): its subject is the client, and it is not a token of another type.
     * @throws InvalidClientAuth
     */
    assertion(ctx: KoaContextWithOIDC, claims: Words, header: Words): void {
      const { client } = ctx.oidc;
      if (!isTyped(header, 'client-authentication+jwt'))
        throw new errors.InvalidClientAuth('the assertion is a token of another type');
      if (claims.sub !== client?.clientId)
        throw new errors.InvalidClientAuth('sub (JWT subject) must be the client_id');
      if (fromTheFuture(claims)) throw new errors.InvalidClientAuth('the assertion was issued in the future');
      // FAPI 2.0 Security Profile section 5.3.2.1
      if (isFapi(client) && claims.aud !== ctx.oidc.issuer)
        throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url');
    },
    /**
     * A request object (RFC 9101 section 10.8): it never has the client for its subject, as an assertion has.
     * @throws InvalidRequestObject
     */
    requestObject(ctx: KoaContextWithOIDC, claims: Words, header: Words): void {
      const { client, route } = ctx.oidc;
      const refuse = (words: string) => {
        throw new errors.InvalidRequestObject(words);
      };
      if (!isTyped(header, 'oauth-authz-req+jwt')) refuse('the request object is a token of another type');
      if (claims.sub !== undefined && claims.sub === client?.clientId)
        refuse('a request object must not have its client for its subject');
      if (fromTheFuture(claims)) refuse('the request object was issued in the future');
      const required = [
        ...(isFapi(client) ? ['exp', 'aud', 'nbf'] : []),
        ...(route === 'backchannel_authentication' ? ['exp', 'iat', 'nbf', 'jti'] : []),
      ];
      const missing = required.find((name) => claims[name] === undefined);
      if (missing) refuse(`the request object has no ${missing}`);
      const life = Number(claims.exp) - Number(claims.nbf);
      if (isFapi(client) && !(life > 0 && life <= longestFapiRequest))
        refuse('the request object lives for longer than an hour, or not at all');
    },
  };
}

/** Untyped, typed as any JWT, or typed as what it is (RFC 7515 section 4.1.9). */
function isTyped({ typ }: Words, own: string): boolean {
  if (typ === undefined) return true;
  if (typeof typ !== 'string') return false;
  return ['jwt', own].includes(typ.toLowerCase().replace(/^application\//, ''));
}
