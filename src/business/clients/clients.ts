/**
 * The relying parties: who may send members here, and how they prove who they are. Owns their metadata, policy and
 * secrets. Never keeps a secret itself (only a keyed hash), and never speaks a protocol.
 */
import { trusted } from '../../base/db/schema.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { constantTimeEqual } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { type ClientDraft, type ClientInput, clientInput } from './client-input.ts';
import { type ClientRecord, toClientRecord } from './client-record.ts';
import {
  type Alteration,
  type Change,
  type ClientsDeps,
  changeClient,
  insertClient,
  policyOf,
  sameFields,
  secretHash,
  usesSecret,
  withoutUndefined,
} from './client-writes.ts';
import { type ClientSecret, clientModel, type StoredClient } from './model.ts';

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
  /** Brand and market of several; unknown ones are left out. */
  sitesOf(ids: readonly string[]): Promise<Map<string, { brand: string; market: string | undefined }>>;
  /** Ids of registered clients in their order, so many at the most. */
  ids(most: number): Promise<string[]>;
  /** Changes what is named in the patch; metadata is merged by name. @throws DomainError `client.unknown` */
  update(id: string, patch: ClientPatch, visit: Visit): Promise<ClientRecord>;
  /**
   * Makes a new secret; the newest one before it stays valid for `graceMs` (default a day), any older one dies now.
   * @throws DomainError `client.unknown`, `client.has_no_secret`
   */
  rotateSecret(id: string, visit: Visit, graceMs?: number): Promise<Required<IssuedClient>>;
  disable(id: string, visit: Visit): Promise<ClientRecord>;
  /** @throws DomainError `client.unknown`; `client.ended` when it has deleted itself */
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
      const client = await insertClient(deps, { client: { ...parsed, id }, secret }, visit);
      return secret === undefined ? { client } : { client, secret };
    },
    list: async () => (await model.find().sort({ _id: 1 }).lean<StoredClient[]>()).map(toClientRecord),
    async get(id) {
      const stored = await model.findOne({ _id: id }).lean<StoredClient>();
      return stored ? toClientRecord(stored) : undefined;
    },
    async sitesOf(ids) {
      const sites = new Map<string, { brand: string; market: string | undefined }>();
      for (let at = 0; at < ids.length; at += 1_000) {
        const rows = await model
          .find({ _id: trusted({ $in: ids.slice(at, at + 1_000) }) }, { brand: 1, market: 1 })
          .lean<Pick<StoredClient, '_id' | 'brand' | 'market'>[]>();
        for (const { _id, brand, market } of rows) sites.set(_id, { brand, market });
      }
      return sites;
    },
    async ids(most) {
      const rows = await model.find({}, { _id: 1 }).sort({ _id: 1 }).limit(most).lean<{ _id: string }[]>();
      return rows.map(({ _id }) => _id);
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
      change(id, visit, (before) => {
        if (before.endedAt) throw new DomainError('client.ended');
        if (!before.disabledAt) return undefined;
        return { event: 'client.changed', data: { enabled: true }, disabledAt: undefined };
      }),
    verifySecret: (client, secret) => matchesLiveSecret(client, secretHash(deps, client.id, secret), clock),
    async ensure(input, visit, secret) {
      const parsed = { ...clientInput.parse(input), id: input.id };
      if (!(await model.exists({ _id: input.id }))) {
        try {
          return await insertClient(deps, { client: parsed, secret }, visit);
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
