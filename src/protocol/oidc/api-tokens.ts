/**
 * Access tokens at the issuer's own APIs: read from the artefact store, without a call to anybody, together with all
 * they lean on. A token opens an API while its grant, session, client and member are alive, for scopes its client may
 * have at this moment. Decides nothing about what a caller may do beyond its scopes.
 */
import { hash } from 'node:crypto';
import { type AccessToken, type ClientCredentials, errors, type Provider } from 'oidc-provider';
import { checkDpopReplay, validateDpop } from 'oidc-provider/lib/helpers/grants.js';
import type { EdgeContext } from '../../base/http/context.ts';
import type { ApiScopes } from '../../base/http/json-routes.ts';
import { DomainError, type ErrorCode } from '../../base/kernel/errors.ts';
import type { Keys } from '../../base/keys/keys.ts';
import { type ApiName, apiResource } from '../../business/clients/api-scopes.ts';
import { signingAlgorithms } from '../../business/clients/client-metadata.ts';
import { webOrigins } from '../../business/clients/client-origins.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Members } from '../../people/members/members.ts';
import { memberOfRequest } from './account.ts';
import { artefactId } from './artefacts/model.ts';
import { currentUnit } from './artefacts/unit.ts';
import { memberOfSubject } from './backchannel-accounts.ts';
import type { MutualTls } from './mtls.ts';
import { ownScopes } from './own-apis.ts';
import { pairwiseSubject } from './pairwise.ts';

/** Lets callers of the issuer's APIs in. */
export interface ApiTokens {
  /**
   * Puts the caller on the request, for its handler, and names who acts in the visit.
   * @throws DomainError `token.missing`, `token.invalid`, `token.insufficient`, `token.proof_invalid`,
   * `token.proof_needs_nonce`, `origin.refused`
   */
  authorize(ctx: EdgeContext, asked: ApiScopes): Promise<void>;
  /** The name a client knows a member by: no API tells it another. */
  subjectFor(clientId: string, memberId: string): Promise<string>;
  /** Whose id may stand behind such a name: the inverse of {@link ApiTokens.subjectFor}. */
  memberIdFor(clientId: string, sub: string): Promise<string | undefined>;
}

/** What reading tokens needs. */
export interface ApiTokenDeps {
  issuer: string;
  keys: Pick<Keys, 'secret'>;
  members: Members;
  mtls: MutualTls | undefined;
  /** Live clients only. */
  findClient(clientId: string): Promise<ClientRecord | undefined>;
}

type Token = AccessToken | ClientCredentials;
type Proof = Awaited<ReturnType<typeof validateDpop>>;

/** A token as it was sent. */
interface Sent {
  scheme: 'Bearer' | 'DPoP';
  value: string;
}

/**
 * Builds the guard.
 * @param current the provider of the moment
 * @param deps issuer, clients, members
 */
export function createApiTokens(current: () => Provider, deps: ApiTokenDeps): ApiTokens {
  return {
    async authorize(ctx, asked) {
      const challenge = challenger(ctx, deps.issuer, asked);
      const sent = readHeader(ctx);
      if (!sent) throw challenge('token.missing');
      const provider = current();
      const view = libraryView(ctx, provider, deps);
      const proof = await checkedProof(provider, view, { sent, challenge });
      const token = await findToken(provider, sent.value);
      const audience = apiResource(deps.issuer, asked.api as ApiName);
      const alive =
        token !== undefined &&
        token.aud === audience &&
        isBound(ctx, deps, { token, sent, proof }) &&
        (await isAlive(provider, deps, token));
      const client = alive ? await deps.findClient(String(token.clientId)) : undefined;
      if (!alive || !client) throw challenge('token.invalid', sent);
      await refuseReplay(provider, view, {
        proof,
        client,
        fail: () => challenge('token.proof_invalid', sent),
      });
      const memberId = memberOf(token);
      const allowed = ownScopes(asked.api as ApiName, client, memberId === undefined ? 'client' : 'member');
      const scopes = new Set(allowed.filter((name) => token.scopes.has(name)));
      if (!asked.scopes.some((name) => scopes.has(name))) throw challenge('token.insufficient', sent);
      refuseForeignOrigin(ctx, deps.issuer, client);
      ctx.state.caller = { clientId: client.id, memberId, scopes };
      ctx.state.visit = {
        ...ctx.state.visit,
        clientId: client.id,
        brand: client.brand,
        market: client.market,
        actor: memberId === undefined ? { kind: 'client', id: client.id } : { kind: 'member', id: memberId },
      };
    },
    async subjectFor(clientId, memberId) {
      const client = await current().Client.find(clientId);
      if (!client) throw new DomainError('client.unknown');
      return client.subjectType === 'pairwise' ? pairwiseSubject(deps.keys, client, memberId) : memberId;
    },
    async memberIdFor(clientId, sub) {
      const client = await current().Client.find(clientId);
      if (!client) throw new DomainError('client.unknown');
      return client.subjectType === 'pairwise' ? memberOfSubject(client, sub) : sub;
    },
  };
}

/** RFC 6750 section 2.1 and RFC 9449 section 7.1: in the header, and nowhere else. */
function readHeader(ctx: EdgeContext): Sent | undefined {
  const match = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(ctx.get('Authorization'));
  if (!match) return undefined;
  const [, scheme = '', value = ''] = match;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', value };
}

/** Both kinds of tokens are looked for by one command, with what they lean on. */
async function findToken(provider: Provider, value: string): Promise<Token | undefined> {
  // A JWT is nobody's id in the store, and not for an API of ours.
  if (value.includes('.')) return undefined;
  currentUnit().hint([artefactId('ClientCredentials', value)], []);
  return (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
}

function memberOf(token: Token): string | undefined {
  return 'accountId' in token ? token.accountId : undefined;
}

/** The library has looked at the token's own end and at its session; here at the grant with its epoch, and the member. */
async function isAlive(provider: Provider, { members }: ApiTokenDeps, token: Token): Promise<boolean> {
  if (token.kind === 'ClientCredentials') return true;
  const { accountId, grantId, clientId, extra } = token as AccessToken;
  // What was exchanged for another token is for the APIs of others: here everybody acts in their own name.
  if (!accountId || !grantId || extra?.act !== undefined) return false;
  const grant = await provider.Grant.find(grantId);
  if (grant?.accountId !== accountId || grant.clientId !== clientId) return false;
  return (await memberOfRequest(members, accountId))?.status === 'active';
}

/** A bound token is worth nothing without its key (RFC 9449 section 7.1) or certificate (RFC 8705 section 3). */
function isBound(
  ctx: EdgeContext,
  { mtls }: ApiTokenDeps,
  { token, sent, proof }: { token: Token; sent: Sent; proof: Proof },
): boolean {
  const thumbprint = token['x5t#S256'];
  if (thumbprint !== undefined) {
    const certificate = mtls?.certificates.of(ctx.req);
    if (!certificate || hash('sha256', certificate.raw, 'base64url') !== thumbprint) return false;
  }
  if (token.jkt === undefined) return sent.scheme === 'Bearer';
  return sent.scheme === 'DPoP' && proof?.thumbprint === token.jkt;
}

type View = Parameters<typeof validateDpop>[1];

/** The request as the library's helpers want it: they ask where it was sent, and answer with a nonce. */
function libraryView(ctx: EdgeContext, provider: Provider, { issuer, mtls }: ApiTokenDeps): View {
  const atTls = mtls?.origin !== undefined && ctx.host === new URL(mtls.origin).host;
  const address = new URL(ctx.path, atTls ? mtls.origin : issuer).href;
  const oidc = { provider, route: 'api', urlFor: () => address };
  return Object.create(ctx, { oidc: { value: oidc } });
}

type Challenge = (code: ErrorCode, sent?: Sent) => DomainError;

async function checkedProof(
  provider: Provider,
  view: View,
  { sent, challenge }: { sent: Sent; challenge: Challenge },
): Promise<Proof> {
  if (sent.scheme !== 'DPoP') return undefined;
  try {
    const proof = await validateDpop(provider, view, sent.value);
    if (proof) return proof;
  } catch (error) {
    if (error instanceof errors.UseDpopNonce) throw challenge('token.proof_needs_nonce', sent);
    if (!(error instanceof errors.InvalidDpopProof)) throw error;
  }
  throw challenge('token.proof_invalid', sent);
}

async function refuseReplay(
  provider: Provider,
  view: View,
  { proof, client, fail }: { proof: Proof; client: ClientRecord; fail: () => DomainError },
): Promise<void> {
  try {
    await checkDpopReplay(provider, view, proof, client.id, errors.InvalidDpopProof);
  } catch (error) {
    throw error instanceof errors.InvalidDpopProof ? fail() : error;
  }
}

/** A page that calls from a site its client does not know has the token from somewhere else. */
function refuseForeignOrigin(ctx: EdgeContext, issuer: string, client: ClientRecord): void {
  const origin = ctx.get('Origin');
  if (origin === '' || origin === new URL(issuer).origin || webOrigins(client).has(origin)) return;
  ctx.remove('Access-Control-Allow-Origin');
  throw new DomainError('origin.refused');
}

/** Names of the errors in RFC 6750 section 3.1 and RFC 9449 section 7.1; none for a request without a token. */
const wireErrors: Partial<Record<ErrorCode, string>> = {
  'token.invalid': 'invalid_token',
  'token.insufficient': 'insufficient_scope',
  'token.proof_invalid': 'invalid_dpop_proof',
  'token.proof_needs_nonce': 'use_dpop_nonce',
};

function challenger(ctx: EdgeContext, issuer: string, { api, scopes }: ApiScopes): Challenge {
  const metadata = `${issuer}/.well-known/oauth-protected-resource/api/${api}`;
  return (code, sent) => {
    const error = wireErrors[code];
    const parameters = [
      `realm="${issuer}"`,
      ...(error ? [`error="${error}"`] : []),
      `scope="${scopes[0]}"`,
      `resource_metadata="${metadata}"`,
    ].join(', ');
    if (sent?.scheme !== 'DPoP') ctx.append('WWW-Authenticate', `Bearer ${parameters}`);
    if (sent?.scheme !== 'Bearer')
      ctx.append('WWW-Authenticate', `DPoP ${parameters}, algs="${signingAlgorithms.join(' ')}"`);
    return new DomainError(code);
  };
}
