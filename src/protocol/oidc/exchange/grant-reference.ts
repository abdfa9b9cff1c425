/**
 * What tokens say beyond the library's claims: who acts (`act`, RFC 8693 section 4.1), and in JWT access tokens, which
 * are kept nowhere, the sealed name of the grant they lean on, so that an exchange can tell whether it still lives.
 * Only this issuer can read it, and no two tokens show that they share it.
 */
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { ifKeyLives, type Sealer } from '../../../base/kernel/sealing.ts';

/** Who acts for the subject. */
export interface Act {
  /** Id of the client that acts, or the agent's subject. */
  sub: string;
  /** The support tool the agent uses; there in impersonation only. */
  client_id?: string | undefined;
  /** Who acted before. */
  act?: Act | undefined;
}

const actShape: z.ZodType<Act> = z.lazy(() =>
  z.object({ sub: z.string(), client_id: z.string().optional(), act: actShape.optional() }),
);

/** What a token leans on: the sign-in of a member. */
export interface Leaning {
  grantId: string;
  /** uid of the session in which it began. */
  sessionUid?: string | undefined;
  /** Whether it dies with that session. */
  bound: boolean;
}

/** The claim that holds the sealed name. */
export const referenceClaim = 'grant_ref';

const referenceShape = z.tuple([z.string(), z.string(), z.boolean()]);
const context = 'tokens.grant_ref';

/** What an exchange adds to the token it makes. */
interface Addition {
  act: Act;
  /** What the token leans on; absent where it must not be exchanged again. */
  leaning: Leaning | undefined;
}

const additions = new WeakMap<object, Addition>();

/**
 * Says what an exchanged token adds; before it is saved.
 * @param token the new token
 * @param addition who acts, and what it leans on
 */
export function addToToken(token: AccessToken, addition: Addition): void {
  additions.set(token, addition);
}

/**
 * Builds the library's `extraTokenClaims`.
 * @param sealer seals the name of the grant
 */
export function createTokenClaims(sealer: Sealer) {
  const reference = ({ grantId, sessionUid, bound }: Leaning) => ({
    [referenceClaim]: sealer.seal(JSON.stringify([grantId, sessionUid ?? '', bound]), context),
  });
  return (_ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials) => {
    const addition = additions.get(token);
    if (addition) return { act: addition.act, ...(addition.leaning && reference(addition.leaning)) };
    if (token.kind !== 'AccessToken' || token.resourceServer?.accessTokenFormat !== 'jwt') return undefined;
    const { grantId, sessionUid, expiresWithSession } = token;
    return reference({ grantId, sessionUid, bound: expiresWithSession === true });
  };
}

/**
 * Reads what a token leans on; undefined when it does not say, or its key was taken away.
 * @param sealer opens the name
 * @param claim the claim's value, of a token that this issuer made
 */
export function leaningOf(sealer: Sealer, claim: unknown): Leaning | undefined {
  if (typeof claim !== 'string') return undefined;
  const plain = ifKeyLives(() => sealer.open(claim, context).toString());
  if (plain === undefined) return undefined;
  const [grantId, sessionUid, bound] = referenceShape.parse(JSON.parse(plain));
  return { grantId, sessionUid: sessionUid || undefined, bound };
}

/**
 * Reads the actors of a token that this issuer made.
 * @param claim `act`
 */
export function actOf(claim: unknown): Act | undefined {
  return claim === undefined ? undefined : actShape.parse(claim);
}

/**
 * The clients that act for the subject, one for the other, the last one first.
 * @param act the actors
 */
export function actorIds(act: Act | undefined): string[] {
  return act ? [act.client_id ?? act.sub, ...actorIds(act.act)] : [];
}
