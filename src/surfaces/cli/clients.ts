/** `symbolon clients`: registering and keeping relying parties. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type ClientDraft, clientInput } from '../../business/clients/client-input.ts';
import { cibaGrant, deviceGrant, tokenExchangeGrant } from '../../business/clients/client-metadata.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { type Answer, InputFaults, table } from './answer.ts';
import type { World } from './world.ts';

/** The options of `clients add`. */
export interface AddOptions {
  from?: string;
  id?: string;
  name?: string;
  brand?: string;
  market?: string;
  firstParty?: boolean;
  resourceServer?: boolean;
  native?: boolean;
  public?: boolean;
  redirectUri?: string[];
  postLogoutRedirectUri?: string[];
  backchannelLogoutUri?: string;
  initiateLoginUri?: string;
  clientUri?: string;
  grant?: string[];
  scope?: string;
}

/**
 * Registers a client and prints what its application needs.
 * @param world the rest
 * @param options what was asked for; `from` names a JSON file that the other options add to
 * @throws InputFaults with every fault of the description
 */
export function addClient(world: World, options: AddOptions): Promise<Answer> {
  return world.withProgram(async ({ clients, experiences }, config) => {
    const draft = describe(options);
    refuseFaults(draft, experiences);
    const { client, secret } = await clients.add(draft as ClientDraft, world.visit());
    const env = envBlock(client, config.issuer, secret);
    const text = [
      `The client ${client.id} is registered. Put this into the environment of its application:`,
      '',
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...(secret === undefined ? [] : ['', 'The secret is shown this once and cannot be had again.']),
    ].join('\n');
    return { text, data: { client: shown(client), env, ...(secret !== undefined && { secret }) } };
  });
}

/**
 * Every client.
 * @param world the rest
 */
export function listClients(world: World): Promise<Answer> {
  return world.withProgram(async ({ clients }) => {
    const all = await clients.list();
    const rows = all.map((client) => [
      client.id,
      client.name,
      client.brand,
      client.firstParty ? 'first party' : 'third party',
      client.metadata.token_endpoint_auth_method,
      client.disabledAt ? 'disabled' : 'enabled',
    ]);
    const text =
      all.length === 0
        ? 'There are no clients yet. "symbolon clients add --help" tells how to register one.'
        : table(['id', 'name', 'brand', 'party', 'authentication', 'state'], rows);
    return { text, data: { clients: all.map(shown) } };
  });
}

/**
 * Gives a client a new secret; the one before stays valid for a while.
 * @param world the rest
 * @param id client id
 * @param graceHours how long the secret before stays valid
 */
export function rotateSecret(world: World, id: string, graceHours: number): Promise<Answer> {
  return world.withProgram(async ({ clients }) => {
    const { secret } = await clients.rotateSecret(id, world.visit(), graceHours * 3_600_000);
    const before =
      graceHours > 0
        ? `The secret before it stays valid for ${graceHours} hour${graceHours === 1 ? '' : 's'}; any older one is dead now.`
        : 'Every secret before it is dead now.';
    const text = [
      `The client ${id} has a new secret:`,
      '',
      `OIDC_CLIENT_SECRET=${secret}`,
      '',
      `It is shown this once. ${before}`,
    ].join('\n');
    return { text, data: { client: id, secret, graceHours } };
  });
}

/**
 * Disables or enables a client.
 * @param world the rest
 * @param id client id
 * @param enabled which
 */
export function switchClient(world: World, id: string, enabled: boolean): Promise<Answer> {
  return world.withProgram(async ({ clients }) => {
    const client = await (enabled ? clients.enable(id, world.visit()) : clients.disable(id, world.visit()));
    const text = enabled
      ? `The client ${id} is enabled.`
      : `The client ${id} is disabled: nobody can sign in to it and it gets no tokens. "symbolon clients enable ${id}" takes it back.`;
    return { text, data: { client: shown(client) } };
  });
}

/** Short names of the grants whose identifiers are URNs; the URNs themselves are taken too. */
const shortGrants: Readonly<Record<string, string>> = {
  device_code: deviceGrant,
  ciba: cibaGrant,
  token_exchange: tokenExchangeGrant,
};

function describe(options: AddOptions): Record<string, unknown> {
  const file = options.from === undefined ? {} : readDraft(options.from);
  const { metadata, ...rest } = file;
  return {
    ...rest,
    ...present({
      id: options.id,
      name: options.name,
      brand: options.brand,
      market: options.market,
      firstParty: options.firstParty,
      resourceServer: options.resourceServer,
    }),
    metadata: {
      ...(typeof metadata === 'object' ? metadata : {}),
      ...present({
        application_type: options.native ? 'native' : undefined,
        token_endpoint_auth_method: options.public ? 'none' : undefined,
        redirect_uris: options.redirectUri,
        post_logout_redirect_uris: options.postLogoutRedirectUri,
        backchannel_logout_uri: options.backchannelLogoutUri,
        initiate_login_uri: options.initiateLoginUri,
        client_uri: options.clientUri,
        grant_types: options.grant?.map((grant) => shortGrants[grant] ?? grant),
        scope: options.scope,
      }),
    },
  };
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function readDraft(file: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error ? 'cannot be read' : 'does not hold one JSON object';
    throw new InputFaults([`--from: ${file} ${why}`]);
  }
}

/** The command line's own names for what the description calls by the names of the specification. */
const optionNames: Readonly<Record<string, string>> = {
  id: '--id',
  name: '--name',
  brand: '--brand',
  market: '--market',
  'metadata.redirect_uris': '--redirect-uri',
  'metadata.post_logout_redirect_uris': '--post-logout-redirect-uri',
  'metadata.backchannel_logout_uri': '--backchannel-logout-uri',
  'metadata.initiate_login_uri': '--initiate-login-uri',
  'metadata.client_uri': '--client-uri',
  'metadata.grant_types': '--grant',
  'metadata.scope': '--scope',
};

function refuseFaults(draft: Record<string, unknown>, experiences: Experiences): void {
  const needed = (['name', 'brand'] as const).filter((field) => draft[field] === undefined);
  const faults = needed.map((field) => `${optionNames[field]}: is needed`);
  // Rules over several fields are looked at only once each field is there: what is missing is filled in for that.
  const filled = { ...draft, ...Object.fromEntries(needed.map((field) => [field, 'missing'])) };
  for (const issue of clientInput.safeParse(filled).error?.issues ?? []) {
    const path = issue.path.filter((part) => typeof part === 'string').join('.');
    faults.push(`${optionNames[path] ?? path}: ${issue.message}`);
  }
  const known = (kind: 'brand' | 'market', ids: readonly string[]) => {
    const asked = draft[kind];
    if (typeof asked === 'string' && !ids.includes(asked))
      faults.push(`--${kind}: "${asked}" is not configured; there are ${ids.join(', ')}`);
  };
  known(
    'brand',
    experiences.brands().map(({ id }) => id),
  );
  known(
    'market',
    experiences.markets().map(({ id }) => id),
  );
  if (faults.length > 0) throw new InputFaults(faults);
}

function envBlock(client: ClientRecord, issuer: string, secret: string | undefined): Record<string, string> {
  const { redirect_uris: redirects, post_logout_redirect_uris: after } = client.metadata;
  return {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: client.id,
    ...(secret !== undefined && { OIDC_CLIENT_SECRET: secret }),
    ...(redirects[0] && { OIDC_REDIRECT_URI: redirects[0] }),
    ...(after[0] && { OIDC_POST_LOGOUT_REDIRECT_URI: after[0] }),
  };
}

/** Without the secrets' hashes. */
function shown({ secrets, ...client }: ClientRecord) {
  return {
    ...client,
    secrets: secrets.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
  };
}
