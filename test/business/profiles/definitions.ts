/** Attributes of every type, for tests. */
import {
  type AttributeDefinition,
  attributeSchema,
  attributesSchema,
} from '../../../src/business/profiles/attribute-shape.ts';

const label = { en: 'Label' };
const options = ['vegan', 'halal', 'no-nuts'].map((value) => ({
  value,
  label: { en: value, de: `${value} (de)` },
}));

/** A definition by type and constraints. */
export function define(type: string, constraints: Record<string, unknown>): AttributeDefinition {
  return attributeSchema.parse({ type, class: 'trait', label, constraints });
}

/** One attribute of every type. */
export const everyType = attributesSchema.parse({
  motto: { type: 'text', class: 'trait', label, constraints: { minLength: 2, maxLength: 5 } },
  flight_number: { type: 'text', class: 'trait', label, constraints: { pattern: '[A-Z]{2}[0-9]{1,4}' } },
  cars: { type: 'number', class: 'trait', label, constraints: { min: 0, max: 10, step: 1 } },
  adult: { type: 'boolean', class: 'trait', label },
  birthdate: { type: 'date', class: 'identifier', label, constraints: { min: '1900-01-01', max: 'today' } },
  seat: { type: 'choice', class: 'trait', label, constraints: { options } },
  diet: { type: 'choices', class: 'sensitive', label, constraints: { options, max: 2 } },
  work_email: { type: 'email', class: 'identifier', label },
  phone_number: { type: 'phone', class: 'identifier', label },
  address: { type: 'address', class: 'identifier', label },
  store: {
    type: 'reference',
    class: 'trait',
    label,
    constraints: { reference: { list: 'stores', pattern: '[a-z]{2}-[0-9]{3}' } },
  },
});

/** The day it is in tests. */
export const context = { today: '2026-04-30', country: 'DE' } as const;
