/**
 * Members' own data keys: each member's direct identifiers are sealed with a key of their own, kept in a database
 * of its own, so that destroying the key makes every copy of the sealed values unreadable (GDPR article 17).
 */
import type { Connection } from 'mongoose';
import { readById } from '../../base/db/read-by-id.ts';
import { trusted } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { type Sealer, sealBytes, unsealBytes } from '../../base/kernel/sealing.ts';
import { type MemberKeyRecord, memberKeyCollection, memberKeyModel } from './model.ts';

/** Seals and opens one member's values. */
export interface MemberVault {
  /** Seals a value; `field` names collection and field, such as `members.email`. */
  seal(field: string, value: string): string;
  /** Opens a value sealed for the same member and field. */
  open(field: string, sealed: string): string;
}

/** Makes, reads and destroys members' keys. */
export interface MemberKeys {
  /** Makes a new member's key. Part of the transaction where one can span both databases, written first otherwise. */
  create(tx: Tx, memberId: string): Promise<MemberVault>;
  /** The member's vault, or undefined once the key is gone. */
  open(memberId: string): Promise<MemberVault | undefined>;
  /** The vaults of many members in one command; whose key is gone is left out. */
  openMany(memberIds: readonly string[]): Promise<Map<string, MemberVault>>;
  /** Destroys the key: what it sealed can be read by nobody any more. */
  destroy(memberId: string): Promise<void>;
}

const scope = 'profile';

/**
 * Builds the key store.
 * @param deps keys database, whether it shares transactions with the main one, wrapping sealer, clock, ids
 */
export function createMemberKeys(deps: {
  keys: Connection;
  keysInTransaction: boolean;
  wrap: Sealer;
  clock: Clock;
  ids: Ids;
}): MemberKeys {
  const model = memberKeyModel(deps.keys);
  const read = readById<MemberKeyRecord>(deps.keys, memberKeyCollection);
  const context = (memberId: string) => `memberKeys.wrapped.${memberId}:${scope}`;
  return {
    async create(tx, memberId) {
      const key = deps.ids.bytes(32);
      const record = {
        _id: `${memberId}:${scope}`,
        memberId,
        wrapped: deps.wrap.seal(key, context(memberId)),
        createdAt: dateOf(deps.clock),
      };
      await model.create([record], deps.keysInTransaction ? { session: tx } : {});
      return vaultOf(memberId, key);
    },
    async open(memberId) {
      const record = await read(`${memberId}:${scope}`);
      return record ? vaultOf(memberId, deps.wrap.open(record.wrapped, context(memberId))) : undefined;
    },
    async openMany(memberIds) {
      if (memberIds.length === 0) return new Map();
      const ids = memberIds.map((memberId) => `${memberId}:${scope}`);
      const records = await model.find({ _id: trusted({ $in: ids }) }).lean<MemberKeyRecord[]>();
      return new Map(
        records.map(({ memberId, wrapped }) => [
          memberId,
          vaultOf(memberId, deps.wrap.open(wrapped, context(memberId))),
        ]),
      );
    },
    async destroy(memberId) {
      await model.deleteMany({ memberId });
    },
  };
}

function vaultOf(memberId: string, key: Buffer): MemberVault {
  const context = (field: string) => `${field}.${memberId}`;
  return {
    seal: (field, value) => sealBytes(key, value, context(field)).toString('base64url'),
    open: (field, sealed) => unsealBytes(key, Buffer.from(sealed, 'base64url'), context(field)).toString(),
  };
}
