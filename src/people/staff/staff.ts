/**
 * The staff: which members and which machines may act on the program's configuration, and on what part. Owns their
 * grants; a token's scopes, and what is done with the permission, are the business of others. Nothing is remembered
 * between requests, so that what is taken away is gone at once.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { type Permission, type StaffGrant, staffGrant, withGrants, withoutGrants } from './grants.ts';
import { type StaffRecord, staffId, staffModel } from './model.ts';

/** Somebody who may act: a member of the program, or a machine of it. */
export type Principal = { kind: 'member'; id: string; home: string } | { kind: 'client'; id: string };

/** Somebody with what they may do. */
export interface StaffEntry {
  kind: 'member' | 'client';
  id: string;
  grants: readonly StaffGrant[];
  changedAt: Date;
}

/** The staff as other modules see it. */
export interface Staff {
  /** What a member or client was granted; nothing for most. One command. */
  grantsOf(principal: Pick<Principal, 'kind' | 'id'>): Promise<readonly StaffGrant[]>;
  /** Everybody, in the order of ids. */
  list(): Promise<StaffEntry[]>;
  /**
   * Adds to what somebody may do.
   * @returns what they may do now
   * @throws ZodError
   */
  grant(principal: Principal, more: readonly StaffGrant[], visit: Visit): Promise<readonly StaffGrant[]>;
  /**
   * Takes from what somebody may do; everything when nothing is named.
   * @returns what they may do now; undefined when there was nothing to take
   */
  revoke(principal: Principal, less: Revocation, visit: Visit): Promise<readonly StaffGrant[] | undefined>;
}

/** What is taken away: these permissions for these parts, every one where undefined. */
export interface Revocation {
  permissions?: readonly Permission[] | undefined;
  layers?: readonly string[] | undefined;
}

/** What the staff is made of. */
export interface StaffDeps {
  db: Pick<Database, 'main'>;
  clock: Clock;
  events: Pick<Events, 'record'>;
}

/**
 * Builds the staff.
 * @param deps databases, clock, the event log
 */
export function createStaff(deps: StaffDeps): Staff {
  const model = staffModel(deps.db.main);
  const read = (_id: string, tx?: Tx) =>
    model
      .findOne({ _id })
      .session(tx ?? null)
      .lean<StaffRecord>();

  async function record(tx: Tx, principal: Principal, change: Change): Promise<void> {
    const about =
      principal.kind === 'member'
        ? { memberId: principal.id, home: principal.home, data: change.data }
        : { data: { client: principal.id, ...change.data } };
    await deps.events.record(tx, { type: change.type, visit: change.visit, ...about });
  }

  return {
    async grantsOf(principal) {
      return (await read(staffId(principal)))?.grants ?? [];
    },
    async list() {
      return (await model.find().sort({ _id: 1 }).lean<StaffRecord[]>()).map(toEntry);
    },
    grant(principal, more, visit) {
      const added = more.map((grant) => staffGrant.parse(grant));
      return inTransaction(deps.db, async (tx) => {
        const _id = staffId(principal);
        const before = await read(_id, tx);
        const grants = withGrants(before?.grants ?? [], added);
        if (same(grants, before?.grants ?? [])) return grants;
        const now = dateOf(deps.clock);
        const { home } = principal.kind === 'member' ? principal : {};
        const born = { createdAt: now, ...(home !== undefined && { memberId: principal.id, home }) };
        await model.updateOne(
          { _id },
          { $set: { grants, changedAt: now }, $setOnInsert: born },
          { session: tx, upsert: true },
        );
        await record(tx, principal, { type: 'staff.granted', data: dataOf(added), visit });
        return grants;
      });
    },
    revoke(principal, less, visit) {
      return inTransaction(deps.db, async (tx) => {
        const _id = staffId(principal);
        const before = await read(_id, tx);
        const grants = withoutGrants(before?.grants ?? [], less);
        if (!before || same(grants, before.grants)) return undefined;
        if (grants.length === 0) await model.deleteOne({ _id }, { session: tx });
        else
          await model.updateOne(
            { _id },
            { $set: { grants, changedAt: dateOf(deps.clock) } },
            { session: tx },
          );
        await record(tx, principal, {
          type: 'staff.revoked',
          data: dataOf(taken(before.grants, grants)),
          visit,
        });
        return grants;
      });
    },
  };
}

interface Change {
  type: 'staff.granted' | 'staff.revoked';
  data: { permissions: string; layers: string };
  visit: Visit;
}

function toEntry({ _id, grants, changedAt }: StaffRecord): StaffEntry {
  const colon = _id.indexOf(':');
  return {
    kind: _id.slice(0, colon) === 'member' ? 'member' : 'client',
    id: _id.slice(colon + 1),
    grants,
    changedAt,
  };
}

/** Both are in the order that {@link withGrants} makes. */
function same(left: readonly StaffGrant[], right: readonly StaffGrant[]): boolean {
  const text = (grants: readonly StaffGrant[]) =>
    grants.map(({ permission, layers }) => `${permission} ${layers.join(' ')}`).join('\n');
  return text(left) === text(right);
}

/** What somebody had and has no longer. */
function taken(before: readonly StaffGrant[], after: readonly StaffGrant[]): StaffGrant[] {
  return before.flatMap(({ permission, layers }) => {
    const left = after.find((grant) => grant.permission === permission)?.layers ?? [];
    const gone = layers.filter((layer) => !left.includes(layer));
    return gone.length > 0 ? [{ permission, layers: gone }] : [];
  });
}

function dataOf(grants: readonly StaffGrant[]): { permissions: string; layers: string } {
  return {
    permissions: [...new Set(grants.map(({ permission }) => permission))].join(' '),
    layers: [...new Set(grants.flatMap(({ layers }) => layers))].join(' '),
  };
}
