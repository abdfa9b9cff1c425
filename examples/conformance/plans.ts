/**
 * The OpenID Foundation's conformance suite as a relying party: the clients its plans need and the configuration of
 * each plan. Pure; `prepare.ts` registers the clients and writes the files.
 */

/** Where the suite runs, and what it shall test. */
export interface Setting {
  /** Origin of the suite, such as https://localhost.emobix.co.uk:8443. */
  suite: string;
  /** Name of the test configuration in the suite's addresses. */
  alias: string;
  /** The issuer under test; https. */
  issuer: string;
  /** Brand whose pages the suite meets. */
  brand: string;
  /** Address of the member that plans without a browser ask (CIBA). */
  member: string;
}

/** A private key with its public half, as JSON Web Keys. */
export interface KeyPair {
  private: Record<string, unknown>;
  public: Record<string, unknown>;
}

/** A client as `symbolon clients add --from` takes it. */
export type ClientDescription = Record<string, unknown> & { id: string };

/** A plan: its name with variants as the suite's runner takes it, and its configuration. */
export interface Plan {
  file: string;
  name: string;
  configuration: Record<string, unknown>;
}

/** What the issuer made when the clients were registered. */
export interface Registered {
  /** Secrets by client id. */
  secrets: Readonly<Record<string, string>>;
  /** Initial access token for the plans that register their clients themselves. */
  invitation: string;
}

const address = ({ suite, alias }: Setting, path: string) => `${suite}/test/a/${alias}/${path}`;

/**
 * The clients to register.
 * @param setting the suite and the issuer
 * @param keys keys of the first and second client that sign
 */
export function clientsOf(setting: Setting, keys: readonly [KeyPair, KeyPair]): ClientDescription[] {
  const { brand } = setting;
  const callback = address(setting, 'callback');
  const common = { brand, firstParty: true };
  /** The plans of OpenID Connect Core send no PKCE challenge: the exemption is for such clients. */
  const plain = (id: string, method: string): ClientDescription => ({
    ...common,
    id,
    name: `Conformance ${id}`,
    pkceExempt: true,
    metadata: {
      redirect_uris: [callback],
      post_logout_redirect_uris: [address(setting, 'post_logout_redirect')],
      backchannel_logout_uri: address(setting, 'backchannel_logout'),
      backchannel_logout_session_required: true,
      token_endpoint_auth_method: method,
      id_token_signed_response_alg: 'RS256',
    },
  });
  const fapi = (id: string, pair: KeyPair, more: Record<string, unknown>): ClientDescription => ({
    ...common,
    id,
    name: `Conformance ${id}`,
    profile: 'fapi2',
    metadata: {
      redirect_uris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [pair.public] },
      ...more,
    },
  });
  const signed = { require_signed_request_object: true, request_object_signing_alg: 'ES256' };
  const asking = {
    redirect_uris: [],
    grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
    tls_client_certificate_bound_access_tokens: true,
    backchannel_authentication_request_signing_alg: 'ES256',
  };
  const [first, second] = keys;
  return [
    plain('suite-basic', 'client_secret_basic'),
    plain('suite-basic-2', 'client_secret_basic'),
    plain('suite-post', 'client_secret_post'),
    fapi('suite-fapi', first, {}),
    fapi('suite-fapi-2', second, {}),
    fapi('suite-signing', first, signed),
    fapi('suite-signing-2', second, signed),
    fapi('suite-ciba', first, { ...asking, backchannel_token_delivery_mode: 'poll' }),
    fapi('suite-ciba-2', second, {
      ...asking,
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: address(setting, 'ciba-notification-endpoint'),
    }),
  ];
}

/**
 * The plans with their configuration.
 * @param setting the suite and the issuer
 * @param keys keys of the first and second client that sign
 * @param registered secrets and the initial access token
 */
export function plansOf(setting: Setting, keys: readonly [KeyPair, KeyPair], registered: Registered): Plan[] {
  const { alias, issuer, member } = setting;
  const base = {
    alias,
    description: `Symbolon at ${issuer}`,
    server: { discoveryUrl: `${issuer}/.well-known/openid-configuration` },
  };
  const secret = (id: string) => ({ client_id: id, client_secret: registered.secrets[id] });
  const core = {
    ...base,
    client: secret('suite-basic'),
    client2: secret('suite-basic-2'),
    client_secret_post: secret('suite-post'),
  };
  const dynamic = {
    ...base,
    client: { client_name: 'Conformance', initial_access_token: registered.invitation },
    client2: { client_name: 'Conformance 2', initial_access_token: registered.invitation },
  };
  const [first, second] = keys;
  const signer = (id: string, pair: KeyPair, more: Record<string, unknown> = {}) => ({
    client_id: id,
    scope: 'openid',
    jwks: { keys: [pair.private] },
    ...more,
  });
  const fapi = (id: string) => ({
    ...base,
    client: signer(id, first),
    client2: signer(`${id}-2`, second),
    resource: { resourceUrl: `${issuer}/userinfo` },
  });
  const asked = { hint_type: 'login_hint', hint_value: member };
  const discovered = '[server_metadata=discovery][client_registration=static_client]';
  const byStatic = '[response_type=code][client_registration=static_client]';
  const byKey =
    '[client_auth_type=private_key_jwt][sender_constrain=dpop][fapi_profile=plain_fapi][openid=openid_connect]';
  const plan = (file: string, name: string, configuration: Record<string, unknown>): Plan => ({
    file,
    name,
    configuration,
  });
  return [
    plan('basic', `oidcc-basic-certification-test-plan${discovered}`, core),
    plan('config', 'oidcc-config-certification-test-plan', base),
    plan('form-post', `oidcc-formpost-basic-certification-test-plan${discovered}`, core),
    plan('dynamic', 'oidcc-dynamic-certification-test-plan[response_type=code]', dynamic),
    plan(
      'third-party-initiated',
      'oidcc-3rdparty-init-login-certification-test-plan[response_type=code]',
      dynamic,
    ),
    plan('rp-initiated-logout', `oidcc-rp-initiated-logout-certification-test-plan${byStatic}`, core),
    plan(
      'back-channel-logout',
      `oidcc-backchannel-rp-initiated-logout-certification-test-plan${byStatic}`,
      core,
    ),
    plan('fapi2-security', `fapi2-security-profile-final-test-plan${byKey}`, fapi('suite-fapi')),
    plan(
      'fapi2-message-signing',
      `fapi2-message-signing-final-test-plan${byKey}[fapi_request_method=signed_non_repudiation][fapi_response_mode=jarm]`,
      fapi('suite-signing'),
    ),
    plan(
      'fapi-ciba-poll',
      'fapi-ciba-id1-test-plan[client_auth_type=private_key_jwt][ciba_mode=poll][fapi_ciba_profile=plain_fapi][client_registration=static_client]',
      {
        ...base,
        client: signer('suite-ciba', first, asked),
        client2: signer('suite-ciba-2', second, asked),
        resource: { resourceUrl: `${issuer}/userinfo` },
      },
    ),
  ];
}
