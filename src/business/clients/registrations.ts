/**
 * Clients that register and keep themselves (RFC 7591, RFC 7592). They end up as clients like all others; what only an
 * operator decides comes from their invitation and stays with the operator. It never speaks HTTP.
 */
import type { Outbox } from '../../base/db/outbox.ts';
import type { Outbound } from '../../base/http/outbound.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ClientInput } from './client-input.ts';
import { type ClientRecord, toClientRecord } from './client-record.ts';
import {
  type ClientsDeps,
  changeClient,
  insertClient,
  type NewClient,
  sameFields,
  samePolicy,
  secretHash,
  usesSecret,
  withoutUndefined,
} from './client-writes.ts';
import type { IssuedClient } from './clients.ts';
import type { Invitations } from './invitations.ts';
import type { StoredClient } from './model.ts';
import { sectorFault } from './sector-document.ts';
import { type RegistrationFault, readSelfDescription, type SelfDescription } from './self-description.ts';

/** Outbox kind: end what was issued to a client that is gone for good. */
export const clientEnded = 'client-ended';

/** What the registrations are made of. */
export interface RegistrationsDeps extends ClientsDeps {
  invitations: Invitations;
  outbox: Pick<Outbox, 'add'>;
  outbound: Outbound;
}

/** A description that keeps every rule. */
export interface SoundDescription {
  client: ClientInput & { id: string };
  /** The client as it will be, without secrets. */
  preview: ClientRecord;
  /** Whether it will need a secret. */
  usesSecret: boolean;
}

/** The registrations as the protocol sees them. */
export interface Registrations {
  /** Holds what a client says about itself against the rules, its invitation and its sector's document. */
  judge(said: SelfDescription): Promise<SoundDescription | { faults: RegistrationFault[] }>;
  /**
   * Registers a client and counts the use of its invitation, in one transaction.
   * @throws DomainError `invitation.unknown` when another client was faster
   */
  create(client: SoundDescription['client'], invitation: string, visit: Visit): Promise<IssuedClient>;
  /**
   * Replaces everything a client says about itself; a secret is made when it needs one for the first time.
   * @throws DomainError `client.unknown`, `client.disabled`
   */
  replace(client: SoundDescription['client'], visit: Visit): Promise<IssuedClient>;
  /** Ends a client for good; what was issued to it dies. @throws DomainError `client.unknown` */
  end(id: string, visit: Visit): Promise<ClientRecord>;
}

/**
 * Builds the registrations.
 * @param deps what clients are made of; invitations, outbox, outbound calls
 */
export function createRegistrations(deps: RegistrationsDeps): Registrations {
  return {
    async judge(said) {
      const read = readSelfDescription(said, deps.outbound.check);
      if ('faults' in read) return read;
      const sector = await sectorFault(read.client.metadata, deps.outbound);
      if (sector) return { faults: [{ field: 'sector_identifier_uri', message: sector.message }] };
      return { ...read, preview: previewOf(read.client, deps), usesSecret: usesSecret(read.client) };
    },
    async create(client, invitation, visit) {
      const secret = usesSecret(client) ? deps.ids.secret() : undefined;
      const made: NewClient = {
        client,
        secret,
        invitation,
        also: (tx) => deps.invitations.use(tx, invitation),
      };
      const record = await insertClient(deps, made, visit);
      return { client: record, ...(secret !== undefined && { secret }) };
    },
    async replace({ id, ...fields }, visit) {
      const candidate = deps.ids.secret();
      const first = { secret: false };
      const client = await changeClient(deps, id, visit, (before) => {
        if (before.disabledAt) throw new DomainError('client.disabled');
        // The description was judged by what this process knew; what an operator has changed since must stand.
        if (!samePolicy(before, withoutUndefined(fields)))
          throw new DomainError('overloaded', { retryAfter: 1 });
        first.secret = usesSecret(fields) && before.secrets.length === 0;
        const made = { hash: secretHash(deps, id, candidate), createdAt: dateOf(deps.clock) };
        const kept = usesSecret(fields) ? before.secrets : [];
        const said: Partial<StoredClient> = withoutUndefined(fields);
        if (!first.secret && kept.length === before.secrets.length && sameFields(before, said))
          return undefined;
        return { event: 'client.changed', ...said, secrets: first.secret ? [made] : kept };
      });
      return { client, ...(first.secret && { secret: candidate }) };
    },
    end: (id, visit) =>
      changeClient(deps, id, visit, (before) => {
        if (before.endedAt) return undefined;
        const now = dateOf(deps.clock);
        return {
          event: 'client.deleted',
          disabledAt: now,
          endedAt: now,
          secrets: [],
          also: (tx) => deps.outbox.add({ kind: clientEnded, payload: { clientId: id } }, tx),
        };
      }),
  };
}

function previewOf({ id, ...said }: SoundDescription['client'], { clock }: ClientsDeps): ClientRecord {
  const now = dateOf(clock);
  const fields: Omit<ClientInput, 'id'> = said;
  const rest = { secrets: [], version: 0, createdAt: now, updatedAt: now };
  return toClientRecord({ _id: id, ...withoutUndefined(fields), ...rest });
}
