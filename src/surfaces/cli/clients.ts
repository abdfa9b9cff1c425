/** `symbolon clients`: registering and keeping relying parties. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientMetadata } from '../../business/clients/client-input.ts';
import { type ClientDraft, clientInput } from '../../business/clients/client-input.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { ClientPatch } from '../../business/clients/clients.ts';
import { envBlock } from '../../business/clients/env-block.ts';
import { sectorFault } from '../../business/clients/sector-document.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { type Answer, InputFaults, table } from './answer.ts';
import {
  type AddOptions,
  described,
  faultWords,
  inOptionWords,
  type UpdateOptions,
} from './client-options.ts';
import type { OpenProgram, World } from './world.ts';

/**
 * Registers a client and prints what its application needs.
 * @param world the rest
 * @param options what was asked for; `from` names a JSON file that the other options add to
 * @throws InputFaults with every fault of the description
 */
export function addClient(world: World, options: AddOptions): Promise<Answer> {
  return world.withProgram(async (program, config) => {
    const { clients, experiences } = program;
    const draft = described(options);
    refuseFaults(draft, experiences);
    const notes = await sectorNotes(program, clientInput.parse(draft).metadata);
    const { client, secret } = await clients.add(draft as ClientDraft, world.visit());
    const env = envBlock(client, config.issuer, secret);
    const text = [
      `The client ${client.id} is registered. Put this into the environment of its application:`,
      '',
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...(secret === undefined ? [] : ['', 'The secret is shown this once and cannot be had again.']),
      ...notes,
    ].join('\n');
    return { text, data: { client: shown(client), env, notes, ...(secret !== undefined && { secret }) } };
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
 * Everything about one client.
 * @param world the rest
 * @param id client id
 * @throws DomainError `client.unknown`
 */
export function showClient(world: World, id: string): Promise<Answer> {
  return world.withProgram(async ({ clients }) => {
    const client = await clients.get(id);
    if (!client) throw new DomainError('client.unknown');
    const { metadata, secrets, ...rest } = shown(client);
    const rows = [
      ...Object.entries({ ...rest, market: rest.market ?? "the brand's" }),
      ...secrets.map(({ createdAt, expiresAt }) => [
        'secret',
        `of ${createdAt.toISOString()}${expiresAt ? `, valid until ${expiresAt.toISOString()}` : ''}`,
      ]),
      ...Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
    const text = table(
      ['', ''],
      rows.filter(([, value]) => value !== undefined).map(([name, value]) => [String(name), words(value)]),
    );
    return { text: text.trimStart(), data: { client: shown(client) } };
  });
}

/**
 * Changes what the options name and leaves the rest; running issuers go by it at once.
 * @param world the rest
 * @param id client id
 * @param options what is to change; `from` names a JSON file that the other options add to
 * @throws InputFaults with every fault; DomainError `client.unknown`
 */
export function updateClient(world: World, id: string, options: UpdateOptions): Promise<Answer> {
  return world.withProgram(async (program) => {
    const { clients, experiences } = program;
    const { id: _id, ...patch } = described(options);
    const unset = Object.fromEntries((options.unset ?? []).map((name) => [name, undefined]));
    const metadata = { ...unset, ...patch.metadata };
    if (Object.keys({ ...patch, ...metadata }).length === 1)
      throw new InputFaults(['Nothing to change: name what shall be different']);
    const faults = placeFaults(patch, experiences);
    if (faults.length > 0) throw new InputFaults(faults);
    const before = await clients.get(id);
    if (!before) throw new DomainError('client.unknown');
    const moved = ['sector_identifier_uri', 'redirect_uris', 'jwks_uri'].some((name) => name in metadata);
    const merged = { ...before.metadata, ...metadata } as ClientMetadata;
    const notes = moved ? await sectorNotes(program, merged) : [];
    const client = await inOptionWords(() =>
      clients.update(id, { ...patch, metadata } as ClientPatch, world.visit()),
    );
    const needsSecret = client.metadata.token_endpoint_auth_method.startsWith('client_secret_');
    if (needsSecret && client.secrets.length === 0)
      notes.push(`It has no secret yet: symbolon clients rotate-secret ${id}`);
    const text = [`The client ${id} is changed; running issuers go by it from now on.`, ...notes].join('\n');
    return { text, data: { client: shown(client), notes } };
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

function refuseFaults(draft: Record<string, unknown>, experiences: Experiences): void {
  const needed = (['name', 'brand'] as const).filter((field) => draft[field] === undefined);
  // Rules over several fields are looked at only once each field is there: what is missing is filled in for that.
  const filled = { ...draft, ...Object.fromEntries(needed.map((field) => [field, 'missing'])) };
  const faults = [
    ...needed.map((field) => `--${field}: is needed`),
    ...faultWords(clientInput.safeParse(filled).error?.issues ?? []),
    ...placeFaults(draft, experiences),
  ];
  if (faults.length > 0) throw new InputFaults(faults);
}

/**
 * Whether brand and market are configured.
 * @param given what names them
 * @param experiences brands and markets
 * @returns faults by the names of the options
 */
export function placeFaults(given: Readonly<Record<string, unknown>>, experiences: Experiences): string[] {
  const known = (kind: 'brand' | 'market', all: readonly { id: string }[]) => {
    const asked = given[kind];
    const ids = all.map(({ id }) => id);
    if (typeof asked !== 'string' || ids.includes(asked)) return [];
    return [`--${kind}: "${asked}" is not configured; there are ${ids.join(', ')}`];
  };
  return [...known('brand', experiences.brands()), ...known('market', experiences.markets())];
}

/** Refuses what the sector's document does not name; a document that cannot be had from here is only noted. */
async function sectorNotes({ outbound }: OpenProgram, metadata: ClientMetadata): Promise<string[]> {
  const fault = await sectorFault(metadata, outbound);
  if (!fault) return [];
  const words = `--sector-identifier-uri: ${fault.message}`;
  if (!fault.unreachable) throw new InputFaults([words]);
  return [`Not looked at: ${words}. See to it that it names every redirect address.`];
}

function words(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join('  ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Without the secrets' hashes. */
function shown({ secrets, ...client }: ClientRecord) {
  return {
    ...client,
    secrets: secrets.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
  };
}
