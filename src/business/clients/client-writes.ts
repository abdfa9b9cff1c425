/** Writing relying parties: each change in one transaction with its event and whatever else must stand or fall with it. */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, isDuplicateKey, type Tx } from '../../base/db/transaction.ts';
import type { EventData, Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ClientInput } from './client-input.ts';
import { type ClientRecord, toClientRecord } from './client-record.ts';
import { clientModel, type StoredClient } from './model.ts';

/** What the clients are made of. */
export interface ClientsDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  /** Key of the secrets' hashes; never in the database in clear. */
  secretKey: Buffer;
  events: Events;
}

/** A client to be written for the first time. */
export interface NewClient {
  client: ClientInput & { id: string };
  secret?: string | undefined;
  /** Id of the invitation it registered itself with. */
  invitation?: string;
  /** Joins the transaction; what it throws undoes everything. */
  also?: (tx: Tx) => Promise<void>;
}

/** Says what is to change in a client; undefined for nothing. */
export type Alteration = (client: StoredClient) => Change | undefined;

/** New values of a client's fields with the event that tells of them. */
export type Change = {
  event: 'client.changed' | 'client.secret_rotated' | 'client.disabled' | 'client.deleted';
} & {
  data?: EventData;
  disabledAt?: Date | undefined;
  /** Joins the transaction. */
  also?: (tx: Tx) => Promise<void>;
} & Partial<Omit<StoredClient, '_id' | 'disabledAt' | 'version' | 'createdAt' | 'updatedAt'>>;

/**
 * The keyed hash of a client's secret; bound to the client, so that a hash copied to another client opens nothing.
 * @param deps the key
 * @param id client id
 * @param secret the secret
 */
export function secretHash(deps: Pick<ClientsDeps, 'secretKey'>, id: string, secret: string): string {
  return keyedHash(deps.secretKey, 'client', id, secret);
}

/**
 * Writes a new client.
 * @param deps databases, clock, events
 * @param made the client with its secret
 * @param visit who registers it
 * @throws DomainError `client.exists`
 */
export async function insertClient(deps: ClientsDeps, made: NewClient, visit: Visit): Promise<ClientRecord> {
  const now = dateOf(deps.clock);
  const { secret, invitation, also } = made;
  const { id, ...rest } = made.client;
  const stored: StoredClient = {
    _id: id,
    ...withoutUndefined(rest),
    ...(invitation && { invitation }),
    secrets: secret === undefined ? [] : [{ hash: secretHash(deps, id, secret), createdAt: now }],
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  try {
    await inTransaction(deps.db, async (tx) => {
      await also?.(tx);
      await clientModel(deps.db.main).create([stored], { session: tx });
      const data = { client: id, ...(invitation && { invitation }) };
      await deps.events.record(tx, { type: 'client.added', visit, data });
    });
  } catch (error) {
    if (isDuplicateKey(error)) throw new DomainError('client.exists');
    throw error;
  }
  return toClientRecord(stored);
}

/**
 * Reads, changes and writes back one client with its event; a change made in between lets it all run again.
 * @param deps databases, clock, events
 * @param id client id
 * @param visit who changes it
 * @param alter says what is to change
 * @throws DomainError `client.unknown`
 */
export async function changeClient(
  deps: ClientsDeps,
  id: string,
  visit: Visit,
  alter: Alteration,
): Promise<ClientRecord> {
  const model = clientModel(deps.db.main);
  const stored = await inTransaction(deps.db, async (tx) => {
    const before = await model.findOne({ _id: id }).session(tx).lean<StoredClient>();
    if (!before) throw new DomainError('client.unknown');
    const altered = alter(before);
    if (!altered) return before;
    const { event, data, disabledAt, also, ...fields } = altered;
    const { disabledAt: disabledBefore, ...rest } = before;
    const disabled = 'disabledAt' in altered ? disabledAt : disabledBefore;
    const after: StoredClient = {
      ...rest,
      ...fields,
      ...(disabled && { disabledAt: disabled }),
      version: before.version + 1,
      updatedAt: dateOf(deps.clock),
    };
    await model.replaceOne({ _id: id, version: before.version }, after, { session: tx });
    await deps.events.record(tx, { type: event, visit, data: { client: id, ...data } });
    await also?.(tx);
    return after;
  });
  return toClientRecord(stored);
}

/**
 * Whether a client proves itself by a shared secret.
 * @param client its metadata
 */
export function usesSecret(client: { metadata: ClientInput['metadata'] }): boolean {
  return client.metadata.token_endpoint_auth_method.startsWith('client_secret_');
}

/**
 * Everything that is said about a client beside its metadata.
 * @param client as stored, or part of it
 */
export function policyOf(client: Partial<StoredClient>) {
  const { brand, market, name, firstParty, resourceServer, profile, pkceExempt, refreshLeewaySeconds } =
    client;
  const own = { brand, market, name, firstParty, resourceServer, profile, pkceExempt, refreshLeewaySeconds };
  return { ...own, tokenExchange: client.tokenExchange ?? {} };
}

/**
 * Whether a client is as described.
 * @param before as stored
 * @param fields the description
 */
export function sameFields(before: StoredClient, fields: Partial<StoredClient>): boolean {
  const pick = (client: Partial<StoredClient>) => canonical([policyOf(client), client.metadata]);
  return pick(before) === pick(fields);
}

/**
 * Whether all that only an operator decides is as described; a client names itself.
 * @param before as stored
 * @param fields the description
 */
export function samePolicy(before: StoredClient, fields: Partial<StoredClient>): boolean {
  const decided = (client: Partial<StoredClient>) =>
    canonical({
      ...policyOf(client),
      profile: client.profile ?? 'baseline',
      pkceExempt: client.pkceExempt ?? false,
      refreshLeewaySeconds: client.refreshLeewaySeconds ?? 0,
      name: undefined,
    });
  return decided(before) === decided(fields);
}

/** JSON with sorted keys, so that two equal values give the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Absent and undefined are the same to us, but not to the database.
 * @param value a plain object
 */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value));
}
