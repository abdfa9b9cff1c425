/**
 * Profiles: what the program may know of a member, as its owners define it, and the rules of every value. Owns the
 * attribute schema, the rules that forms, APIs and imports share, how an attribute is asked, and who may see it.
 * Pure: it reads no file, no database and no clock, and never knows a member.
 */
import { z } from 'zod';
import { type AddressPart, addressParts } from './address-value.ts';
import { attributeName, namesAPerson, standardClaims } from './attribute-names.ts';
import { isIsoDay } from './iso-day.ts';
import { patternFault } from './pattern-safety.ts';
import { translated } from './text-shape.ts';

/** What kinds of values there are. */
export const attributeTypes = [
  'text',
  'number',
  'boolean',
  'date',
  'choice',
  'choices',
  'email',
  'phone',
  'address',
  'reference',
] as const;

/** The kind of an attribute's value. */
export type AttributeType = (typeof attributeTypes)[number];

/** Numbers beyond this have no exact cents, and are refused. */
export const largestNumber = 1e15;

/** Longest text of an attribute that names no limit, and of any, in code points. */
export const defaultMaxLength = 100;
const longestText = 500;

/** Autofill tokens of the HTML standard that an attribute may carry (WCAG 1.3.5). */
const autofill = (
  'name honorific-prefix given-name additional-name family-name honorific-suffix nickname organization-title ' +
  'organization street-address address-line1 address-line2 address-line3 address-level1 address-level2 ' +
  'address-level3 address-level4 country country-name postal-code language bday bday-day bday-month bday-year sex ' +
  'url photo email tel tel-national impp'
).split(' ');

/** Those that say who somebody is. */
const identifyingTokens =
  /^(?:name|(?:given|additional|family)-name|street-address|address-line\d|bday.*|photo|email|tel.*|impp)$/;

/** Who may read or write beside the program itself. */
const access = z.union(
  [
    z.literal('member'),
    // RFC 6749 section 3.3; client ids and roles as this issuer makes them.
    z.string().regex(/^scope:[\x21\x23-\x5b\x5d-\x7e]{1,100}$/),
    z.string().regex(/^client:[\x21-\x7e]{1,100}$/),
    z.string().regex(/^role:[a-z][a-z0-9-]{0,39}$/),
  ],
  { error: 'one of member, scope:<scope>, client:<id>, role:<role>' },
);

const accessList = z.array(access).max(50);

/** Values of options are parts of input names: what reaches a prototype is none. */
const optionValue = z.string().regex(/^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,39}$/);

const pattern = z.string().refine((text) => patternFault(text) === undefined, {
  error: (issue) => patternFault(String(issue.input)) ?? 'a pattern',
});

const bound = z.union([
  z.number().min(-largestNumber).max(largestNumber),
  z.string().refine((text) => text === 'today' || isIsoDay(text), 'a day as yyyy-mm-dd, or today'),
]);

/** What a value must be beyond its type; which of these a type knows says {@link constraintsOf}. */
export const constraintsShape = z.strictObject({
  /** Fewest and most code points of a text. */
  minLength: z.int().min(1).max(longestText).optional(),
  maxLength: z.int().min(1).max(longestText).optional(),
  /** Smallest and largest number, earliest and latest day (`today` moves), fewest and most of many choices. */
  min: bound.optional(),
  max: bound.optional(),
  /** Numbers go in steps from `min` (or 0) on; 1 is whole numbers. */
  step: z.number().positive().max(largestNumber).optional(),
  /** Regular expression of the whole text, as in an HTML `pattern`; only one that cannot take long. */
  pattern: pattern.optional(),
  /** What can be chosen. */
  options: z
    .array(z.strictObject({ value: optionValue, label: translated }))
    .min(2)
    .max(100)
    .optional(),
  /** Parts of an address that are asked; default all. */
  parts: z.array(z.enum(addressParts)).min(1).optional(),
  /** Names a thing of a list that another system keeps, such as the nearest store. */
  reference: z
    .strictObject({ list: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), pattern: pattern.optional() })
    .optional(),
});

/** What a value must be beyond its type. */
export type Constraints = Readonly<z.output<typeof constraintsShape>>;

/**
 * Every field of a definition, each for itself: a layer of the configuration may say some of them. What stands
 * together in one definition is judged by {@link attributeSchema}.
 */
export const attributeShape = z.strictObject({
  type: z.enum(attributeTypes),
  /**
   * `identifier`: says who somebody is. `sensitive`: reveals health, belief or the like. Both are sealed with the
   * member's own key. `trait`: everything else, kept plain, so that segments can count it.
   */
  class: z.enum(['identifier', 'sensitive', 'trait']),
  label: translated,
  hint: translated.optional(),
  /** Purpose the value is used for; whoever hands it on asks for the member's consent to it. */
  purpose: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .optional(),
  constraints: constraintsShape.optional(),
  /** Autofill token of the HTML standard, such as `given-name`. */
  autocomplete: z.enum(autofill).optional(),
  /** Who may read it: `member`, `scope:<scope>`, `client:<id>`, `role:<role>`; default the member. */
  read: accessList.optional(),
  /** Who may write it, in the same words; default the member. */
  write: accessList.optional(),
  /** Days after which a value that nobody renewed is removed. */
  retentionDays: z.int().min(1).max(36_500).optional(),
});

/** One attribute as the program's owners define it. */
export type AttributeDefinition = Readonly<z.output<typeof attributeShape>>;

/** The attributes of an experience by name. */
export type Attributes = Readonly<Record<string, AttributeDefinition>>;

/** Which constraints a type knows. */
const constraintsOf: Readonly<Record<AttributeType, readonly (keyof Constraints)[]>> = {
  text: ['minLength', 'maxLength', 'pattern'],
  number: ['min', 'max', 'step'],
  boolean: [],
  date: ['min', 'max'],
  choice: ['options'],
  choices: ['options', 'min', 'max'],
  email: [],
  phone: [],
  address: ['parts'],
  reference: ['reference'],
};

/** A complete definition of one attribute; every fault is told with its path. */
export const attributeSchema = attributeShape.superRefine((definition, context) => {
  for (const { path, message } of faultsOf(definition)) context.addIssue({ code: 'custom', path, message });
});

/** Most attributes of one experience. */
const mostAttributes = 200;

/** The attributes of an experience: complete definitions by name. */
export const attributesSchema = z
  .record(attributeName, attributeSchema)
  .superRefine((attributes, context) => {
    if (Object.keys(attributes).length > mostAttributes) {
      context.addIssue({ code: 'custom', message: `more than ${mostAttributes} attributes` });
    }
    for (const [name, { type, class: kind }] of Object.entries(attributes)) {
      const types = Object.hasOwn(standardClaims, name) ? standardClaims[name] : undefined;
      if (types && !types.includes(type)) {
        const message = `${name} is a claim of OpenID Connect: its type is ${types.join(' or ')}`;
        context.addIssue({ code: 'custom', path: [name, 'type'], message });
      }
      if (kind === 'trait' && namesAPerson(name, type)) {
        context.addIssue({ code: 'custom', path: [name, 'class'], message: noTrait });
      }
    }
  });

const noTrait = 'says who somebody is: identifier or sensitive, never trait';

interface Fault {
  /** Inside the definition. */
  path: string[];
  message: string;
}

/** What is wrong between the fields of one definition. */
function faultsOf({ type, autocomplete, class: kind, constraints = {} }: AttributeDefinition): Fault[] {
  const known: readonly string[] = constraintsOf[type];
  const identifies =
    ['email', 'phone', 'address'].includes(type) || identifyingTokens.test(autocomplete ?? '');
  return [
    ...(kind === 'trait' && identifies ? [{ path: ['class'], message: noTrait }] : []),
    ...Object.entries(constraints)
      .filter(([name, value]) => value !== undefined && !known.includes(name))
      .map(([name]) => at(name, `a ${type} has no ${name}`)),
    ...textFaults(type, constraints),
    ...rangeFaults(type, constraints),
    ...listFaults(type, constraints),
  ];
}

function at(constraint: string, message: string): Fault {
  return { path: ['constraints', constraint], message };
}

function textFaults(type: AttributeType, constraints: Constraints): Fault[] {
  const { minLength = 1, maxLength = defaultMaxLength, reference } = constraints;
  if (type === 'text' && minLength > maxLength) {
    return [at('minLength', `more than maxLength, which is ${maxLength}`)];
  }
  return type === 'reference' && !reference ? [at('reference', 'a reference names its list')] : [];
}

function rangeFaults(type: AttributeType, { min, max, options }: Constraints): Fault[] {
  const wanted = type === 'date' ? 'string' : 'number';
  const wrong = [
    { name: 'min', bound: min },
    { name: 'max', bound: max },
  ].filter(({ bound: given }) => given !== undefined && typeof given !== wanted);
  if (wrong.length > 0) {
    const message = type === 'date' ? 'a day as yyyy-mm-dd, or today' : 'a number';
    return wrong.map(({ name }) => at(name, message));
  }
  if (type === 'choices') return countFaults(Number(min ?? 0), max, options?.length ?? 0);
  // Where one bound is today, which is more changes with the days.
  if (min === undefined || max === undefined || (min === 'today') !== (max === 'today')) return [];
  return min > max ? [at('min', 'min is more than max')] : [];
}

function countFaults(fewest: number, max: number | string | undefined, there: number): Fault[] {
  const most = Number(max ?? there);
  if (![fewest, most].every((count) => Number.isInteger(count) && count >= 0 && count <= there)) {
    return [at('min', 'min and max count options: whole numbers, at most as many as there are')];
  }
  return fewest > most || (max !== undefined && most < 1) ? [at('min', 'min is more than max')] : [];
}

function listFaults(type: AttributeType, { options, parts }: Constraints): Fault[] {
  const faults: Fault[] = [];
  if ((type === 'choice' || type === 'choices') && !options) {
    faults.push(at('options', `a ${type} needs options`));
  }
  if (new Set(options?.map(({ value }) => value)).size !== (options?.length ?? 0)) {
    faults.push(at('options', 'two options have the same value'));
  }
  if (new Set<AddressPart>(parts).size !== (parts?.length ?? 0)) {
    faults.push(at('parts', 'a part stands twice'));
  }
  return faults;
}
