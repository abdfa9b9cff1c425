/** What tests of the APIs have in common: clients of each kind, tokens, and requests with and without proofs. */
import * as client from 'openid-client';
import { basic, post, type SignedIn } from '../../protocol/world.ts';
import type { ProofKey } from '../../support/dpop.ts';
import type { TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';

/** Names an API. */
export type Api = 'account' | 'configuration';

export const accountScopes = 'account:profile.read account:profile.write account:consents';
export const configurationScopes =
  'configuration:read configuration:write.program configuration:write.brand configuration:write.region configuration:write.market configuration:write.site configuration:approve configuration:publish';

/** Resource indicator of an API. */
export const resourceOf = (issuer: { url: string }, api: Api) => `${issuer.url}/api/${api}`;

/** A first-party site whose members may use their account by API, and staff the configuration. */
export const registerSite = (issuer: TestIssuer, id: string, metadata: Record<string, unknown> = {}) =>
  RelyingParty.register(issuer, {
    id,
    metadata: { scope: `openid profile email ${accountScopes} ${configurationScopes}`, ...metadata },
  });

/** A machine with a secret that acts for itself. */
export const registerMachine = (
  issuer: TestIssuer,
  id: string,
  scope: string,
  metadata: Record<string, unknown> = {},
) =>
  issuer.client({
    id,
    name: id,
    brand: 'aurora-air',
    firstParty: true,
    metadata: { grant_types: ['client_credentials'], scope, ...metadata },
  });

/** Parts of a token answer that tests look at. */
export interface Tokens {
  access_token: string;
  refresh_token?: string;
  scope?: string;
  token_type?: string;
}

/** A member's token for an API, as their app gets it silently. */
export async function memberToken(
  issuer: TestIssuer,
  app: RelyingParty,
  member: Pick<SignedIn, 'agent'>,
  wanted: { api: Api; scope?: string; key?: ProofKey },
): Promise<Tokens> {
  const resource = resourceOf(issuer, wanted.api);
  const scope = wanted.scope ?? (wanted.api === 'account' ? accountScopes : configurationScopes);
  const { page, begun } = await app.open(member.agent, {
    prompt: 'none',
    scope: `openid ${scope}`,
    resource,
  });
  const code = new URL(page.url).searchParams.get('code');
  if (!code) throw new Error(`no code: ${page.url} ${page.title}`);
  const clientId = app.config.clientMetadata().client_id;
  const registered = await issuer.issuer.core.clients.get(clientId);
  const isPublic = registered?.metadata.token_endpoint_auth_method === 'none';
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: app.redirectUri,
    code_verifier: begun.verifier,
    resource,
    client_id: clientId,
  };
  const answer = await post(issuer, '/token', form, {
    headers: {
      ...(!isPublic && { authorization: basic(clientId) }),
      ...(wanted.key && { dpop: await wanted.key.proof('POST', `${issuer.url}/token`) }),
    },
  });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json as unknown as Tokens;
}

/** A machine's own token; the raw answer. */
export const machineToken = (
  issuer: TestIssuer,
  id: string,
  wanted: { api: Api; scope: string; headers?: Record<string, string> },
) =>
  post(
    issuer,
    '/token',
    { grant_type: 'client_credentials', resource: resourceOf(issuer, wanted.api), scope: wanted.scope },
    { as: id, headers: wanted.headers ?? {} },
  );

/** Asks an API. */
export async function ask(
  issuer: { url: string },
  path: string,
  init: { token?: string; method?: string; json?: unknown; headers?: Record<string, string> } = {},
) {
  const { token, json, headers, ...rest } = init;
  const response = await fetch(new URL(path, issuer.url), {
    ...rest,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

/** Ends what a refresh token belongs to. */
export const revoke = (app: RelyingParty, token: string) => client.tokenRevocation(app.config, token);
