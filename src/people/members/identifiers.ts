/** Rules of identifiers, pure: normal forms and the keyed `_id`s they are found by. Never touches the database. */
import { type KeyRing, keyedHash } from '../../base/kernel/sealing.ts';

/** What leads to exactly one member. */
export type IdentifierType = 'email' | 'google' | 'facebook';

/** A proven or claimed identifier value. */
export interface Identifier {
  type: IdentifierType;
  value: string;
}

/**
 * The `_id`s an identifier may be stored under, one for each live version of the digest key, newest first.
 * @param ring keys that identifiers are digested with; never stored in MongoDB
 * @param identifier type and normalised value
 */
export function identifierIds(ring: KeyRing, identifier: Identifier): string[] {
  return ring.all.map(
    ({ id, key }) => `${identifier.type}:${id}:${keyedHash(key, identifier.type, identifier.value)}`,
  );
}
