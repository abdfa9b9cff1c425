/**
 * Invitations: what an operator allows to register by itself. An invitation is an initial access token (RFC 7591
 * section 1.2) with what a client registered with it may be; the token is kept as a digest only. It outlives its last
 * use, because the clients registered with it are held to it for as long as they manage themselves.
 */
import { z } from 'zod';
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { configId } from '../layers/id-shapes.ts';
import { grantTypes } from './client-metadata.ts';
import { invitationModel, type StoredInvitation } from './model.ts';

const hourMs = 3_600_000;

/** What an operator says about an invitation. */
export const invitationInput = z.strictObject({
  brand: configId,
  market: configId.optional(),
  /** The program's own: no scope consent, the public subject. */
  firstParty: z.boolean().default(false),
  profile: z.enum(['baseline', 'fapi2']).default('baseline'),
  /** Confidential clients need not use PKCE, but then must send a nonce: for what cannot be changed, and for tests. */
  pkceExempt: z.boolean().default(false),
  /** Whether a third party may ask for the public subject; its usual one is pairwise. */
  publicSubject: z.boolean().default(false),
  grants: z.array(z.enum(grantTypes)).min(1).default(['authorization_code', 'refresh_token']),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'not a scope'))
    .min(1)
    .max(50)
    .default(['openid', 'profile', 'email', 'offline_access']),
  /** Hosts that codes and signed-out browsers may be sent to, and private-use schemes such as `com.example.app:`. */
  redirectHosts: z
    .array(z.string().regex(/^(?:[a-z0-9.-]+(?::\d+)?|\[[0-9a-f:.]+\]|[a-z][a-z0-9.+-]*:)$/, 'not a host'))
    .max(50)
    .default([]),
  uses: z.int().min(1).max(1000).default(1),
  expiresHours: z.int().min(1).max(2160).default(168),
});

/** What an operator writes. */
export type InvitationDraft = z.input<typeof invitationInput>;

/** An invitation. */
export interface Invitation extends Omit<StoredInvitation, '_id'> {
  readonly id: string;
  /** Whether it can still be used, and if not, why. */
  readonly state: 'open' | 'used up' | 'expired' | 'withdrawn';
}

/** The invitations as other modules see them. */
export interface Invitations {
  /** Makes an invitation; the token is shown this once. @throws ZodError */
  issue(draft: InvitationDraft, visit: Visit): Promise<{ invitation: Invitation; token: string }>;
  /** Every invitation, newest first. */
  list(): Promise<Invitation[]>;
  /** An invitation by id, whatever its state. */
  get(id: string): Promise<Invitation | undefined>;
  /** The open invitation that a token belongs to. */
  open(token: string): Promise<Invitation | undefined>;
  /** Takes an invitation back; what was registered with it stays. @throws DomainError `invitation.unknown` */
  revoke(id: string, visit: Visit): Promise<Invitation>;
  /**
   * Counts one use, as part of the transaction that registers: of two that race for the last one, one wins.
   * @throws DomainError `invitation.unknown`
   */
  use(tx: Tx, id: string): Promise<void>;
}

/** What the invitations are made of. */
export interface InvitationsDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  events: Events;
}

/**
 * Builds the invitations.
 * @param deps databases, clock, ids, the event log
 */
export function createInvitations(deps: InvitationsDeps): Invitations {
  const { clock } = deps;
  const model = invitationModel(deps.db.main);
  const find = async (id: string) => {
    const stored = await model.findOne({ _id: id }).lean<StoredInvitation>();
    return stored ? toInvitation(stored, clock) : undefined;
  };

  return {
    async issue(draft, visit) {
      const { expiresHours, ...terms } = invitationInput.parse(draft);
      const token = deps.ids.secret();
      const { market, ...rest } = terms;
      const stored: StoredInvitation = {
        _id: idOf(token),
        ...rest,
        ...(market && { market }),
        left: terms.uses,
        createdAt: dateOf(clock),
        expiresAt: dateOf(clock, expiresHours * hourMs),
      };
      await inTransaction(deps.db, async (tx) => {
        await model.create([stored], { session: tx });
        const data = { invitation: stored._id, brand: stored.brand, uses: stored.uses };
        await deps.events.record(tx, { type: 'client.invited', visit, data });
      });
      return { invitation: toInvitation(stored, clock), token };
    },
    async list() {
      const all = await model.find().sort({ createdAt: -1 }).lean<StoredInvitation[]>();
      return all.map((stored) => toInvitation(stored, clock));
    },
    get: find,
    async open(token) {
      const invitation = await find(idOf(token));
      return invitation?.state === 'open' ? invitation : undefined;
    },
    async revoke(id, visit) {
      const changed = await inTransaction(deps.db, async (tx) => {
        const before = await model.findOne({ _id: id }).session(tx).lean<StoredInvitation>();
        if (!before) throw new DomainError('invitation.unknown');
        if (before.revokedAt) return before;
        const revokedAt = dateOf(clock);
        await model.updateOne({ _id: id }, { $set: { revokedAt } }, { session: tx });
        await deps.events.record(tx, { type: 'client.uninvited', visit, data: { invitation: id } });
        return { ...before, revokedAt };
      });
      return toInvitation(changed, clock);
    },
    async use(tx, id) {
      const filter = {
        _id: id,
        left: trusted({ $gt: 0 }),
        expiresAt: trusted({ $gt: dateOf(clock) }),
        revokedAt: trusted({ $exists: false }),
      };
      const { matchedCount } = await model.updateOne(filter, { $inc: { left: -1 } }, { session: tx });
      if (matchedCount === 0) throw new DomainError('invitation.unknown');
    },
  };
}

/** The token holds 256 random bits, so half of its digest names it and says nothing about it. */
function idOf(token: string): string {
  return `inv_${digest(token).slice(0, 22)}`;
}

function toInvitation({ _id, ...stored }: StoredInvitation, clock: Clock): Invitation {
  const state = () => {
    if (stored.revokedAt) return 'withdrawn';
    if (stored.expiresAt.getTime() <= clock.now()) return 'expired';
    return stored.left > 0 ? 'open' : 'used up';
  };
  return { ...stored, id: _id, state: state() };
}
