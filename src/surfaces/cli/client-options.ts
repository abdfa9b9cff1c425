/** The options that describe a client, and the command line's own names for what the description calls otherwise. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cibaGrant, deviceGrant, tokenExchangeGrant } from '../../business/clients/client-metadata.ts';
import { InputFaults } from './answer.ts';

/** What describes a client, for `clients add` and `clients update`. */
export interface ClientOptions {
  from?: string;
  name?: string;
  brand?: string;
  market?: string;
  firstParty?: boolean;
  resourceServer?: boolean;
  profile?: string;
  pkceExempt?: boolean;
  refreshLeeway?: number;
  redirectUri?: string[];
  postLogoutRedirectUri?: string[];
  backchannelLogoutUri?: string;
  initiateLoginUri?: string;
  clientUri?: string;
  logoUri?: string;
  policyUri?: string;
  tosUri?: string;
  grant?: string[];
  scope?: string;
  authMethod?: string;
  jwksUri?: string;
  jwks?: string;
  responseMode?: string[];
  subjectType?: string;
  sectorIdentifierUri?: string;
}

/** The options of `clients add`. */
export interface AddOptions extends ClientOptions {
  id?: string;
  native?: boolean;
  public?: boolean;
}

/** The options of `clients update`. */
export interface UpdateOptions extends ClientOptions {
  /** Names of metadata to take away. */
  unset?: string[];
}

/** The options by what they describe. */
const optionNames: Readonly<Record<string, string>> = {
  id: '--id',
  name: '--name',
  brand: '--brand',
  market: '--market',
  profile: '--profile',
  pkceExempt: '--pkce-exempt',
  refreshLeewaySeconds: '--refresh-leeway',
  'metadata.redirect_uris': '--redirect-uri',
  'metadata.post_logout_redirect_uris': '--post-logout-redirect-uri',
  'metadata.backchannel_logout_uri': '--backchannel-logout-uri',
  'metadata.initiate_login_uri': '--initiate-login-uri',
  'metadata.client_uri': '--client-uri',
  'metadata.logo_uri': '--logo-uri',
  'metadata.policy_uri': '--policy-uri',
  'metadata.tos_uri': '--tos-uri',
  'metadata.grant_types': '--grant',
  'metadata.scope': '--scope',
  'metadata.token_endpoint_auth_method': '--auth-method',
  'metadata.jwks_uri': '--jwks-uri',
  'metadata.jwks': '--jwks',
  'metadata.response_modes': '--response-mode',
  'metadata.subject_type': '--subject-type',
  'metadata.sector_identifier_uri': '--sector-identifier-uri',
};

/**
 * Faults of a description in the words of the command line.
 * @param issues what the rules say
 */
export function faultWords(issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map(({ path, message }) => {
    const names = path.filter((part) => typeof part === 'string');
    const known = optionNames[names.join('.')] ?? optionNames[names.slice(0, 2).join('.')];
    return `${known ?? names.join('.')}: ${message}`;
  });
}

/** Short names of the grants whose identifiers are URNs; the URNs themselves are taken too. */
const shortGrants: Readonly<Record<string, string>> = {
  device_code: deviceGrant,
  ciba: cibaGrant,
  token_exchange: tokenExchangeGrant,
  'token-exchange': tokenExchangeGrant,
};

/**
 * The grant that a short name stands for.
 * @param name short or whole
 */
export function grantNamed(name: string): string {
  return shortGrants[name] ?? name;
}

/**
 * What the options say about a client, the description of `--from` below them.
 * @param options as given
 * @throws InputFaults when a file cannot be read
 */
export function described(
  options: AddOptions,
): Record<string, unknown> & { metadata: Record<string, unknown> } {
  const { metadata, ...rest } = options.from === undefined ? {} : readJson('--from', options.from);
  return {
    ...rest,
    ...present({
      id: options.id,
      name: options.name,
      brand: options.brand,
      market: options.market,
      firstParty: options.firstParty,
      resourceServer: options.resourceServer,
      profile: options.profile,
      pkceExempt: options.pkceExempt,
      refreshLeewaySeconds: options.refreshLeeway,
    }),
    metadata: {
      ...(typeof metadata === 'object' ? metadata : {}),
      ...present({
        application_type: options.native ? 'native' : undefined,
        token_endpoint_auth_method: options.authMethod ?? (options.public ? 'none' : undefined),
        redirect_uris: options.redirectUri,
        post_logout_redirect_uris: options.postLogoutRedirectUri,
        backchannel_logout_uri: options.backchannelLogoutUri,
        initiate_login_uri: options.initiateLoginUri,
        client_uri: options.clientUri,
        logo_uri: options.logoUri,
        policy_uri: options.policyUri,
        tos_uri: options.tosUri,
        grant_types: options.grant?.map(grantNamed),
        scope: options.scope,
        jwks_uri: options.jwksUri,
        jwks: options.jwks === undefined ? undefined : keysOf(readJson('--jwks', options.jwks)),
        response_modes: options.responseMode,
        subject_type: options.subjectType,
        sector_identifier_uri: options.sectorIdentifierUri,
      }),
    },
  };
}

/** A key set, or one key by itself. */
function keysOf(json: Record<string, unknown>): unknown {
  return 'kty' in json ? { keys: [json] } : json;
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function readJson(option: string, file: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error ? 'cannot be read' : 'does not hold one JSON object';
    throw new InputFaults([`${option}: ${file} ${why}`]);
  }
}

/**
 * Runs work whose refusal of a description is told in the words of the options.
 * @param work what may refuse
 * @throws InputFaults where it threw a ZodError
 */
export async function inOptionWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof z.ZodError) throw new InputFaults(faultWords(error.issues));
    throw error;
  }
}
