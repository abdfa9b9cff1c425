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
  /** Of a machine: the members who answer for it. */
  responsible: readonly string[];
  changedAt: Date;
}

/** A machine of the program. */
export type Machine = Extract<Principal, { kind: 'client' }>;

/** The staff as other modules see it. */
export interface Staff {
  /** What a member or client was granted; nothing for most. One command. */
  grantsOf(principal: Pick<Principal, 'kind' | 'id'>): Promise<readonly StaffGrant[]>;
  /** The members who answer for a machine, whoever holds its secret; nobody for most. One command. */
  responsibleFor(client: string): Promise<readonly string[]>;
  /**
   * Names the members who answer for a machine, in the place of those named before: what it changes they have changed.
   * @throws RangeError for more than {@link mostResponsible}
   */
  nameResponsible(machine: Machine, members: readonly Responsible[], visit: Visit): Promise<void>;
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

/** A member who answers for a machine. */
export type Responsible = Pick<Extract<Principal, { kind: 'member' }>, 'id' | 'home'>;

/** Most members who answer for one machine. */
export const mostResponsible = 50;

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
    async responsibleFor(client) {
      return (await read(staffId({ kind: 'client', id: client })))?.responsible ?? [];
    },
    async nameResponsible(machine, members, visit) {
      if (members.length > mostResponsible) throw new RangeError(`more than ${mostResponsible} people`);
      await nameResponsible(deps, { machine, members, visit });
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
        // Who answered for a machine counts on for what it has drafted.
        if (grants.length === 0 && !before.responsible?.length)
          await model.deleteOne({ _id }, { session: tx });
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

async function nameResponsible(
  deps: StaffDeps,
  { machine, members, visit }: { machine: Machine; members: readonly Responsible[]; visit: Visit },
): Promise<void> {
  const model = staffModel(deps.db.main);
  const _id = staffId(machine);
  const named = new Map(members.map((member) => [member.id, member]));
  const responsible = [...named.keys()];
  await inTransaction(deps.db, async (tx) => {
    const before = (await model.findOne({ _id }).session(tx).lean<StaffRecord>())?.responsible ?? [];
    const now = dateOf(deps.clock);
    await model.updateOne(
      { _id },
      { $set: { responsible, changedAt: now }, $setOnInsert: { grants: [], createdAt: now } },
      { session: tx, upsert: true },
    );
    const data = { client: machine.id };
    for (const { id: memberId, home } of [...named.values()].filter((each) => !before.includes(each.id)))
      await deps.events.record(tx, { type: 'staff.responsible_named', visit, memberId, home, data });
    const released = before.filter((id) => !responsible.includes(id)).length;
    if (released > 0)
      await deps.events.record(tx, {
        type: 'staff.responsible_released',
        visit,
        data: { ...data, released },
      });
  });
}

function toEntry({ _id, grants, responsible = [], changedAt }: StaffRecord): StaffEntry {
  const colon = _id.indexOf(':');
  return {
    kind: _id.slice(0, colon) === 'member' ? 'member' : 'client',
    id: _id.slice(colon + 1),
    grants,
    responsible,
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
