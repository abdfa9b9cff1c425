/**
 * Tokens that are presented for an exchange: read, verified, and found to be alive with the grant, the session, the
 * clients and the member behind them. Whatever is wrong, the answer is the same: nothing. It never decides who may
 * exchange what.
 */
import { createPublicKey } from 'node:crypto';
import { type JWTPayload, type JWTVerifyOptions, errors as joseErrors, jwtVerify } from 'jose';
import type { AccessToken, Provider, TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import { type Clock, dateOf, epochSeconds } from '../../../base/kernel/clock.ts';
import type { Sealer } from '../../../base/kernel/sealing.ts';
import type { Keys } from '../../../base/keys/keys.ts';
import { signingAlgorithms } from '../../../business/clients/client-metadata.ts';
import type { ClientRecord } from '../../../business/clients/client-record.ts';
import type { Members } from '../../../people/members/members.ts';
import { memberOfRequest } from '../account.ts';
import { artefactId } from '../artefacts/model.ts';
import { currentUnit } from '../artefacts/unit.ts';
import type { SessionInfo } from '../sessions.ts';
import { type Act, actOf, actorIds, type Leaning, leaningOf, referenceClaim } from './grant-reference.ts';

/** What reading tokens needs. */
export interface PresentedDeps {
  issuer: string;
  keys: Pick<Keys, 'publishedJwks'>;
  clock: Clock;
  sealer: Sealer;
  members: Members;
  /** Live clients only. */
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  /** A member's live sessions. */
  sessionsOf(memberId: string): Promise<readonly SessionInfo[]>;
}

/** A token that is alive. */
export interface Presented {
  memberId: string;
  /** Whom it was issued to. */
  clientId: string;
  /** The resource it is for; undefined for one that opens userinfo. */
  audience: string | undefined;
  scopes: ReadonlySet<string>;
  /** In seconds since the epoch. */
  expiresAt: number;
  act: Act | undefined;
  /** Thumbprints of what the token is bound to (RFC 7800). */
  jkt: string | undefined;
  x5t: string | undefined;
  leaning: Leaning;
}

/** Longer than any token that is issued here. */
const longestToken = 8192;

/** A request with the provider that answers it. */
export interface Exchange {
  provider: Provider;
  ctx: TokenEndpointGrantContext;
}

const accessClaims = z.object({
  client_id: z.string(),
  aud: z.string(),
  exp: z.number(),
  scope: z.string().default(''),
  cnf: z.object({ jkt: z.string().optional(), 'x5t#S256': z.string().optional() }).default({}),
});

const idClaims = z.object({ sub: z.string(), auth_time: z.int(), events: z.never().optional() });

/**
 * Reads an access token, opaque or JWT (RFC 9068).
 * @param deps keys, clients, members
 * @param exchange the request
 * @param token as presented
 * @returns undefined unless it was issued here and everything it rests on is alive
 */
export async function readAccessToken(
  deps: PresentedDeps,
  exchange: Exchange,
  token: string,
): Promise<Presented | undefined> {
  if (token.length > longestToken) return undefined;
  const claimed = await (token.includes('.') ? fromJwt(deps, token) : fromStore(deps, exchange, token));
  if (!claimed || claimed.expiresAt <= epochSeconds(deps.clock)) return undefined;
  for (const id of [claimed.clientId, ...actorIds(claimed.act)])
    if (!(await deps.findClient(id))) return undefined;
  const memberId = await memberBehind(deps, exchange, claimed.leaning);
  return memberId === undefined ? undefined : { ...claimed, memberId };
}

/** A JWT access token as it is told to whoever may introspect it: all it says but the name of its grant. */
export interface StructuredToken {
  claims: JWTPayload;
  clientId: string;
  /** Whether it is bound to a DPoP key. */
  byProof: boolean;
}

/**
 * Reads a JWT access token (RFC 9068): of a member, while the sign-in behind it lives; of a client for itself, while
 * the client does.
 * @param deps keys, clients, members
 * @param provider the library's instance
 * @param token as presented
 * @returns its claims; undefined unless it was issued here and everything it rests on is alive
 */
export async function readStructuredToken(
  deps: PresentedDeps,
  provider: Provider,
  token: string,
): Promise<StructuredToken | undefined> {
  const payload = await verified(deps, token, {}, ['at+jwt']);
  const parsed = accessClaims.safeParse(payload);
  if (!payload || !parsed.success) return undefined;
  for (const id of [parsed.data.client_id, ...actorIds(actOf(payload.act))])
    if (!(await deps.findClient(id))) return undefined;
  const { [referenceClaim]: reference, ...claims } = payload;
  const leaning = leaningOf(deps.sealer, reference);
  if (reference !== undefined && !leaning) return undefined;
  const lives = leaning
    ? (await memberBehind(deps, { provider }, leaning)) !== undefined
    : payload.sub === parsed.data.client_id || (await isActive(deps, String(payload.sub)));
  const { client_id: clientId, cnf } = parsed.data;
  return lives ? { claims, clientId, byProof: cnf.jkt !== undefined } : undefined;
}

async function isActive(deps: PresentedDeps, memberId: string): Promise<boolean> {
  return (await memberOfRequest(deps.members, memberId))?.status === 'active';
}

/**
 * Reads an ID token that was issued to the client that presents it, of a member who is still signed in there.
 * @param deps keys, sessions, members
 * @param exchange the request
 * @param token as presented
 */
export async function readIdToken(
  deps: PresentedDeps,
  { provider, ctx }: Exchange,
  token: string,
): Promise<Pick<Presented, 'memberId' | 'leaning'> | undefined> {
  const { clientId } = ctx.oidc.client;
  const claims = idClaims.safeParse(await verified(deps, token, { audience: clientId }, [undefined, 'JWT']));
  if (!claims.success) return undefined;
  const { sub: memberId, auth_time: at } = claims.data;
  // The sign-in that the token tells of must be open: a later one is another.
  const open = (await deps.sessionsOf(memberId)).find(
    ({ signedInAt, clients }) => signedInAt.getTime() === at * 1000 && clients.includes(clientId),
  );
  const session = open && (await provider.Session.findByUid(open.uid));
  const grantId = session?.grantIdFor(clientId);
  if (!open || !grantId) return undefined;
  const leaning = { grantId, sessionUid: open.uid, bound: true };
  return (await memberBehind(deps, { provider }, leaning)) === memberId ? { memberId, leaning } : undefined;
}

type Claimed = Omit<Presented, 'memberId'>;

async function fromStore(
  deps: PresentedDeps,
  { provider }: Exchange,
  value: string,
): Promise<Claimed | undefined> {
  // The library looks at expiry and at the session the token is bound to.
  const token: AccessToken | undefined = await provider.AccessToken.find(value);
  if (!token?.grantId || token.exp === undefined) return undefined;
  const grant = await provider.Grant.find(token.grantId);
  if (grant?.clientId !== token.clientId || grant?.accountId !== token.accountId) return undefined;
  const { grantId, sessionUid, expiresWithSession, aud, extra } = token;
  const own = { grantId, sessionUid, bound: expiresWithSession === true };
  const leaning = extra?.act === undefined ? own : leaningOf(deps.sealer, extra[referenceClaim]);
  return (
    leaning && {
      clientId: String(token.clientId),
      audience: Array.isArray(aud) ? aud[0] : aud,
      scopes: token.scopes,
      expiresAt: token.exp,
      act: actOf(extra?.act),
      jkt: token.jkt,
      x5t: token['x5t#S256'],
      leaning,
    }
  );
}

async function fromJwt(deps: PresentedDeps, token: string): Promise<Claimed | undefined> {
  const payload = await verified(deps, token, {}, ['at+jwt']);
  const claims = accessClaims.safeParse(payload);
  // Without a grant it is a client's own token, or one that must not be exchanged.
  const leaning = claims.success ? leaningOf(deps.sealer, payload?.[referenceClaim]) : undefined;
  if (!claims.success || !leaning) return undefined;
  const { client_id, aud, exp, scope, cnf } = claims.data;
  return {
    clientId: client_id,
    audience: aud,
    scopes: new Set(scope.split(' ').filter(Boolean)),
    expiresAt: exp,
    act: actOf(payload?.act),
    jkt: cnf.jkt,
    x5t: cnf['x5t#S256'],
    leaning,
  };
}

/** The claims of a JWT that a key of this issuer signed, of one of the given types; undefined for any other. */
async function verified(
  deps: PresentedDeps,
  token: string,
  options: JWTVerifyOptions,
  types: readonly (string | undefined)[],
): Promise<JWTPayload | undefined> {
  if (token.length > longestToken) return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      ({ kid, alg }) => {
        const jwk = deps.keys.publishedJwks().find((key) => key.kid === kid && key.alg === alg);
        if (!jwk) throw new joseErrors.JWKSNoMatchingKey();
        return createPublicKey({ key: jwk, format: 'jwk' });
      },
      {
        ...options,
        issuer: deps.issuer,
        algorithms: [...signingAlgorithms],
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: dateOf(deps.clock),
      },
    );
    return types.includes(protectedHeader.typ) ? payload : undefined;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return undefined;
    throw error;
  }
}

/** The member whose sign-in a token leans on, while grant, client, session and member are alive. */
async function memberBehind(
  deps: PresentedDeps,
  { provider }: Pick<Exchange, 'provider'>,
  { grantId, sessionUid, bound }: Leaning,
): Promise<string | undefined> {
  if (bound && sessionUid) currentUnit().hint([artefactId('Session', sessionUid)], []);
  const grant = await provider.Grant.find(grantId);
  const { accountId, clientId } = grant ?? {};
  if (!accountId || !clientId || !(await deps.findClient(clientId))) return undefined;
  if (bound) {
    const session = sessionUid ? await provider.Session.findByUid(sessionUid) : undefined;
    if (session?.accountId !== accountId || session.grantIdFor(clientId) !== grantId) return undefined;
  }
  return (await isActive(deps, accountId)) ? accountId : undefined;
}
