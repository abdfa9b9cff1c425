/**
 * Questions and fields as an app draws them in its own pages: in one language, with every rule the server goes by. The
 * rules are those of the attribute; here they are only told. Pure.
 */
import { z } from 'zod';
import { addressLimits, addressParts, isNeeded } from '../../business/profiles/address-value.ts';
import type { AskedAttribute } from '../../business/profiles/attribute-input.ts';
import {
  type AttributeDefinition,
  attributeTypes,
  defaultMaxLength,
} from '../../business/profiles/attribute-shape.ts';
import type { ValueContext } from '../../business/profiles/attribute-values.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';

const bound = z.union([z.number(), z.string()]).optional();

const constraints = z
  .object({
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    min: bound,
    max: bound,
    step: z.number().optional(),
    pattern: z
      .string()
      .optional()
      .meta({ description: 'A regular expression of the whole text, as in an HTML `pattern`.' }),
  })
  .meta({
    id: 'Constraints',
    description:
      'Lengths count code points. `min` and `max`: of a number, a day (yyyy-mm-dd) or the number of choices.',
  });

const addressPart = z
  .object({
    part: z.enum(addressParts),
    label: z.string(),
    required: z.boolean().meta({ description: 'An address without it is none.' }),
    maxLength: z.number(),
  })
  .meta({ id: 'AddressPart', description: '`country` is ISO 3166-1 alpha-2.' });

/** What an app needs to know to ask something; the same for questions and for fields of forms. */
export const drawn = {
  type: z.enum(attributeTypes).meta({
    description: 'An unticked box of type `boolean` is the answer `false`: required, it must be ticked.',
  }),
  label: z.string().meta({ description: 'In the language of `Accept-Language`.' }),
  hint: z.string().nullable(),
  options: z.array(z.object({ value: z.string(), label: z.string() })).nullable(),
  constraints,
  parts: z.array(addressPart).nullable().meta({ description: 'Of an address, in their order.' }),
  autocomplete: z.string().nullable().meta({ description: 'Autofill token of the HTML standard.' }),
};

/** {@link drawn}, filled. */
export type Drawn = z.input<z.ZodObject<typeof drawn>>;

/** Language of what is drawn, and its texts that are nobody's own. */
export interface DrawnIn {
  locale: string;
  t(key: string): string;
}

/**
 * An attribute as an app asks it.
 * @param asked the attribute, and a hint of the form's own
 * @param language of texts
 * @param context the day, which bounds may name
 */
export function drawnAttribute(
  { definition, hint = definition.hint }: Pick<AskedAttribute, 'definition' | 'hint'>,
  { locale, t }: DrawnIn,
  context: ValueContext,
): Drawn {
  const { type, label, autocomplete = null } = definition;
  const options = definition.constraints?.options?.map((option) => ({
    value: option.value,
    label: inLanguage(option.label, locale),
  }));
  return {
    type,
    label: inLanguage(label, locale),
    hint: hint ? inLanguage(hint, locale) : null,
    options: options ?? null,
    constraints: constraintsOf(definition, context),
    parts: type === 'address' ? partsOf(definition, t) : null,
    autocomplete,
  };
}

function constraintsOf(
  { type, constraints: rules = {} }: AttributeDefinition,
  { today }: ValueContext,
): Drawn['constraints'] {
  const day = (limit: string | number | undefined) => (limit === 'today' ? today : limit);
  const { minLength, step, reference } = rules;
  const maxLength = rules.maxLength ?? (type === 'text' ? defaultMaxLength : undefined);
  return Object.fromEntries(
    Object.entries({
      minLength,
      maxLength,
      min: day(rules.min),
      max: day(rules.max),
      step,
      pattern: rules.pattern ?? reference?.pattern,
    }).filter(([, rule]) => rule !== undefined),
  );
}

function partsOf({ constraints: rules }: AttributeDefinition, t: DrawnIn['t']): Drawn['parts'] {
  const asked = rules?.parts ?? addressParts;
  return addressParts
    .filter((part) => asked.includes(part))
    .map((part) => ({
      part,
      label: t(`field.address.${part}`),
      required: isNeeded(part),
      maxLength: addressLimits[part],
    }));
}
