/** Who may read and write an attribute. Pure. */
import type { AttributeDefinition } from './attribute-shape.ts';

/** Who asks: the member on our own pages, an app with the member's token, or staff. */
export type Reader =
  | { kind: 'member' }
  | { kind: 'client'; id: string; scopes: readonly string[] }
  | { kind: 'staff'; roles: readonly string[] };

/** Roles that staff can have. */
export const staffRoles = ['support'] as const;

const byDefault: readonly string[] = ['member'];

/**
 * Whether the reader may see the value. Consent to the attribute's purpose is asked elsewhere.
 * @param definition the attribute
 * @param reader who asks
 */
export function mayRead(definition: Pick<AttributeDefinition, 'read'>, reader: Reader): boolean {
  return isNamed(definition.read ?? byDefault, reader);
}

/**
 * Whether the reader may change or remove the value.
 * @param definition the attribute
 * @param reader who asks
 */
export function mayWrite(definition: Pick<AttributeDefinition, 'write'>, reader: Reader): boolean {
  return isNamed(definition.write ?? byDefault, reader);
}

function isNamed(list: readonly string[], reader: Reader): boolean {
  return wordsOf(reader).some((word) => list.includes(word));
}

/** The words of an access list that mean this reader; an app never counts as the member whose token it has. */
function wordsOf(reader: Reader): string[] {
  switch (reader.kind) {
    case 'member':
      return ['member'];
    case 'client':
      return [`client:${reader.id}`, ...reader.scopes.map((scope) => `scope:${scope}`)];
    case 'staff':
      return reader.roles.map((role) => `role:${role}`);
  }
}
