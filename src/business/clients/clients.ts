/**
 * The relying parties: who may send members here, and how they prove who they are. Owns their metadata, policy and
 * secrets. Never keeps a secret itself (only a keyed hash), and never speaks a protocol.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, isDuplicateKey } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { constantTimeEqual, keyedHash } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { type ClientDraft, type ClientInput, clientInput } from './client-input.ts';
import { type ClientRecord, toClientRecord } from './client-record.ts';
import { type ClientSecret, clientModel, type StoredClient } from './model.ts';

/** What the clients are made of. */
export interface ClientsDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  /** Key of the secrets' hashes; never in the database in clear. */
  secretKey: Buffer;
  events: Events;
}

/** A client with the secret that was just made; it is shown once and cannot be had again. */
export interface IssuedClient {
  client: ClientRecord;
  /** Absent for public clients and those that sign with a key of their own. */
  secret?: string;
}

/** The relying parties as other modules see them. Changes throw a ZodError when the input breaks a rule. */
export interface Clients {
  /** Registers a client. @throws DomainError `client.exists` */
  add(input: ClientDraft, visit: Visit): Promise<IssuedClient>;
  list(): Promise<ClientRecord[]>;
  get(id: string): Promise<ClientRecord | undefined>;
  /** Changes what is named in the patch; metadata is merged by name. @throws DomainError `client.unknown` */
  update(id: string, patch: ClientPatch, visit: Visit): Promise<ClientRecord>;
  /**
   * Makes a new secret; the newest one before it stays valid for `graceMs` (default a day), any older one dies now.
   * @throws DomainError `client.unknown`, `client.has_no_secret`
   */
  rotateSecret(id: string, visit: Visit, graceMs?: number): Promise<Required<IssuedClient>>;
  disable(id: string, visit: Visit): Promise<ClientRecord>;
  enable(id: string, visit: Visit): Promise<ClientRecord>;
  /** Whether a presented secret is one of the client's live ones; takes as long whether or which one matches. */
  verifySecret(client: ClientRecord, secret: string): boolean;
  /** Brings a client to the given description and, where given, secret; doing so again changes nothing. For seeds. */
  ensure(input: ClientDraft & { id: string }, visit: Visit, secret?: string): Promise<ClientRecord>;
}

/** What of a client can be changed. */
export type ClientPatch = Partial<Omit<ClientDraft, 'id' | 'metadata'>> & {
  metadata?: Partial<ClientDraft['metadata']>;
};

const dayMs = 86_400_000;

/**
 * Builds the relying parties.
 * @param deps databases, clock, ids, the key of secret hashes, the event log
 */
export function createClients(deps: ClientsDeps): Clients {
  const { clock, ids } = deps;
  const model = clientModel(deps.db.main);
  const change = (id: string, visit: Visit, alter: Alteration) => changeClient(deps, id, visit, alter);

  return {
    async add(input, visit) {
      const parsed = clientInput.parse(input);
      const secret = usesSecret(parsed) ? ids.secret() : undefined;
      const id = parsed.id ?? ids.id('cli');
      const client = await insertClient(deps, { ...parsed, id }, visit, secret);
      return secret === undefined ? { client } : { client, secret };
    },
    list: async () => (await model.find().sort({ _id: 1 }).lean<StoredClient[]>()).map(toClientRecord),
    async get(id) {
      const stored = await model.findOne({ _id: id }).lean<StoredClient>();
      return stored ? toClientRecord(stored) : undefined;
    },
    update: (id, patch, visit) =>
      change(id, visit, (before) => ({ event: 'client.changed', ...patched(before, patch) })),
    async rotateSecret(id, visit, graceMs = dayMs) {
      const secret = ids.secret();
      const client = await change(id, visit, (before) => {
        if (!usesSecret(before)) throw new DomainError('client.has_no_secret');
        const hash = secretHash(deps, id, secret);
        return { event: 'client.secret_rotated', secrets: rotated(before.secrets, hash, clock, graceMs) };
      });
      return { client, secret };
    },
    disable: (id, visit) =>
      change(id, visit, (before) =>
        before.disabledAt ? undefined : { event: 'client.disabled', disabledAt: dateOf(clock) },
      ),
    enable: (id, visit) =>
      change(id, visit, (before) =>
        before.disabledAt
          ? { event: 'client.changed', data: { enabled: true }, disabledAt: undefined }
          : undefined,
      ),
    verifySecret: (client, secret) => matchesLiveSecret(client, secretHash(deps, client.id, secret), clock),
    async ensure(input, visit, secret) {
      const parsed = { ...clientInput.parse(input), id: input.id };
      if (!(await model.exists({ _id: input.id }))) {
        try {
          return await insertClient(deps, parsed, visit, secret);
        } catch (error) {
          // Another process seeds the same client at this moment: go on from what it wrote.
          if (!(error instanceof DomainError && error.code === 'client.exists')) throw error;
        }
      }
      const hash = secret === undefined ? undefined : secretHash(deps, input.id, secret);
      return change(input.id, visit, (before) => brought(before, parsed, hash, clock));
    },
  };
}

/** Bound to the client, so that a hash copied to another client opens nothing. */
function secretHash(deps: ClientsDeps, id: string, secret: string): string {
  return keyedHash(deps.secretKey, 'client', id, secret);
}

async function insertClient(
  deps: ClientsDeps,
  client: ClientInput & { id: string },
  visit: Visit,
  secret: string | undefined,
): Promise<ClientRecord> {
  const now = dateOf(deps.clock);
  const { id, ...rest } = client;
  const stored: StoredClient = {
    _id: id,
    ...withoutUndefined(rest),
    secrets: secret === undefined ? [] : [{ hash: secretHash(deps, id, secret), createdAt: now }],
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  try {
    await inTransaction(deps.db, async (tx) => {
      await clientModel(deps.db.main).create([stored], { session: tx });
      await deps.events.record(tx, { type: 'client.added', visit, data: { client: id } });
    });
  } catch (error) {
    if (isDuplicateKey(error)) throw new DomainError('client.exists');
    throw error;
  }
  return toClientRecord(stored);
}

/** Reads, changes and writes back one client with its event; a change made in between lets it all run again. */
async function changeClient(
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
    const { event, data, disabledAt, ...fields } = altered;
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
    return after;
  });
  return toClientRecord(stored);
}

/** Looks at every secret, whether or which one matches. */
function matchesLiveSecret(client: ClientRecord, presented: string, clock: Clock): boolean {
  let matched = false;
  for (const { hash, expiresAt } of client.secrets) {
    const live = expiresAt === undefined || expiresAt.getTime() > clock.now();
    matched = (constantTimeEqual(hash, presented) && live) || matched;
  }
  return matched;
}

/** What must change for a client to be as described; undefined when it is already. */
function brought(
  before: StoredClient,
  wanted: ClientInput & { id: string },
  hash: string | undefined,
  clock: Clock,
): Change | undefined {
  const { id: _id, ...fields } = withoutUndefined(wanted);
  const known = hash === undefined || before.secrets.some((secret) => secret.hash === hash);
  if (known && sameFields(before, fields)) return undefined;
  const secrets = known ? before.secrets : [{ hash, createdAt: dateOf(clock) }];
  return { event: 'client.changed', ...fields, secrets };
}

/** Says what is to change in a client; undefined for nothing. */
type Alteration = (client: StoredClient) => Change | undefined;

/** New values of a client's fields with the event that tells of them. */
type Change = { event: 'client.changed' | 'client.secret_rotated' | 'client.disabled' } & {
  data?: Record<string, boolean>;
  disabledAt?: Date | undefined;
} & Partial<Omit<StoredClient, '_id' | 'disabledAt' | 'version' | 'createdAt' | 'updatedAt'>>;

/** Whether a client proves itself by a shared secret. */
function usesSecret(client: { metadata: ClientInput['metadata'] }): boolean {
  return client.metadata.token_endpoint_auth_method.startsWith('client_secret_');
}

function patched(before: StoredClient, patch: ClientPatch) {
  // Derived again from what it follows from.
  const { response_types: _derived, ...metadata } = before.metadata;
  const draft = {
    ...policyOf(before),
    ...patch,
    metadata: { ...metadata, ...patch.metadata },
  };
  const { id: _id, ...fields } = clientInput.parse(draft);
  return withoutUndefined(fields);
}

/** The new secret and, while the grace lasts, the newest of those before: never more than two live. */
function rotated(secrets: readonly ClientSecret[], hash: string, clock: Clock, graceMs: number) {
  const previous = [...secrets].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
  const until = dateOf(clock, graceMs);
  const ends = previous?.expiresAt && previous.expiresAt < until ? previous.expiresAt : until;
  return [
    { hash, createdAt: dateOf(clock) },
    ...(previous && graceMs > 0 ? [{ ...previous, expiresAt: ends }] : []),
  ];
}

function sameFields(before: StoredClient, fields: Partial<StoredClient>): boolean {
  const pick = (client: Partial<StoredClient>) => canonical([policyOf(client), client.metadata]);
  return pick(before) === pick(fields);
}

/** Everything that is said about a client beside its metadata. */
function policyOf(client: Partial<StoredClient>) {
  const { brand, market, name, firstParty, resourceServer, profile, pkceExempt, refreshLeewaySeconds } =
    client;
  return { brand, market, name, firstParty, resourceServer, profile, pkceExempt, refreshLeewaySeconds };
}

/** JSON with sorted keys, so that two equal values give the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Absent and undefined are the same to us, but not to the database. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value));
}
