/** A small world of services for tests of token exchange: two APIs, a service between them, a support tool. */
import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { tokenExchangeGrant } from '../../src/business/clients/client-metadata.ts';
import { type Answer, post, type SignedIn } from '../protocol/world.ts';
import { proofKey } from './dpop.ts';
import { type IssuerOptions, startIssuer, type TestIssuer } from './issuer.ts';
import { copyOfProgram } from './program-folder.ts';
import { RelyingParty } from './relying-party.ts';

/** The APIs: the second verifies tokens itself, the third asks about them. */
export const apis = {
  points: 'https://points.xenia.example/api',
  bookings: 'https://bookings.xenia.example/api',
  vault: 'https://vault.xenia.example/api',
} as const;

/** Names of token types. */
export const types = {
  access: 'urn:ietf:params:oauth:token-type:access_token',
  id: 'urn:ietf:params:oauth:token-type:id_token',
  member: 'urn:symbolon:params:oauth:token-type:member-id',
} as const;

/** What the service and the support tool may do. */
const policies = {
  service: {
    delegation: {
      from: [apis.points],
      resources: [apis.bookings, apis.vault],
      scopes: ['points:read', 'bookings:read'],
    },
  },
  'second-service': {
    delegation: {
      from: [apis.bookings, apis.vault, 'other-app'],
      resources: [apis.bookings, apis.vault],
      scopes: ['points:read'],
    },
  },
  support: { impersonation: { resources: [apis.points, apis.vault], scopes: ['points:read'] } },
} as const;

/** The world. */
export interface ExchangeWorld {
  issuer: TestIssuer;
  app: RelyingParty;
  support: RelyingParty;
  service: client.Configuration;
}

/** Starts an issuer with the APIs, their services and the apps of members and agents. */
export async function exchangeWorld(options: IssuerOptions = {}): Promise<ExchangeWorld> {
  const program = copyOfProgram();
  program.edit('program.json', (value) => {
    value.resources = [
      { indicator: apis.points, scopes: ['points:read', 'points:redeem'] },
      { indicator: apis.bookings, scopes: ['points:read', 'bookings:read'] },
      { indicator: apis.vault, scopes: ['points:read', 'vault:open'], tokens: 'opaque' },
    ];
  });
  const issuer = await startIssuer({
    ...options,
    env: { SYMBOLON_PROGRAM_DIR: program.path, ...options.env },
  });
  for (const id of ['service', 'second-service'] as const) await registerService(issuer, id, policies[id]);
  await registerService(issuer, 'no-policy');
  await issuer.client({
    id: 'vault-api',
    name: 'Vault',
    brand: 'aurora-air',
    firstParty: true,
    resourceServer: true,
    metadata: { grant_types: ['client_credentials'] },
  });
  const app = await RelyingParty.register(issuer, { id: 'airline' });
  const support = await RelyingParty.register(issuer, {
    id: 'support',
    metadata: { grant_types: ['authorization_code', 'refresh_token', tokenExchangeGrant] },
    tokenExchange: policies.support,
  });
  return { issuer, app, support, service: await discover(issuer, 'service') };
}

/** Registers a service that may exchange tokens. */
export async function registerService(
  issuer: TestIssuer,
  id: string,
  tokenExchange: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): Promise<void> {
  await issuer.client({
    id,
    name: id,
    brand: 'aurora-air',
    firstParty: true,
    tokenExchange,
    metadata: { grant_types: [tokenExchangeGrant, 'client_credentials'], ...metadata },
  });
}

/** A service's own view of the issuer, by an independent library. */
export function discover(issuer: TestIssuer, id: string): Promise<client.Configuration> {
  const secret = `secret-of-${id}-0123456789abcdef0123456789`;
  const authentication = client.ClientSecretBasic(secret);
  return client.discovery(new URL(issuer.url), id, undefined, authentication, {
    execute: [client.allowInsecureRequests],
  });
}

/** An access token of a member for an API, as the app got it. */
export async function tokenFor(
  app: RelyingParty,
  member: Pick<SignedIn, 'agent'>,
  resource: string | undefined,
  scope: string,
): Promise<string> {
  const { page, begun } = await app.open(member.agent, {
    prompt: 'none',
    scope: `openid ${scope}`,
    ...(resource && { resource }),
  });
  const parameters = resource ? { resource } : {};
  const tokens = await client.authorizationCodeGrant(
    app.config,
    new URL(page.url),
    {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    },
    parameters,
  );
  return tokens.access_token;
}

/** Asks for an exchange with raw parameters. */
export function exchange(
  issuer: { url: string },
  as: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const whole =
    typeof form === 'string'
      ? form
      : { grant_type: tokenExchangeGrant, subject_token_type: types.access, ...form };
  return post(issuer, '/token', whole, { as, headers });
}

/** What the API that is asked about a token learns of it. */
export async function introspected(issuer: { url: string }, token: string): Promise<Record<string, unknown>> {
  return (await post(issuer, '/token/introspection', { token }, { as: 'vault-api' })).json;
}

/** Ends every session of a member, as the account pages do. */
export function endSessions({ issuer }: TestIssuer, memberId: string): Promise<void> {
  const { inUnit, sessions } = issuer.oidc;
  return inUnit(() =>
    sessions.end(
      memberId,
      () => true,
      async () => undefined,
    ),
  );
}

/** A key that proofs for the token endpoint are made with. */
export async function dpopKey(issuer: TestIssuer) {
  const { jwk, proof } = await proofKey(issuer.clock.now);
  return { jwk, proof: (jti: string = randomUUID()) => proof('POST', `${issuer.url}/token`, { jti }) };
}
