/**
 * Looking at the values of one attribute over all members, to see what another definition would do to them: a page
 * at a time by `_id`, so that it needs little memory and can go on where it stopped. Tells values, never whose.
 */
import type { Database } from '../../base/db/connection.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import { type AttributeHolder, isAttributeName, openedAttribute, sealedName } from './attributes.ts';
import type { MemberKeys } from './member-keys.ts';
import { type MemberRecord, memberCollections } from './model.ts';

/** A page of values. */
export interface ValuePage {
  values: AttributeValue[];
  /** Where the next page begins; none after the last. */
  next: string | undefined;
}

/** The values of one attribute over all members. */
export interface AttributeScan {
  /** Whether any member has a value. */
  hasValues(attribute: string): Promise<boolean>;
  /** One page, in the order of `_id`. */
  page(attribute: string, from: { after?: string | undefined; size: number }): Promise<ValuePage>;
  /** Every value, a page at a time. */
  values(attribute: string): AsyncGenerator<AttributeValue>;
}

const pageSize = 500;

/**
 * Builds the scan.
 * @param deps databases, member keys
 */
export function createAttributeScan(deps: { db: Database; keys: MemberKeys }): AttributeScan {
  const members = deps.db.main.collection<MemberRecord>(memberCollections.members);

  const scan: AttributeScan = {
    async hasValues(attribute) {
      return (await members.findOne(havingValue(attribute), { projection: { _id: 1 } })) !== null;
    },
    async page(attribute, { after, size }) {
      const found = await members
        .find<Pick<MemberRecord, '_id'> & Partial<AttributeHolder>>(
          { ...havingValue(attribute), ...(after !== undefined && { _id: { $gt: after } }) },
          { projection: { [`traits.${attribute}`]: 1, [`sealed.${sealedName(attribute)}`]: 1 } },
        )
        .sort({ _id: 1 })
        .limit(size)
        .toArray();
      const sealed = found.filter(({ traits = {} }) => !Object.hasOwn(traits, attribute));
      const vaults = await deps.keys.openMany(sealed.map(({ _id }) => _id));
      const values = found.flatMap(({ _id, traits = {}, sealed: hidden = {} }) => {
        const value = openedAttribute({ traits, sealed: hidden }, attribute, vaults.get(_id));
        return value === undefined ? [] : [value];
      });
      return { values, next: found.length < size ? undefined : found.at(-1)?._id };
    },
    async *values(attribute) {
      let after: string | undefined;
      do {
        const { values, next } = await scan.page(attribute, { after, size: pageSize });
        yield* values;
        after = next;
      } while (after !== undefined);
    },
  };
  return scan;
}

/** Sealed or plain: where a value stands depends on the class it was written under. */
function havingValue(attribute: string): Record<string, unknown> {
  if (!isAttributeName(attribute)) throw new Error('not the name of an attribute');
  const paths = [`traits.${attribute}`, `sealed.${sealedName(attribute)}`];
  return { $or: paths.map((path) => ({ [path]: { $exists: true } })) };
}
