/**
 * What stored values owe to the definitions of today: a value that nobody has renewed for its retention is removed,
 * and one that has become sensitive is sealed. A batch at a time by `_id`; every value is looked at again in the
 * transaction that changes it, so that one which is renewed at that moment stays.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Keeping } from '../../business/experiences/keeping.ts';
import { isAttributeName, sealedField, sealedName } from './attributes.ts';
import type { MemberKeys } from './member-keys.ts';
import type { Members } from './members.ts';
import { type MemberRecord, memberCollections, memberModel } from './model.ts';

/** How values are to be kept, by market of the member and attribute. */
export interface KeepingRules {
  markets(): readonly string[];
  /** Of a member's market, also of one that is no more. */
  in(market: string): ReadonlyMap<string, Keeping>;
}

/** What was done to the members of a batch. */
export interface KeepingResult {
  /** Values that were removed. */
  removed: number;
  /** Values that were sealed. */
  sealed: number;
  /** Where the next batch begins; none after the last. */
  next: string | undefined;
}

/** What the keeping is made of. */
export interface KeepingDeps {
  db: Database;
  clock: Clock;
  keys: MemberKeys;
  members: Pick<Members, 'setAttributes'>;
  rules: KeepingRules;
}

/** Keeps attributes as their definitions say. */
export interface AttributeKeeping {
  /** Works through one batch of the members that owe something; `size` bounds it. */
  keep(from: { after?: string | undefined; size: number }, visit: Visit): Promise<KeepingResult>;
}

const day = 86_400_000;

/**
 * Builds the keeping.
 * @param deps databases, clock, member keys, members, rules
 */
export function createAttributeKeeping(deps: KeepingDeps): AttributeKeeping {
  const model = memberModel(deps.db.main);
  const members = deps.db.main.collection<MemberRecord>(memberCollections.members);

  /** Removes and seals what one member owes, all or nothing. */
  const settle = (memberId: string, visit: Visit) =>
    inTransaction(deps.db, async (tx) => {
      const member = await model.findById(memberId).session(tx).lean<MemberRecord>();
      if (!member || member.status === 'erased') return { removed: 0, sealed: 0 };
      const { expired, exposed } = owedBy(member, deps.rules.in(member.market), deps.clock);
      if (expired.length > 0) {
        const values = Object.fromEntries(expired.map((name) => [name, null]));
        const write = { values, definitions: {}, source: { by: 'program' as const } };
        await deps.members.setAttributes(tx, member, write, visit);
      }
      const vault = exposed.length > 0 ? await deps.keys.open(memberId) : undefined;
      if (!vault) return { removed: expired.length, sealed: 0 };
      const seal = (name: string) => vault.seal(sealedField(name), JSON.stringify(member.traits[name]));
      const set = Object.fromEntries(exposed.map((name) => [`sealed.${sealedName(name)}`, seal(name)]));
      const unset = Object.fromEntries(exposed.map((name) => [`traits.${name}`, 1]));
      await model.updateOne({ _id: memberId }, { $set: set, $unset: unset }, { session: tx });
      return { removed: expired.length, sealed: exposed.length };
    });

  return {
    async keep({ after, size }, visit) {
      const result: KeepingResult = { removed: 0, sealed: 0, next: undefined };
      const owing = owingFilters(deps.rules, deps.clock);
      if (owing.length === 0) return result;
      const found = await members
        .find(
          { $or: owing, status: { $ne: 'erased' }, ...(after !== undefined && { _id: { $gt: after } }) },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(size)
        .toArray();
      for (const { _id } of found) {
        const { removed, sealed } = await settle(_id, visit);
        result.removed += removed;
        result.sealed += sealed;
      }
      if (found.length === size) result.next = found.at(-1)?._id;
      return result;
    },
  };
}

/** Attributes of a member whose time is over, and those that stand plain and must not. */
function owedBy(
  { traits, sources = {} }: MemberRecord,
  rules: ReadonlyMap<string, Keeping>,
  clock: Clock,
): { expired: string[]; exposed: string[] } {
  const expired = Object.entries(sources).flatMap(([name, { at }]) => {
    const days = rules.get(name)?.retentionDays;
    return days !== undefined && at < dateOf(clock, -days * day) ? [name] : [];
  });
  const exposed = Object.keys(traits).filter((name) => rules.get(name)?.sealed && !expired.includes(name));
  return { expired, exposed };
}

/** Finds whoever may owe something; which market's rule counts is seen at the member. */
function owingFilters(rules: KeepingRules, clock: Clock): Record<string, unknown>[] {
  const all = rules.markets().flatMap((market) => [...rules.in(market)]);
  const shortest = new Map<string, number>();
  for (const [name, { retentionDays }] of all) {
    if (retentionDays === undefined || !isAttributeName(name)) continue;
    shortest.set(name, Math.min(retentionDays, shortest.get(name) ?? retentionDays));
  }
  const sealed = new Set(all.flatMap(([name, rule]) => (rule.sealed && isAttributeName(name) ? [name] : [])));
  return [
    ...[...shortest].map(([name, days]) => ({
      [`sources.${name}.at`]: { $lt: dateOf(clock, -days * day) },
    })),
    ...[...sealed].map((name) => ({ [`traits.${name}`]: { $exists: true } })),
  ];
}
