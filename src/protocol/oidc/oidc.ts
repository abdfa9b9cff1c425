/**
 * The protocol core: holds the one provider of the moment, swaps it when keys change, and gives the surfaces what
 * they need of interactions and sessions. Nobody outside this module sees a provider, and nobody keeps one.
 */
import compose from 'koa-compose';
import type { Connection } from 'mongoose';
import type { AdapterPayload, Provider } from 'oidc-provider';
import type { Outbox } from '../../base/db/outbox.ts';
import type { EdgeContext, EdgeMiddleware } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Sealer } from '../../base/kernel/sealing.ts';
import { type ClientRecord, toOidcMetadata } from '../../business/clients/client-record.ts';
import type { Invitations } from '../../business/clients/invitations.ts';
import type { Registrations } from '../../business/clients/registrations.ts';
import type { ClaimVocabulary } from '../../business/experiences/claim-vocabulary.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { memberOfRequest } from './account.ts';
import { type ApiTokens, createApiTokens } from './api-tokens.ts';
import { createAdapterFactory } from './artefacts/adapter.ts';
import { artefactId } from './artefacts/model.ts';
import { createArtefactStore } from './artefacts/store.ts';
import { currentUnit, inUnit, LostRace } from './artefacts/unit.ts';
import { type BackchannelRequests, createBackchannelRequests } from './backchannel-requests.ts';
import { type BrowserSessions, createBrowserSession } from './browser-session.ts';
import type { ProviderDeps } from './configuration.ts';
import { cookieNames, cookieSigner } from './cookies.ts';
import { createDeviceRequests, type DeviceRequests } from './device-requests.ts';
import { createFlows, type Flows, flowId } from './flows.ts';
import { createInteractions, type Interactions } from './interactions.ts';
import { createLogoutTokens, type LogoutTokens } from './logout-tokens.ts';
import { ownClient } from './own-client.ts';
import { createProvider } from './provider.ts';
import { createRegistration } from './registration.ts';
import { libraryScope } from './scopes.ts';
import { createSessions, type LogoutNotice, type Sessions } from './sessions.ts';
import { signedOut, signOutNotices } from './sign-out.ts';
import { leadSignOutToGet, refuseForeignConfirmation } from './sign-out-post.ts';

/** What the protocol core is made of. */
export interface OidcDeps
  extends Omit<
    ProviderDeps,
    | 'adapter'
    | 'vocabulary'
    | 'experienceOf'
    | 'registration'
    | 'backchannel'
    | 'queueLogoutNotice'
    | 'findClient'
    | 'verifySecret'
    | 'sessionsOf'
  > {
  connection: Connection;
  memberCollection: string;
  sealer: Sealer;
  ids: Ids;
  outbox: Outbox;
  clients: {
    find(clientId: string): Promise<ClientRecord | undefined>;
    verifySecret(client: ClientRecord, secret: string): boolean;
  };
  invitations: Invitations;
  registrations: Registrations;
  experiences: Pick<Experiences, 'experienceFor' | 'claimVocabulary' | 'onChange'>;
  /** What the member will see of the session this request uses. */
  describeVisit(ctx: EdgeContext): string;
  /** Told when a provider could not be built from changed keys or configuration; the old one goes on. */
  onSwapFailure(error: unknown): void;
  /** Told of a fault of ours that a protocol endpoint answered with `server_error`. */
  onServerError(error: unknown): void;
  /** Told of tokens issued for a grant type, once they are durable. */
  onTokenGrant(grantType: string): void;
}

/** The protocol core as the surfaces see it. */
export interface Oidc {
  /** Opens each request's unit of work and flushes it before the answer; stands in front of every route. */
  unitOfWork: EdgeMiddleware;
  /** The protocol's own endpoints. */
  endpoints: EdgeMiddleware;
  interactions: Interactions;
  flows: Flows;
  sessions: Sessions;
  browserSessions: BrowserSessions;
  logoutTokens: LogoutTokens;
  deviceRequests: DeviceRequests;
  backchannelRequests: BackchannelRequests;
  /** Lets callers of the issuer's own APIs in. */
  apiTokens: ApiTokens;
  /** Keys for cookies of the outer application: the same as the provider's. */
  cookieKeys(): ReturnType<typeof cookieSigner>;
  /** Runs work that reads or writes artefacts outside of a request. */
  inUnit<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Builds the protocol core.
 * @param deps configuration, keys, ports
 */
export function createOidc(deps: OidcDeps): Oidc {
  const store = createArtefactStore(deps.connection, deps.memberCollection);
  const owed = new WeakMap<object, LogoutNotice[]>();
  const signOuts = new WeakMap<object, { memberId: string; everywhere: boolean }>();
  const requests = new WeakMap<object, EdgeContext>();
  const findClient = async (id: string) =>
    id === ownClient.id ? ownClient.record(deps.issuer) : liveClient(await deps.clients.find(id));
  const liveEpoch = async (memberId: string) => {
    const member = await memberOfRequest(deps.members, memberId);
    return member?.status === 'active' ? member.securityEpoch : undefined;
  };
  const libraryForm = (client: ClientRecord, vocabulary: ClaimVocabulary) =>
    metadataOf(client, libraryScope(client, experienceAt(deps.experiences, client), vocabulary));
  const registration = createRegistration({
    ...deps,
    findClient,
    metadataOf: (client) => libraryForm(client, deps.experiences.claimVocabulary()),
    verifySecret: deps.clients.verifySecret,
    visit() {
      const ctx = requests.get(currentUnit());
      if (!ctx) throw new Error('a client registers within a request only');
      return ctx.state.visit;
    },
  });
  const experienceOf = async (id: string) => {
    const client = await findClient(id);
    return client && experienceAt(deps.experiences, client);
  };
  const adapterFor = (vocabulary: ClaimVocabulary) =>
    createAdapterFactory({
      store,
      registration,
      sealer: deps.sealer,
      clock: deps.clock,
      ids: deps.ids,
      userCodeKey: deps.keys.secret('codes'),
      liveEpoch,
      findClient: async (id) => {
        const client = await findClient(id);
        return client && libraryForm(client, vocabulary);
      },
      refreshLeeway: async (id) => (await findClient(id))?.refreshLeewaySeconds ?? 0,
      describeVisit() {
        const ctx = requests.get(currentUnit());
        return ctx && deps.describeVisit(ctx);
      },
    });
  const current = (): Provider => provider;
  const sessions = createSessions({ ...deps, store, liveEpoch });
  const backchannel = createBackchannelRequests(current, {
    ...deps,
    store,
    sessions,
    findClient,
    experienceOf,
    liveEpoch,
  });
  const build = () => {
    const vocabulary = deps.experiences.claimVocabulary();
    const built = createProvider({
      ...deps,
      vocabulary,
      adapter: adapterFor(vocabulary),
      experienceOf,
      registration,
      backchannel,
      findClient,
      sessionsOf: (memberId) => sessions.list(memberId),
      async verifySecret(clientId, secret) {
        const client = await findClient(clientId);
        return client !== undefined && deps.clients.verifySecret(client, secret);
      },
      queueLogoutNotice(ctx, notice) {
        if (ctx === null || typeof ctx !== 'object') throw new Error('a logout notice needs its request');
        const key = 'req' in ctx && ctx.req && typeof ctx.req === 'object' ? ctx.req : ctx;
        owed.set(key, [...(owed.get(key) ?? []), notice]);
      },
    });
    built.on('server_error', (_ctx, error) => deps.onServerError(error));
    built.on('grant.success', (ctx) => {
      const type = String(ctx.oidc.params?.grant_type);
      currentUnit().afterFlush(() => deps.onTokenGrant(type));
    });
    built.on('end_session.success', (ctx) => {
      const memberId = ctx.oidc.session?.accountId;
      if (memberId) signOuts.set(ctx.req, { memberId, everywhere: Boolean(ctx.oidc.params?.logout) });
    });
    return built;
  };

  /** What of the configuration is built into a provider. */
  const builtIn = () => JSON.stringify([deps.experiences.claimVocabulary(), deps.resources()]);
  let present = builtIn();
  let provider = build();
  let handle = compose(provider.middleware);
  let signer = cookieSigner(deps.keys);
  const swap = () => {
    try {
      provider = build();
      handle = compose(provider.middleware);
      signer = cookieSigner(deps.keys);
      present = builtIn();
    } catch (error) {
      deps.onSwapFailure(error);
    }
  };
  deps.keys.onChange(swap);
  deps.experiences.onChange(() => {
    if (builtIn() !== present) swap();
  });

  return {
    unitOfWork: async (ctx, next) => {
      try {
        await inUnit(store, async (unit) => {
          requests.set(unit, ctx);
          unit.hint(hintedIds(ctx, deps.issuer), hintedClients(ctx));
          await next();
          const notices = owed.get(ctx.req) ?? [];
          const ended = signOuts.get(ctx.req);
          if (ended) {
            await deps.outbox.add({
              kind: signedOut,
              payload: { ...ended, notices, visit: { ...ctx.state.visit } },
            });
          } else if (notices.length > 0) {
            await deps.outbox.add({ kind: signOutNotices, payload: { notices } });
          }
        });
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
        answerLostRace(ctx, error);
      }
    },
    endpoints: async (ctx, next) => {
      refuseLargeBody(ctx);
      refuseForeignConfirmation(ctx, deps.issuer);
      if (await leadSignOutToGet(ctx)) return;
      await handle(ctx as never, next);
    },
    interactions: createInteractions(current, { ...deps, findClient, experienceOf }),
    flows: createFlows(deps),
    sessions,
    browserSessions: createBrowserSession(current, deps),
    logoutTokens: createLogoutTokens(current, deps),
    deviceRequests: createDeviceRequests(current, { ...deps, store }),
    backchannelRequests: backchannel,
    apiTokens: createApiTokens(current, { ...deps, findClient }),
    cookieKeys: () => signer,
    inUnit: (work) => inUnit(store, work),
  };
}

/** A disabled client is to the protocol as if it did not exist. */
function liveClient(client: ClientRecord | undefined): ClientRecord | undefined {
  return client?.disabledAt ? undefined : client;
}

/** A client of the program wears its brand; the pages of the program itself are nobody's site. */
function experienceAt(
  experiences: Pick<Experiences, 'experienceFor'>,
  { id, brand, market }: ClientRecord,
): Experience | undefined {
  return brand ? experiences.experienceFor({ clientId: id, brand, market }) : undefined;
}

const metadataByRecord = new WeakMap<ClientRecord, { scope: string | undefined; metadata: AdapterPayload }>();

/** The library's form of a client, made once for as long as record and scope are the same. */
function metadataOf(client: ClientRecord, scope: string | undefined): AdapterPayload {
  const known = metadataByRecord.get(client);
  if (known && known.scope === scope) return known.metadata;
  const { jwks } = client.metadata;
  const metadata = {
    ...toOidcMetadata(client),
    ...(scope !== undefined && { scope }),
    // The library notes the thumbprints of certificates in the keys it is given, and ours are frozen.
    ...(jwks && { jwks: structuredClone(jwks) }),
  } as AdapterPayload;
  metadataByRecord.set(client, { scope, metadata });
  return metadata;
}

/** What the request's cookies and path lead to; a forged value only names something that does not exist. */
function hintedIds(ctx: EdgeContext, issuer: string): string[] {
  const ids: string[] = [];
  const session = ctx.cookies.get(cookieNames(issuer).session, { signed: false });
  if (session && !ctx.path.startsWith('/token')) ids.push(artefactId('SessionCookie', session));
  const uid = /^\/(?:authorize|interaction|device)\/([\w-]{10,64})(?:\/|$)/.exec(ctx.path)?.[1];
  if (uid && uid !== 'par') ids.push(artefactId('Interaction', uid), flowId(uid));
  return ids;
}

function hintedClients(ctx: EdgeContext): string[] {
  const client = ctx.path.startsWith('/authorize') ? ctx.query.client_id : undefined;
  return typeof client === 'string' ? [client] : [];
}

/** What the library reads of a body; it would say 400, which tells a client nothing (RFC 9110 section 15.5.14). */
const bodyLimit = 56 * 1024;

function refuseLargeBody(ctx: EdgeContext): void {
  if (Number(ctx.req.headers['content-length'] ?? 0) <= bodyLimit) return;
  // The body is not read: the connection cannot be used again.
  ctx.set('Connection', 'close');
  throw new DomainError('input.too_large');
}

/** Kinds that another tab may have changed while this one signed on; asked again, the request finds them as they are. */
const renewable = new Set(['Session', 'Grant']);

/** Kinds a person answers once; of two answers at the same instant the first counts. */
const answeredOnce = new Set(['Interaction', 'DeviceCode']);

/** The loser of a same-instant race learns only that it came too late; nothing of it has left the house. */
function answerLostRace(ctx: EdgeContext, error: LostRace): void {
  if (ctx.path === '/authorize' && ctx.method === 'GET' && renewable.has(error.kind)) {
    ctx.remove('Set-Cookie');
    ctx.redirect(ctx.url);
    ctx.status = 303;
    return;
  }
  if (error.kind === 'RegistrationAccessToken') {
    ctx.status = 401;
    ctx.body = { error: 'invalid_token', error_description: 'registration access token not found' };
    return;
  }
  if (ctx.path !== '/token') {
    throw new DomainError(answeredOnce.has(error.kind) ? 'interaction.finished' : 'request.invalid', {
      cause: error,
    });
  }
  ctx.remove('Set-Cookie');
  ctx.status = 400;
  ctx.body = { error: 'invalid_grant', error_description: 'grant request is invalid' };
}
