/**
 * A member's attributes as they are stored: ordinary traits plain and typed, identifiers and sensitive ones sealed
 * with the member's own key, each with where it came from. Every value is written by its own key, so that two writers
 * of different attributes never lose each other's.
 */
import { DomainError } from '../../base/kernel/errors.ts';
import { attributeNameShape } from '../../business/profiles/attribute-names.ts';
import type { AttributeDefinition, Attributes } from '../../business/profiles/attribute-shape.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import type { MemberVault } from './member-keys.ts';
import type { MemberRecord } from './model.ts';

/** Who said a value: the member, an app, staff, an import, an identity provider, or the program itself. */
export type SourceKind = 'member' | 'client' | 'staff' | 'import' | 'upstream' | 'program';

/** Where a stored value came from. */
export interface AttributeSource {
  by: SourceKind;
  at: Date;
  /** Id of the configuration release it was asked under. */
  release?: string;
  /** The brand that asked for it. */
  brand?: string;
  /** The app it was given through. */
  client?: string;
}

/** Values by attribute; `null` removes. Each value is as the rules of its attribute left it. */
export type AttributeChanges = Readonly<Record<string, AttributeValue | null>>;

/** What is to be written, and what it goes by. */
export interface AttributeWrite {
  values: AttributeChanges;
  /** The definitions in force; a value of an attribute that is not among them is refused. */
  definitions: Attributes;
  source: Omit<AttributeSource, 'at'>;
}

/** A member's part that holds attributes. */
export type AttributeHolder = Pick<MemberRecord, 'sealed' | 'traits' | 'sources'>;

const prefix = 'attribute:';

/**
 * The name under which a sealed attribute stands among a member's sealed values.
 * @param name of the attribute
 */
export function sealedName(name: string): string {
  return prefix + name;
}

/** What the vault binds a sealed value to. */
export function sealedField(name: string): string {
  return `members.${prefix}${name}`;
}

/**
 * Whether a text can be the name of a stored attribute: names are parts of paths in the database, and nothing else gets
 * there.
 * @param name from anywhere
 */
export function isAttributeName(name: string): boolean {
  return attributeNameShape.test(name);
}

/**
 * Names of the attributes a member has values of, in order.
 * @param holder the member's record
 */
export function attributeNames({ sealed, traits }: AttributeHolder): string[] {
  const hidden = Object.keys(sealed).filter((field) => field.startsWith(prefix));
  return [...new Set([...Object.keys(traits), ...hidden.map((field) => field.slice(prefix.length))])].sort();
}

/**
 * A write that seals more than its definitions ask for.
 * @param write what is to be written
 * @param isSealed of which attributes every value is sealed
 */
export function withSealed(write: AttributeWrite, isSealed: (name: string) => boolean): AttributeWrite {
  const stricter = Object.keys(write.values).flatMap((name): [string, AttributeDefinition][] => {
    const definition = Object.hasOwn(write.definitions, name) ? write.definitions[name] : undefined;
    return definition?.class === 'trait' && isSealed(name)
      ? [[name, { ...definition, class: 'sensitive' }]]
      : [];
  });
  if (stricter.length === 0) return write;
  return { ...write, definitions: { ...write.definitions, ...Object.fromEntries(stricter) } };
}

/**
 * Whether a write needs the member's key.
 * @param write what is to be written
 */
export function needsKey({ values, definitions }: Pick<AttributeWrite, 'values' | 'definitions'>): boolean {
  return Object.entries(values).some(([name, value]) => value !== null && isSealed(name, definitions));
}

/**
 * Values of a member, opened; what cannot be opened any more is left out.
 * @param holder the member's record
 * @param names of attributes
 * @param vault opens the sealed ones; none once the key is gone
 */
export function openedAttributes(
  holder: AttributeHolder,
  names: readonly string[],
  vault: MemberVault | undefined,
): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  for (const name of names) {
    const value = openedAttribute(holder, name, vault);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/**
 * One value of a member, opened. A value stays where it was written, whatever its class has become since.
 * @param holder the member's record
 * @param name of the attribute
 * @param vault opens a sealed one
 */
export function openedAttribute(
  holder: AttributeHolder,
  name: string,
  vault: MemberVault | undefined,
): AttributeValue | undefined {
  if (Object.hasOwn(holder.traits, name)) return holder.traits[name];
  const sealed = Object.hasOwn(holder.sealed, sealedName(name)) ? holder.sealed[sealedName(name)] : undefined;
  if (sealed === undefined || !vault) return undefined;
  return JSON.parse(vault.open(sealedField(name), sealed)) as AttributeValue;
}

/** An update of a member's record: paths to set and to take away. */
export interface AttributeUpdate {
  set: Record<string, unknown>;
  unset: Record<string, 1>;
}

/**
 * The update that writes values, each attribute by its own paths.
 * @param write values, `null` to remove; definitions, and where the values come from
 * @param at when
 * @param vault seals; only asked for when {@link needsKey} says so
 * @throws DomainError `attribute.unknown` for a name that no definition in force has
 */
export function attributeUpdate(
  write: AttributeWrite,
  at: Date,
  vault: MemberVault | undefined,
): AttributeUpdate {
  const set: AttributeUpdate['set'] = {};
  const unset: AttributeUpdate['unset'] = {};
  for (const [name, value] of Object.entries(write.values)) {
    const [plain, sealed, source] = [`traits.${name}`, `sealed.${sealedName(name)}`, `sources.${name}`];
    // What is no longer defined can still be removed.
    if (!isAttributeName(name) || (value !== null && !Object.hasOwn(write.definitions, name))) {
      throw new DomainError('attribute.unknown');
    }
    if (value === null) {
      Object.assign(unset, { [plain]: 1, [sealed]: 1, [source]: 1 });
      continue;
    }
    const hidden = isSealed(name, write.definitions);
    set[hidden ? sealed : plain] = hidden ? sealedValue(name, value, vault) : value;
    // The class may have changed since the last write: a value stands in one place.
    unset[hidden ? plain : sealed] = 1;
    set[source] = { ...write.source, at };
  }
  return { set, unset };
}

/**
 * What a new member's record holds of attributes.
 * @param write values, where what was left empty is `null`; definitions, and where the values come from
 * @param at when
 * @param vault the new member's
 */
export function firstAttributes(
  write: AttributeWrite,
  at: Date,
  vault: MemberVault,
): Required<AttributeHolder> {
  const values = Object.fromEntries(Object.entries(write.values).filter(([, value]) => value !== null));
  const holder: Required<AttributeHolder> = { sealed: {}, traits: {}, sources: {} };
  const parts: Readonly<Record<string, Record<string, unknown>>> = holder;
  for (const [path, value] of Object.entries(attributeUpdate({ ...write, values }, at, vault).set)) {
    const [part = '', name = ''] = path.split('.');
    const target = parts[part];
    if (target) target[name] = value;
  }
  return holder;
}

function isSealed(name: string, definitions: Attributes): boolean {
  return Object.hasOwn(definitions, name) && definitions[name]?.class !== 'trait';
}

function sealedValue(name: string, value: AttributeValue, vault: MemberVault | undefined): string {
  if (!vault) throw new DomainError('member.unavailable');
  return vault.seal(sealedField(name), JSON.stringify(value));
}
