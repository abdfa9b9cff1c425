/** A relying party for tests, over `openid-client`: begins an authorization, ends it, and uses what it got. */
import * as client from 'openid-client';
import type { Agent, Page } from './agent.ts';
import type { TestIssuer } from './issuer.ts';

/** An authorization that has begun. */
export interface Begun {
  url: string;
  verifier: string;
  state: string;
  nonce: string;
}

/** A relying party with a redirect address that nobody listens on: the agent stops there. */
export class RelyingParty {
  readonly redirectUri: string;
  readonly config: client.Configuration;

  private constructor(config: client.Configuration, redirectUri: string) {
    this.config = config;
    this.redirectUri = redirectUri;
  }

  /** Registers a client at the issuer and discovers it. */
  static async register(
    issuer: TestIssuer,
    options: {
      id: string;
      brand?: string;
      market?: string;
      firstParty?: boolean;
      metadata?: Record<string, unknown>;
      resourceServer?: boolean;
      tokenExchange?: Record<string, unknown>;
    },
  ): Promise<RelyingParty> {
    const redirectUri = `https://${options.id}.example/callback`;
    const { secret } = await issuer.client({
      id: options.id,
      name: `Test ${options.id}`,
      brand: options.brand ?? 'aurora-air',
      ...(options.market !== undefined && { market: options.market }),
      firstParty: options.firstParty ?? true,
      resourceServer: options.resourceServer ?? false,
      tokenExchange: options.tokenExchange ?? {},
      metadata: {
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [`https://${options.id}.example/signed-out`],
        token_endpoint_auth_method: 'client_secret_basic',
        client_uri: `https://${options.id}.example`,
        ...options.metadata,
      },
    });
    const isPublic = options.metadata?.token_endpoint_auth_method === 'none';
    const config = await client.discovery(
      new URL(issuer.url),
      options.id,
      undefined,
      isPublic ? client.None() : client.ClientSecretBasic(secret),
      { execute: [client.allowInsecureRequests] },
    );
    const uris = options.metadata?.redirect_uris;
    return new RelyingParty(config, Array.isArray(uris) ? String(uris[0]) : redirectUri);
  }

  /** Discovers a public client that is registered already. */
  static async known(
    issuer: TestIssuer,
    options: { id: string; redirectUri: string },
  ): Promise<RelyingParty> {
    const config = await client.discovery(new URL(issuer.url), options.id, undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    return new RelyingParty(config, options.redirectUri);
  }

  /** The address that begins an authorization with PKCE. */
  async begin(parameters: Record<string, string> = {}): Promise<Begun> {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    });
    return { url: url.href, verifier, state, nonce };
  }

  /** Opens the authorization in a browser; the page is the first that asks something, or the redirect back. */
  async open(agent: Agent, parameters: Record<string, string> = {}): Promise<{ page: Page; begun: Begun }> {
    const begun = await this.begin(parameters);
    return { page: await agent.open(begun.url), begun };
  }

  /** Exchanges the code of a redirect back. */
  finish(page: Page, begun: Begun) {
    return client.authorizationCodeGrant(this.config, new URL(page.url), {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
  }

  /** Signs on without a page: the session must be there. */
  async silently(agent: Agent, parameters: Record<string, string> = {}) {
    const { page, begun } = await this.open(agent, { prompt: 'none', ...parameters });
    return this.finish(page, begun);
  }
}
