/**
 * Members: the record of a person, the identifiers that lead to it and its status. It owns who exists and how they
 * are found; it never knows passwords, consents or sessions, and never answers whether an address is known to
 * anyone but the modules that keep that secret.
 */
import type { Connection } from 'mongoose';
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import { isDuplicateKey, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { KeyRing } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import {
  type AttributeWrite,
  attributeNames,
  attributeUpdate,
  firstAttributes,
  needsKey,
  openedAttributes,
  withSealed,
} from './attributes.ts';
import { type Identifier, type IdentifierType, identifierIds } from './identifiers.ts';
import type { MemberKeys, MemberVault } from './member-keys.ts';
import {
  type IdentifierRecord,
  identifierModel,
  type MemberRecord,
  type MemberStatus,
  memberCollections,
  memberModel,
} from './model.ts';

/** What can be known of a member without their key. */
export type Member = Omit<MemberRecord, 'sealed'> & { sealed: Readonly<Record<string, string>> };

/** A member's direct identifiers, opened. */
export interface Profile {
  email: string | undefined;
  name: string | undefined;
}

/** A member to be. */
export interface NewMember {
  home: string;
  market: string;
  brand: string | undefined;
  locale: string;
  via: string;
  email: string;
  name: string | undefined;
  /** The age in years that the person has stated to have reached, where the law asks for it. */
  statedAge?: number | undefined;
  /** Further attributes, each sealed or plain as its definition says. */
  attributes?: AttributeWrite;
  /** Proven identifiers; the first proof of each claims it. */
  identifiers: readonly Identifier[];
}

/** The members as other modules see them. */
export interface Members {
  /** The member an identifier leads to, whatever their status. One command. */
  findByIdentifier(identifier: Identifier): Promise<Member | undefined>;
  /** The member of an id; in a transaction, as it sees them. */
  get(memberId: string, tx?: Tx): Promise<Member | undefined>;
  /** Opens the direct identifiers. One command; everything undefined once the key is gone. */
  profile(member: Member): Promise<Profile>;
  /** Names of several members, opened, in two commands; who has none, or is gone, is left out. */
  names(memberIds: readonly string[]): Promise<Map<string, string>>;
  /** Makes a member with their identifiers, in the caller's transaction. */
  create(tx: Tx, draft: NewMember, visit: Visit): Promise<Member>;
  /** Attaches a proven identifier. Throws `identifier.taken` when it leads to another member already. */
  claim(tx: Tx, member: Member, identifier: Identifier, visit: Visit): Promise<void>;
  /** Detaches an identifier. */
  release(tx: Tx, member: Member, type: IdentifierType, visit: Visit): Promise<void>;
  /** The identifiers of a member, values opened. */
  identifiers(member: Member): Promise<{ type: IdentifierType; value: string; verifiedAt: Date }[]>;
  /** Types of the identifiers of a member; one command, nothing opened. */
  identifierTypes(memberId: string): Promise<IdentifierType[]>;
  /** Changes the name. */
  updateProfile(tx: Tx, member: Member, change: { name: string }, visit: Visit): Promise<void>;
  /** The attributes of the member, or those of the names, opened; one read of the key where one of them is sealed. */
  attributes(member: Member, names?: readonly string[]): Promise<Record<string, AttributeValue>>;
  /**
   * Writes or removes (`null`) attributes, each for itself: what another writes at the same time stays. Throws
   * `attribute.unknown`, and `member.unavailable` once the member is gone.
   */
  setAttributes(tx: Tx, member: Member, write: AttributeWrite, visit: Visit): Promise<void>;
  /** Changes the language. */
  setLocale(tx: Tx, member: Member, locale: string, visit: Visit): Promise<void>;
  /** Ends everything issued before; returns the new epoch. */
  raiseEpoch(tx: Tx, memberId: string): Promise<number>;
  /** Locks or unlocks; locking raises the epoch. */
  setStatus(tx: Tx, member: Member, status: 'active' | 'locked', reason: string, visit: Visit): Promise<void>;
}

/** What the members are made of. */
export interface MembersDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  /** Keys that identifiers are digested with, newest first. */
  identifierKeys: KeyRing;
  keys: MemberKeys;
  events: Events;
  /**
   * Whether values of an attribute are sealed for members at home in a market, under whosever definition they come;
   * as the definition says where nobody tells.
   */
  isSealedAt?(market: string, attribute: string): boolean;
}

/**
 * Builds the members module.
 * @param deps databases, clock, ids, digest keys, member keys, events
 */
export function createMembers(deps: MembersDeps): Members {
  const members = memberModel(deps.db.main);
  const identifiers = identifierModel(deps.db.main);

  const vault = async (memberId: string): Promise<MemberVault> => {
    const opened = await deps.keys.open(memberId);
    if (!opened) throw new DomainError('member.unavailable');
    return opened;
  };

  async function claimWith(
    tx: Tx,
    member: Member,
    identifier: Identifier,
    opened: MemberVault,
  ): Promise<void> {
    const verifiedAt = dateOf(deps.clock);
    const rows: IdentifierRecord[] = identifierIds(deps.identifierKeys, identifier).map((_id) => ({
      _id,
      memberId: member._id,
      home: member.home,
      type: identifier.type,
      verifiedAt,
      sealed: opened.seal('identifiers.sealed', identifier.value),
    }));
    try {
      await identifiers.insertMany(rows, { session: tx });
    } catch (error) {
      if (isDuplicateKey(error)) throw new DomainError('identifier.taken');
      throw error;
    }
  }

  /** A form elsewhere may define as an ordinary trait what the member's home market guards. */
  const asKeptAt = (market: string, write: AttributeWrite) =>
    withSealed(write, (name) => deps.isSealedAt?.(market, name) ?? false);

  const recordOf = (member: Member, visit: Visit) => ({ memberId: member._id, home: member.home, visit });

  return {
    findByIdentifier: (identifier) =>
      findByIdentifier(deps.db.main, identifierIds(deps.identifierKeys, identifier)),
    get: async (memberId, tx) =>
      (await members
        .findById(memberId)
        .session(tx ?? null)
        .lean<MemberRecord>()) ?? undefined,
    async profile(member) {
      const opened = await deps.keys.open(member._id);
      const read = (field: string) => {
        const sealed = member.sealed[field];
        return opened && sealed ? opened.open(`members.${field}`, sealed) : undefined;
      };
      return { email: read('email'), name: read('name') };
    },
    async names(memberIds) {
      const rows = await members
        .find({ _id: trusted({ $in: memberIds.map(String) }) }, { 'sealed.name': 1 })
        .lean<Pick<MemberRecord, '_id' | 'sealed'>[]>();
      const named = rows.filter(({ sealed }) => sealed?.name);
      const vaults = await deps.keys.openMany(named.map(({ _id }) => _id));
      return new Map(
        named.flatMap(({ _id, sealed }) => {
          const name = vaults.get(_id)?.open('members.name', sealed?.name ?? '');
          return name ? [[_id, name]] : [];
        }),
      );
    },
    async create(tx, draft, visit) {
      const memberId = deps.ids.id('mbr');
      const opened = await deps.keys.create(tx, memberId);
      const now = dateOf(deps.clock);
      const first =
        draft.attributes && firstAttributes(asKeptAt(draft.market, draft.attributes), now, opened);
      const member: MemberRecord = {
        _id: memberId,
        home: draft.home,
        market: draft.market,
        status: 'active',
        securityEpoch: 1,
        locale: draft.locale,
        createdAt: now,
        createdVia: draft.via,
        ...(draft.brand && { createdAtBrand: draft.brand }),
        sealed: {
          email: opened.seal('members.email', draft.email),
          ...(draft.name && { name: opened.seal('members.name', draft.name) }),
          ...first?.sealed,
        },
        traits: first?.traits ?? {},
        sources: first?.sources ?? {},
        updatedAt: now,
      };
      await members.create([member], { session: tx });
      const about = recordOf(member, visit);
      const { via, statedAge } = draft;
      const data = { via, ...(statedAge !== undefined && { stated_age: statedAge }) };
      await deps.events.record(tx, { type: 'member.registered', ...about, data });
      for (const identifier of draft.identifiers) {
        await claimWith(tx, member, identifier, opened);
        await deps.events.record(tx, {
          type: 'identifier.claimed',
          ...about,
          data: { type: identifier.type },
        });
      }
      return member;
    },
    async claim(tx, member, identifier, visit) {
      await claimWith(tx, member, identifier, await vault(member._id));
      await deps.events.record(tx, {
        type: 'identifier.claimed',
        ...recordOf(member, visit),
        data: { type: identifier.type },
      });
    },
    async release(tx, member, type, visit) {
      await identifiers.deleteMany({ memberId: member._id, type }, { session: tx });
      await deps.events.record(tx, {
        type: 'identifier.released',
        ...recordOf(member, visit),
        data: { type },
      });
    },
    async identifiers(member) {
      const opened = await deps.keys.open(member._id);
      const rows = await identifiers.find({ memberId: member._id }).lean<IdentifierRecord[]>();
      // While two digest keys live, one identifier has two rows: the member sees it once.
      const byType = new Map(rows.map((row) => [row.type, row]));
      return [...byType.values()].map((row) => ({
        type: row.type as IdentifierType,
        value: opened ? opened.open('identifiers.sealed', row.sealed) : '',
        verifiedAt: row.verifiedAt,
      }));
    },
    async identifierTypes(memberId) {
      const rows = await identifiers.find({ memberId }, { type: 1 }).lean<IdentifierRecord[]>();
      return [...new Set(rows.map((row) => row.type as IdentifierType))];
    },
    async updateProfile(tx, member, { name }, visit) {
      const sealed = (await vault(member._id)).seal('members.name', name);
      const set = { updatedAt: dateOf(deps.clock), 'sealed.name': sealed };
      await members.updateOne({ _id: member._id }, { $set: set }, { session: tx });
      await deps.events.record(tx, {
        type: 'member.profile_changed',
        ...recordOf(member, visit),
        data: { fields: 'name' },
      });
    },
    async attributes(member, names = attributeNames(member)) {
      const sealed = attributeNames({ ...member, traits: {} }).some((name) => names.includes(name));
      return openedAttributes(member, names, sealed ? await deps.keys.open(member._id) : undefined);
    },
    async setAttributes(tx, member, given, visit) {
      const write = asKeptAt(member.market, given);
      const fields = Object.keys(write.values);
      if (fields.length === 0) return;
      const now = dateOf(deps.clock);
      const opened = needsKey(write) ? await vault(member._id) : undefined;
      const { set, unset } = attributeUpdate(write, now, opened);
      const changed = await members.updateOne(
        { _id: member._id, status: trusted({ $in: present }) },
        { $set: { ...set, updatedAt: now }, $unset: unset },
        { session: tx },
      );
      // An erasure that came first stays one.
      if (changed.matchedCount === 0) throw new DomainError('member.unavailable');
      await deps.events.record(tx, {
        type: 'member.attributes_changed',
        ...recordOf(member, visit),
        data: { fields: fields.join(' '), source: write.source.by },
      });
    },
    async setLocale(tx, member, locale, visit) {
      await members.updateOne(
        { _id: member._id },
        { $set: { locale, updatedAt: dateOf(deps.clock) } },
        { session: tx },
      );
      await deps.events.record(tx, {
        type: 'member.locale_changed',
        ...recordOf(member, visit),
        data: { locale },
      });
    },
    async raiseEpoch(tx, memberId) {
      const raised = await members
        .findOneAndUpdate(
          { _id: memberId },
          { $inc: { securityEpoch: 1 }, $set: { updatedAt: dateOf(deps.clock) } },
          { session: tx, returnDocument: 'after' },
        )
        .lean<MemberRecord>();
      if (!raised) throw new DomainError('member.unavailable');
      return raised.securityEpoch;
    },
    async setStatus(tx, member, status, reason, visit) {
      const changed = await members.updateOne(
        { _id: member._id, status: trusted({ $in: present }) },
        {
          $set: { status, updatedAt: dateOf(deps.clock) },
          $inc: { securityEpoch: status === 'locked' ? 1 : 0 },
        },
        { session: tx },
      );
      if (changed.matchedCount === 0) throw new DomainError('member.unavailable');
      const type = status === 'locked' ? 'member.locked' : 'member.unlocked';
      await deps.events.record(tx, { type, ...recordOf(member, visit), data: { reason } });
    },
  };
}

/** Statuses of a member who is still there. */
const present: MemberStatus[] = ['active', 'locked'];

/** From identifier to member in one command, on `_id` at both ends. */
async function findByIdentifier(connection: Connection, ids: string[]): Promise<Member | undefined> {
  const [row] = await connection
    .collection<{ _id: string }>(memberCollections.identifiers)
    .aggregate<{ member: MemberRecord[] }>([
      { $match: { _id: { $in: ids } } },
      { $limit: 1 },
      {
        $lookup: {
          from: memberCollections.members,
          localField: 'memberId',
          foreignField: '_id',
          as: 'member',
        },
      },
    ])
    .toArray();
  return row?.member[0];
}
