/**
 * The bare library as an issuer: oidc-provider with as little as the operations need, and one page that takes login
 * and password. Owns the configuration both baselines share; where artefacts, clients and accounts are kept comes in
 * as arguments. Never a model of how to run an issuer: no CSRF token, no throttle, no events.
 */
import { createServer } from 'node:http';
import argon2 from 'argon2';
import type { Context } from 'koa';
import Provider, {
  type Account,
  type Adapter,
  type AsymmetricSigningAlgorithm,
  type ClientMetadata,
  type Configuration,
  type JWK,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { type BenchClient, publicJwk, type World } from '../world.ts';

/** An account as the baselines keep it. */
export interface StoredAccount {
  id: string;
  email: string;
  passwordHash: string;
}

/** Where the baselines find accounts. */
export interface AccountStore {
  byEmail(email: string): Promise<StoredAccount | undefined>;
  byId(id: string): Promise<StoredAccount | undefined>;
}

/** What differs between the baselines. */
export interface LibraryIssuer {
  issuer: string;
  world: World;
  algorithm: 'RS256' | 'ES256';
  adapter: (name: string) => Adapter;
  accounts: AccountStore;
  /** Clients in the configuration; left out where the adapter finds them. */
  clients?: ClientMetadata[];
}

/**
 * The metadata of the world's clients.
 * @param world the bench's world
 * @param algorithm how ID tokens are signed
 */
export function clientMetadata(
  world: World,
  algorithm: AsymmetricSigningAlgorithm,
): (ClientMetadata & { client_id: string })[] {
  const base = (client: BenchClient) => ({
    client_id: client.id,
    client_secret: client.secret,
    token_endpoint_auth_method: 'client_secret_basic' as const,
    id_token_signed_response_alg: algorithm,
  });
  const service = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] };
  const site = {
    redirect_uris: [world.redirectUri],
    response_types: ['code' as const],
    grant_types: ['authorization_code'],
  };
  const party = {
    ...site,
    post_logout_redirect_uris: [world.redirectUri],
    backchannel_logout_uri: world.logoutUri,
    backchannel_logout_session_required: true,
  };
  return [
    { ...base(world.machine), ...service },
    { ...base(world.api), ...service },
    {
      ...service,
      client_id: world.signer.id,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicJwk(world.signer.jwk)] },
    },
    { ...base(world.device), ...service, grant_types: [deviceGrant] },
    { ...base(world.site), ...site },
    { ...base(world.app), ...site, grant_types: ['authorization_code', 'refresh_token'] },
    ...world.many.map((client) => ({ ...base(client), ...service })),
    ...world.parties.map((client) => ({ ...base(client), ...party })),
  ];
}

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Serves the issuer on loopback until the process is told to end.
 * @param setup what differs between the baselines
 */
export function serveLibrary(setup: LibraryIssuer): void {
  const provider = new Provider(setup.issuer, configuration(setup));
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    if (ctx.method === 'POST') return signIn(provider, setup.accounts, ctx);
    const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
    ctx.body = page(uid);
  });
  const server = createServer(provider.callback()).listen(Number(new URL(setup.issuer).port), '127.0.0.1');
  const end = () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.once('SIGTERM', end).once('disconnect', end);
}

function configuration({ world, algorithm, adapter, accounts, clients }: LibraryIssuer): Configuration {
  const parties = new Set(world.parties.map(({ id }) => id));
  return {
    adapter,
    ...(clients === undefined ? {} : { clients }),
    jwks: { keys: [world.keys[algorithm] as JWK] },
    cookies: { keys: [world.cookieKey] },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    claims: { openid: ['sub'], email: ['email'] },
    scopes: ['openid', 'offline_access', world.resourceScope],
    responseTypes: ['code'],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: (ctx) => existingGrant(ctx, parties),
    // Its own way refuses loopback, where the bench's relying parties are.
    fetch: (url, options) => {
      const init = { ...options };
      Reflect.deleteProperty(init, 'dispatcher');
      return fetch(url, init);
    },
    findAccount: async (_ctx, sub) => toAccount(await accounts.byId(sub)),
    ttl: { AccessToken: 3600, ClientCredentials: 3600, Grant: 86_400, Session: 86_400, Interaction: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: askWhetherToLeave },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: world.resourceScope,
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  };
}

/** The parties are the program's own: a member who is signed in is not asked before they are let in there. */
async function existingGrant(ctx: KoaContextWithOIDC, parties: ReadonlySet<string>) {
  const { client, session, account, provider, result } = ctx.oidc;
  const clientId = client?.clientId ?? '';
  const id = result?.consent?.grantId ?? session?.grantIdFor(clientId);
  if (id !== undefined) return provider.Grant.find(id);
  if (!parties.has(clientId) || account === undefined) return undefined;
  const grant = new provider.Grant({ accountId: account.accountId, clientId });
  grant.addOIDCScope('openid email');
  await grant.save();
  return grant;
}

function askWhetherToLeave(ctx: KoaContextWithOIDC, form: string): void {
  const button = '<button name="logout" value="yes">Sign out</button>';
  ctx.body = `<!doctype html><title>Sign out</title>${form.replace('</form>', `${button}</form>`)}`;
}

function toAccount(stored: StoredAccount | undefined): Account | undefined {
  if (stored === undefined) return undefined;
  return { accountId: stored.id, claims: () => ({ sub: stored.id, email: stored.email }) };
}

/** Login and password in, both prompts answered, the grant made: what a one-page interaction does. */
async function signIn(provider: Provider, accounts: AccountStore, ctx: Context): Promise<void> {
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  const form = await readForm(ctx);
  const account = await accounts.byEmail(form.get('login') ?? '');
  if (account === undefined || !(await argon2.verify(account.passwordHash, form.get('password') ?? ''))) {
    ctx.status = 422;
    ctx.body = page(details.uid);
    return;
  }
  const grant = new provider.Grant({ accountId: account.id, clientId: String(details.params.client_id) });
  grant.addOIDCScope(String(details.params.scope));
  const consent = { grantId: await grant.save() };
  const result = { login: { accountId: account.id, amr: ['pwd'] }, consent };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  ctx.status = 303;
}

async function readForm(ctx: Context): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  for await (const part of ctx.req) parts.push(part as Buffer);
  return new URLSearchParams(Buffer.concat(parts).toString('utf8'));
}

function page(uid: string): string {
  return `<!doctype html><title>Sign in</title><form method="post" action="/interaction/${uid}">
<label>Login <input name="login" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button></form>`;
}
