/**
 * Token exchange (RFC 8693), each use by an operator's policy on the client and never without: a service acts for a
 * member whose token it was given, and a support tool's agent acts as a member. It only ever takes away: what comes out
 * says no more and lives no longer than what went in, names who acts, and dies with the sign-in behind it.
 */
import { hash, type X509Certificate } from 'node:crypto';
import { type AccessToken, errors, type Provider } from 'oidc-provider';
import {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  checkMtlsCert,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js';
import type { EdgeContext } from '../../../base/http/context.ts';
import { epochSeconds } from '../../../base/kernel/clock.ts';
import type { ExchangePolicy } from '../../../business/clients/client-exchange.ts';
import { tokenExchangeGrant } from '../../../business/clients/client-metadata.ts';
import type { Member } from '../../../people/members/members.ts';
import { memberOfRequest } from '../account.ts';
import { leanOnGrant } from '../artefacts/lean.ts';
import type { MutualTls } from '../mtls.ts';
import { type ResourceDeps, resourceServer } from '../resources.ts';
import { type ScopeLevelDeps, unreachedScopes } from '../scope-levels.ts';
import { type Act, actorIds, addToToken, type Leaning } from './grant-reference.ts';
import { type Exchange, type PresentedDeps, readAccessToken, readIdToken } from './presented.ts';
import { accessTokenType, type ExchangeRequest, parameters, type Reason, readRequest } from './request.ts';

/** An agent got a token to act as a member. */
export interface Impersonation {
  member: Member;
  agentId: string;
  clientId: string;
  /** Resource indicator. */
  resource: string;
  reason: Reason;
}

/** What the exchange is made of. */
export interface TokenExchangeDeps extends PresentedDeps, ResourceDeps, ScopeLevelDeps {
  mtls: MutualTls | undefined;
  /** Records it and tells the member, in a transaction; there is no token unless this has succeeded. */
  onImpersonation(ctx: EdgeContext, fact: Impersonation): Promise<void>;
}

/** Services that may act one for the other: a member's app, an API behind it, and one more. */
const mostActors = 3;

/** An agent's token lives ten minutes at most, and the agent must have signed in within the hour. */
const longestImpersonation = 600;
const agentFreshness = 3600;

/**
 * Registers the grant.
 * @param provider the library's instance
 * @param deps keys, members, clients, the program's resources
 */
export function registerTokenExchange(provider: Provider, deps: TokenExchangeDeps): void {
  provider.registerGrantType(tokenExchangeGrant, (ctx) => answer(deps, { provider, ctx }), parameters, [
    'resource',
    'audience',
  ]);
}

async function answer(deps: TokenExchangeDeps, exchange: Exchange): Promise<void> {
  const { client, params } = exchange.ctx.oidc;
  const policy = (await deps.findClient(client.clientId))?.tokenExchange ?? {};
  if (client.clientAuthMethod === 'none' || (!policy.delegation && !policy.impersonation)) unauthorized();
  const request = readRequest(params);
  const proof = await proofOf(deps, exchange);
  if (request.use === 'delegation') {
    await delegate(deps, { ...exchange, policy, proof }, request);
    return;
  }
  await impersonate(deps, { ...exchange, policy, proof }, request);
}

/** A request under way. */
interface Asked extends Exchange {
  policy: Readonly<ExchangePolicy>;
  proof: Proof;
}

async function delegate(
  deps: TokenExchangeDeps,
  asked: Asked,
  request: ExchangeRequest & { use: 'delegation' },
): Promise<void> {
  const policy = asked.policy.delegation ?? unauthorized();
  const server = await targetServer(deps, asked, request.target, policy.resources);
  const subject = await readAccessToken(deps, asked, request.token);
  const { clientId } = asked.ctx.oidc.client;
  const from = [subject?.audience, subject?.clientId];
  if (!subject || !from.some((each) => each !== undefined && policy.from.includes(each)))
    return refuseToken('subject_token');
  // Whoever acts as a member does so alone; and a chain of services has an end.
  if (isImpersonation(subject.act) || actorIds(subject.act).length >= mostActors)
    refuseToken('subject_token');
  if (!proves(asked.proof, subject)) refuseToken('subject_token');
  const allowed = await reached(deps, asked, {
    scopes: policy.scopes.filter((scope) => subject.scopes.has(scope)),
    sessionUid: subject.leaning.sessionUid,
  });
  const member = await memberOfRequest(deps.members, subject.memberId);
  const waiting = member ? await deps.waitingScopes(member, { clientId, scopes: allowed }) : [];
  const answered = allowed.filter((scope) => !waiting.includes(scope));
  await issue(asked, {
    memberId: subject.memberId,
    server,
    scopes: scopesOf(request.scopes, answered, server),
    life: subject.expiresAt - epochSeconds(deps.clock),
    act: { sub: clientId, ...(subject.act && { act: subject.act }) },
    leaning: subject.leaning,
    certificate: subject.x5t ? asked.proof.certificate : undefined,
  });
}

async function impersonate(
  deps: TokenExchangeDeps,
  asked: Asked,
  request: ExchangeRequest & { use: 'impersonation' },
): Promise<void> {
  const policy = asked.policy.impersonation ?? unauthorized();
  const server = await targetServer(deps, asked, request.target, policy.resources);
  const possible = scopesOf(request.scopes, policy.scopes, server);
  const agent = (await agentOf(deps, asked, request.agent)) ?? refuseToken('actor_token');
  const allowed = await reached(deps, asked, { scopes: possible, sessionUid: agent.leaning.sessionUid });
  const scopes = scopesOf(request.scopes, allowed, server);
  const member = await memberOfRequest(deps.members, request.memberId);
  if (member?.status !== 'active' || member._id === agent.memberId) return refuseToken('subject_token');
  const { clientId } = asked.ctx.oidc.client;
  await issue(asked, {
    memberId: member._id,
    server,
    scopes,
    life: longestImpersonation,
    act: { sub: agent.memberId, client_id: clientId },
    leaning: agent.leaning,
    record: () =>
      deps.onImpersonation(asEdge(asked.ctx), {
        member,
        agentId: agent.memberId,
        clientId,
        resource: request.target,
        reason: request.reason,
      }),
  });
}

/** Without those scopes that the sign-in behind the exchange, the member's or the agent's, is not enough for. */
async function reached(
  deps: TokenExchangeDeps,
  { ctx, provider }: Asked,
  { scopes, sessionUid }: { scopes: readonly string[]; sessionUid: string | undefined },
): Promise<readonly string[]> {
  const unreached = await unreachedScopes(deps, { clientId: ctx.oidc.client.clientId, scopes }, async () => {
    const session = sessionUid ? await provider.Session.findByUid(sessionUid) : undefined;
    return session && { acr: session.acr, at: session.loginTs };
  });
  return scopes.filter((scope) => !unreached.includes(scope));
}

/** The agent: signed in at this very client a short while ago, and still. */
async function agentOf(
  deps: TokenExchangeDeps,
  asked: Asked,
  { token, type }: { token: string; type: string },
): Promise<{ memberId: string; leaning: Leaning } | undefined> {
  const read = type === accessTokenType ? await readAccessToken(deps, asked, token) : undefined;
  const usable =
    read && read.clientId === asked.ctx.oidc.client.clientId && !read.act && proves(asked.proof, read);
  const agent = type === accessTokenType ? usable && read : await readIdToken(deps, asked, token);
  const uid = agent ? agent.leaning.sessionUid : undefined;
  const session = uid ? await asked.provider.Session.findByUid(uid) : undefined;
  if (!agent || session?.accountId !== agent.memberId) return undefined;
  return epochSeconds(deps.clock) - (session.loginTs ?? 0) <= agentFreshness ? agent : undefined;
}

function isImpersonation(act: Act | undefined): boolean {
  return act?.client_id !== undefined;
}

/** What the client has proven beside who it is. */
interface Proof {
  dpop: Awaited<ReturnType<typeof validateDpop>>;
  certificate: X509Certificate | undefined;
}

async function proofOf(deps: TokenExchangeDeps, { provider, ctx }: Exchange): Promise<Proof> {
  const dpop = await validateDpop(provider, ctx);
  checkDpopRequired(provider, ctx, dpop);
  return { dpop, certificate: deps.mtls?.certificates.of(ctx.req) };
}

/** A bound token is worth nothing to whoever cannot prove its key, here as everywhere (RFC 9449, RFC 8705). */
function proves({ dpop, certificate }: Proof, token: { jkt: string | undefined; x5t: string | undefined }) {
  if (token.jkt !== undefined && token.jkt !== dpop?.thumbprint) return false;
  return (
    token.x5t === undefined ||
    (certificate !== undefined && token.x5t === hash('sha256', certificate.raw, 'base64url'))
  );
}

async function targetServer(
  deps: TokenExchangeDeps,
  { provider, ctx }: Exchange,
  target: string,
  allowed: readonly string[],
) {
  if (!allowed.includes(target)) throw new errors.InvalidTarget();
  const info = await resourceServer(deps, target, ctx.oidc.client.clientId);
  return new provider.ResourceServer(target, info);
}

type Server = Awaited<ReturnType<typeof targetServer>>;

/** What was asked, when all of it may be had; everything that may be had, when nothing was asked. */
function scopesOf(
  asked: readonly string[] | undefined,
  allowed: readonly string[],
  server: Server,
): readonly string[] {
  const possible = allowed.filter((scope) => server.scopes.has(scope));
  const beyond = asked?.filter((scope) => !possible.includes(scope)) ?? [];
  if (beyond.length > 0) throw new errors.InvalidScope('requested scope is not allowed', beyond.join(' '));
  if (possible.length === 0) throw new errors.InvalidScope('no scope is left for this resource', '');
  return asked ?? possible;
}

/** What is to be issued. */
interface Wanted {
  memberId: string;
  server: Server;
  scopes: readonly string[];
  /** Seconds; the resource's own lifetime when that is shorter. */
  life: number;
  act: Act;
  leaning: Leaning;
  certificate?: X509Certificate | undefined;
  /** Comes first: without its record there is no token. */
  record?: () => Promise<void>;
}

async function issue({ provider, ctx, proof }: Asked, wanted: Wanted): Promise<void> {
  const { server, memberId, leaning } = wanted;
  const { client } = ctx.oidc;
  const expiresIn = Math.min(wanted.life, server.accessTokenTTL ?? longestImpersonation);
  const scope = wanted.scopes.join(' ');
  const certificate = checkMtlsCert(provider, ctx) ?? wanted.certificate;
  await checkDpopReplay(provider, ctx, proof.dpop, client.clientId, errors.InvalidDpopProof);
  await wanted.record?.();
  const grantId =
    server.accessTokenFormat === 'opaque'
      ? await ownGrant({ provider, ctx }, { memberId, server, scope, expiresIn, leaning })
      : leaning.grantId;
  const token: AccessToken = new provider.AccessToken({
    accountId: memberId,
    client,
    grantId,
    gty: tokenExchangeGrant,
    scope,
    expiresIn,
    resourceServer: server,
  });
  if (certificate) token.setThumbprint('x5t', certificate);
  if (proof.dpop) token.setThumbprint('jkt', proof.dpop.thumbprint);
  addToToken(token, { act: wanted.act, leaning: isImpersonation(wanted.act) ? undefined : leaning });
  ctx.oidc.entity('AccessToken', token);
  const accessToken = await token.save();
  const { tokenType } = token;
  ctx.body = buildTokenResponse(provider, {
    accessToken,
    expiresIn,
    issuedTokenType: accessTokenType,
    scope,
    tokenType,
  });
}

/**
 * An opaque token is asked about, and is alive only under a grant of its own client: it gets one, which belongs to the
 * member's security epoch and disappears together with the grant of the sign-in behind it.
 */
async function ownGrant(
  { provider, ctx }: Exchange,
  of: { memberId: string; server: Server; scope: string; expiresIn: number; leaning: Leaning },
): Promise<string> {
  const grant = new provider.Grant({
    accountId: of.memberId,
    clientId: ctx.oidc.client.clientId,
  });
  // A property of every token, left out of the type of this one.
  Reflect.set(grant, 'expiresIn', of.expiresIn);
  grant.addResourceScope(of.server.identifier(), of.scope);
  const id = await grant.save();
  await leanOnGrant(id, of.leaning.grantId);
  return id;
}

/** The library answers on the same context as everybody else; only its type does not say so. */
function asEdge(ctx: unknown): EdgeContext {
  return ctx as EdgeContext;
}

function unauthorized(): never {
  throw new errors.UnauthorizedClient('this client has no policy for such an exchange');
}

/** RFC 8693 section 2.2.2: whatever is wrong with a token, the request is what is invalid. */
function refuseToken(name: 'subject_token' | 'actor_token'): never {
  throw new errors.InvalidRequest(`${name} is invalid`);
}
