/** The members' part in the rights of a person. */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction } from '../../base/db/transaction.ts';
import type { HeldFields, PersonalData } from '../../base/kernel/personal-data.ts';
import { attributeNames, openedAttribute, sealedField, sealedName } from './attributes.ts';
import type { MemberKeys, MemberVault } from './member-keys.ts';
import type { Members } from './members.ts';
import { identifierModel, type MemberRecord, memberModel } from './model.ts';

/**
 * Joins members, identifiers and members' keys to the PersonalData port. Erasing destroys the key first: from that
 * moment nothing sealed can be read, whatever else is still to be done.
 * @param deps databases, members, member keys
 */
export function membersPersonalData(deps: {
  db: Database;
  members: Members;
  keys: MemberKeys;
}): PersonalData {
  const members = memberModel(deps.db.main);
  const identifiers = identifierModel(deps.db.main);

  /** What the other has none of moves, as it was said; values of both stay with each. */
  const moveAttributes = (from: string, to: string): Promise<string[]> =>
    inTransaction(deps.db, async (tx) => {
      const read = (id: string) => members.findById(id).session(tx).lean<MemberRecord>();
      const [source, target] = [await read(from), await read(to)];
      if (!source || !target) return [];
      const taken = new Set(attributeNames(target));
      const names = attributeNames(source).filter((name) => !taken.has(name));
      if (names.length === 0) return [];
      const sealed = names.some((name) => !Object.hasOwn(source.traits, name));
      const vaults = sealed ? await Promise.all([deps.keys.open(from), deps.keys.open(to)]) : [];
      const { given, gone } = attributesToMove(source, names, vaults);
      if (Object.keys(gone).length === 0) return [];
      await members.updateOne({ _id: to }, { $set: given }, { session: tx });
      await members.updateOne({ _id: from }, { $unset: gone }, { session: tx });
      return names.filter((name) => `sources.${name}` in gone);
    });

  return {
    room: 'members',
    collections: ['members', 'identifiers', 'memberKeys'],
    async export(memberId) {
      const member = await deps.members.get(memberId);
      if (!member) return {};
      const { sealed: _sealed, traits: _traits, ...plain } = member;
      const profile = await deps.members.profile(member);
      return {
        member: { ...plain, ...profile, attributes: await deps.members.attributes(member) },
        identifiers: await deps.members.identifiers(member),
      };
    },
    async erase(memberId, keep) {
      const held = heldNames(keep);
      if (held.size === 0) await deps.keys.destroy(memberId);
      await identifiers.deleteMany({ memberId });
      const member = await deps.members.get(memberId);
      const left = {
        sealed: picked(member?.sealed, (name) => held.has(name)),
        traits: picked(member?.traits, (name) => held.has(sealedName(name))),
        sources: picked(member?.sources, (name) => held.has(sealedName(name))),
      };
      await members.updateOne(
        { _id: memberId },
        { $set: { status: 'erased', ...left }, $inc: { securityEpoch: 1 } },
      );
    },
    async reassign(from, to) {
      const target = await deps.members.get(to);
      if (!target) return { room: 'members', moved: [] };
      const names = await moveAttributes(from, to);
      const rows = await identifiers.find({ memberId: from }).lean();
      const [source, destination] = await Promise.all([deps.keys.open(from), deps.keys.open(to)]);
      const moved = names.map((name) => ({ collection: 'members', id: sealedName(name) }));
      for (const row of rows) {
        if (!source || !destination) break;
        const value = source.open('identifiers.sealed', row.sealed);
        await identifiers.updateOne(
          { _id: row._id, memberId: from },
          { $set: { memberId: to, sealed: destination.seal('identifiers.sealed', value) } },
        );
        moved.push({ collection: 'identifiers', id: row._id });
      }
      return { room: 'members', moved };
    },
  };
}

/** Names of a member's sealed values that a hold keeps: `members.email`, `members.attribute:<name>`, … */
function heldNames(keep: HeldFields): Set<string> {
  return new Set([...keep].flatMap((field) => (field.startsWith('members.') ? [field.slice(8)] : [])));
}

function picked<T>(
  values: Readonly<Record<string, T>> = {},
  kept: (name: string) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => kept(name)));
}

/** What is set at one member and taken away from the other; a value that cannot be opened any more stays. */
function attributesToMove(
  source: MemberRecord,
  names: readonly string[],
  [open, reseal]: readonly (MemberVault | undefined)[],
): { given: Record<string, unknown>; gone: Record<string, 1> } {
  const given: Record<string, unknown> = {};
  const gone: Record<string, 1> = {};
  for (const name of names) {
    const value = openedAttribute(source, name, open);
    const plain = Object.hasOwn(source.traits, name);
    if (value === undefined || (!plain && !reseal)) continue;
    const path = plain ? `traits.${name}` : `sealed.${sealedName(name)}`;
    given[path] = plain ? value : reseal?.seal(sealedField(name), JSON.stringify(value));
    const said = source.sources?.[name];
    if (said) given[`sources.${name}`] = said;
    Object.assign(gone, { [path]: 1, [`sources.${name}`]: 1 });
  }
  return { given, gone };
}
