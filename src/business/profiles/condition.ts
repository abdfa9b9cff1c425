/** Conditions: whether a field is asked, or a rule applies, by what a member has answered. Pure. */
import { z } from 'zod';
import { attributeName } from './attribute-names.ts';
import type { AttributeDefinition } from './attribute-shape.ts';
import type { AttributeValue } from './attribute-values.ts';

const plainValue = z.union([z.string().min(1).max(500), z.number(), z.boolean()]);

/** A comparison of one attribute's value. */
export const conditionShape = z
  .strictObject({
    attribute: attributeName,
    /** The value is this one, or holds it among its choices. */
    equals: plainValue.optional(),
    /** The value is one of these, or holds one of them. */
    oneOf: z.array(plainValue).min(1).max(100).optional(),
    /** Whether there is any value at all; a box that is not ticked is a value. */
    present: z.boolean().optional(),
  })
  .refine((condition) => comparisons.filter((name) => condition[name] !== undefined).length === 1, {
    message: `exactly one of ${['equals', 'oneOf', 'present'].join(', ')}`,
  });

const comparisons = ['equals', 'oneOf', 'present'] as const;

/** A comparison of one attribute's value. */
export type Condition = Readonly<z.output<typeof conditionShape>>;

/** Values by attribute; `null` and absent are nothing. */
export type KnownValues = Readonly<Record<string, AttributeValue | null | undefined>>;

/**
 * Whether a condition holds. Nothing is equal to nothing: only `present: false` holds where there is no value.
 * @param condition the comparison
 * @param values what is known
 */
export function holds(condition: Condition, values: KnownValues): boolean {
  const { attribute, present } = condition;
  const value = Object.hasOwn(values, attribute) ? (values[attribute] ?? undefined) : undefined;
  if (present !== undefined) return (value !== undefined) === present;
  if (value === undefined) return false;
  const has: readonly unknown[] = Array.isArray(value) ? value : [value];
  return wantedOf(condition).some((wanted) => has.includes(wanted));
}

/** The values that a comparison accepts; empty where any counts. */
export function wantedOf({ equals, oneOf }: Condition): readonly (string | number | boolean)[] {
  return oneOf ?? (equals === undefined ? [] : [equals]);
}

/**
 * What a condition would have to compare with to ever hold; undefined when it can.
 * @param condition the comparison
 * @param definition the attribute it is about
 */
export function impossible(condition: Condition, definition: AttributeDefinition): string | undefined {
  const { type, constraints } = definition;
  const wanted = wantedOf(condition);
  if (wanted.length === 0) return undefined;
  if (type === 'address') return 'present: an address is compared with nothing';
  if (type === 'choice' || type === 'choices') {
    const options = constraints?.options?.map(({ value }) => value) ?? [];
    return wanted.every((value) => options.some((option) => option === value))
      ? undefined
      : `one of ${options.join(', ')}`;
  }
  const kind = type === 'number' || type === 'boolean' ? type : 'string';
  return wanted.every((value) => typeof value === kind) ? undefined : `a ${kind}`;
}
