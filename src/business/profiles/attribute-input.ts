/**
 * How an attribute is asked on a page, and how the answers of the page are read: inputs are named `field.<name>`,
 * those of an address `field.<name>.<part>` and those of many choices `field.<name>.<option>`, so that every input
 * brings one text. Pure.
 */
import type { FieldFault } from '../../base/kernel/errors.ts';
import { type AddressPart, addressLimits, addressParts, countryNames, isNeeded } from './address-value.ts';
import { type AttributeDefinition, defaultMaxLength } from './attribute-shape.ts';
import { valueAsInputs } from './attribute-text.ts';
import {
  type AttributeValue,
  type FormTexts,
  readValue,
  type ValueContext,
  type ValueRead,
} from './attribute-values.ts';
import { inLanguage, type Translated } from './text-shape.ts';

/** An attribute that a form asks. */
export interface AskedAttribute {
  name: string;
  definition: AttributeDefinition;
  required: boolean;
  /** Stands in place of the attribute's own hint. */
  hint?: Translated | undefined;
}

/** Attributes of an `input` element by their names in HTML. */
export type InputAttributes = Readonly<Record<string, string | number>>;

/** What can be chosen, in one language. */
export interface Choice {
  value: string;
  label: string;
}

/** A part of an address as a form shows it; its label is the text `field.address.<part>`. */
export interface AddressQuestion {
  part: AddressPart;
  control: 'input' | 'lines' | 'select';
  /** Whether an address without it is none; `required` only where the whole address is. */
  needed: boolean;
  required: boolean;
  input: InputAttributes;
  options: readonly Choice[] | undefined;
}

/** A question in one language, as a form shows it. */
export interface FieldQuestion {
  /** Name of the attribute. */
  name: string;
  /** `radios` up to five options, else `select`; `checkboxes` for many choices. */
  control: 'input' | 'checkbox' | 'radios' | 'select' | 'checkboxes' | 'address';
  label: string;
  hint: string | undefined;
  /** Of a checkbox: it must be ticked. */
  required: boolean;
  /** For the controls `input`, `checkbox` and `select`. */
  input: InputAttributes;
  options: readonly Choice[] | undefined;
  parts: readonly AddressQuestion[] | undefined;
}

/** Most options that stand beside each other as radio buttons. */
const mostRadios = 5;

/**
 * The name of an input.
 * @param name of the attribute
 * @param part of an address, or the value of an option of many
 */
export function inputName(name: string, part = ''): string {
  return part === '' ? `field.${name}` : `field.${name}.${part}`;
}

/**
 * A question in a language; where a translation is missing, its base language or English is taken.
 * @param asked the attribute, and whether it must be answered
 * @param locale BCP 47 language
 * @param context the day, and the country that is offered first
 */
export function questionIn(asked: AskedAttribute, locale: string, context: ValueContext): FieldQuestion {
  const { name, definition, required } = asked;
  const hint = asked.hint ?? definition.hint;
  const options = definition.constraints?.options?.map(({ value, label }) => ({
    value,
    label: inLanguage(label, locale),
  }));
  return {
    name,
    control: controlOf(definition),
    label: inLanguage(definition.label, locale),
    hint: hint && inLanguage(hint, locale),
    required,
    input: inputOf(definition, context),
    options,
    parts: definition.type === 'address' ? addressQuestions(asked, locale, context) : undefined,
  };
}

function controlOf({ type, constraints }: AttributeDefinition): FieldQuestion['control'] {
  const { options = [] } = constraints ?? {};
  if (type === 'boolean') return 'checkbox';
  if (type === 'choice') return options.length <= mostRadios ? 'radios' : 'select';
  if (type === 'choices') return 'checkboxes';
  return type === 'address' ? 'address' : 'input';
}

/**
 * The rules as HTML knows them. A browser is never stricter than the server: it counts UTF-16 units where people
 * (and the server) count characters, so it is given twice as many.
 */
function inputOf(definition: AttributeDefinition, { today }: ValueContext): InputAttributes {
  const { type, constraints = {} } = definition;
  const { min, max, step, minLength, maxLength = defaultMaxLength } = constraints;
  const own = definition.autocomplete === undefined ? {} : { autocomplete: definition.autocomplete };
  switch (type) {
    case 'text':
      return {
        type: 'text',
        ...own,
        ...(minLength && { minlength: minLength }),
        maxlength: maxLength * 2,
        ...patternOf(constraints.pattern),
      };
    case 'reference':
      return {
        type: 'text',
        ...own,
        maxlength: 160,
        spellcheck: 'false',
        ...patternOf(constraints.reference?.pattern),
      };
    case 'number':
      return {
        type: 'number',
        inputmode: isWhole(step) && isWhole(min ?? 0) && Number(min ?? -1) >= 0 ? 'numeric' : 'decimal',
        ...own,
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        step: step ?? 'any',
      };
    case 'date':
      return {
        type: 'date',
        ...own,
        ...(min !== undefined && { min: min === 'today' ? today : min }),
        max: max === undefined ? '9999-12-31' : max === 'today' ? today : max,
      };
    case 'email':
      return {
        type: 'email',
        inputmode: 'email',
        autocomplete: 'email',
        autocapitalize: 'none',
        spellcheck: 'false',
        maxlength: 254,
        ...own,
      };
    case 'phone':
      return { type: 'tel', inputmode: 'tel', autocomplete: 'tel', maxlength: 40, ...own };
    default:
      return own;
  }
}

function patternOf(pattern: string | undefined): InputAttributes {
  return pattern === undefined ? {} : { pattern };
}

function isWhole(value: number | string | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value);
}

const autofillOf: Readonly<Record<AddressPart, string>> = {
  street_address: 'street-address',
  postal_code: 'postal-code',
  locality: 'address-level2',
  region: 'address-level1',
  country: 'country',
};

function addressQuestions(
  { definition, required }: AskedAttribute,
  locale: string,
  { country }: ValueContext,
): AddressQuestion[] {
  const asked = definition.constraints?.parts ?? addressParts;
  return addressParts
    .filter((part) => asked.includes(part))
    .map((part) => ({
      part,
      control: part === 'street_address' ? 'lines' : part === 'country' ? 'select' : 'input',
      needed: isNeeded(part),
      required: required && isNeeded(part),
      input: {
        ...(part !== 'street_address' && part !== 'country' && { type: 'text' }),
        autocomplete: autofillOf[part],
        ...(part !== 'country' && { maxlength: addressLimits[part] * 2 }),
      },
      options: part === 'country' ? withFirst(countryNames(locale), country) : undefined,
    }));
}

/** The country of the visit stands first: it is the likely one among hundreds. */
function withFirst(list: readonly Choice[], first: string | undefined): readonly Choice[] {
  const likely = list.find(({ value }) => value === first);
  return likely ? [likely, ...list.filter((each) => each !== likely)] : list;
}

/** A form as sent; every input brings one text. */
export type FormFields = Readonly<Record<string, string | undefined>>;

/** What a form brought: by attribute its value, or `null` where it was left empty; and every fault at its input. */
export interface Answers {
  answers: Record<string, AttributeValue | null>;
  faults: FieldFault[];
}

/**
 * Reads the answers to what a form asked; everything else in the form is ignored.
 * @param asked what was asked
 * @param form parsed form values
 * @param context the day, and whose phone numbers
 */
export function readAnswers(
  asked: readonly AskedAttribute[],
  form: FormFields,
  context: ValueContext,
): Answers {
  const answers: Answers['answers'] = {};
  const faults: FieldFault[] = [];
  for (const each of asked) {
    const read = readValue(each.definition, textsOf(each, form), context);
    const found = faultsOf(each, read);
    faults.push(...found);
    if (found.length === 0) answers[each.name] = read.value ?? null;
  }
  return { answers, faults };
}

function textsOf({ name, definition }: AskedAttribute, form: FormFields): FormTexts {
  const text = (part = '') => {
    const input = inputName(name, part);
    return Object.hasOwn(form, input) ? (form[input] ?? '') : '';
  };
  if (definition.type === 'choices') {
    return definition.constraints?.options?.map(({ value }) => value).filter((value) => text(value) !== '');
  }
  if (definition.type !== 'address') return text();
  return Object.fromEntries(addressParts.map((part) => [part, text(part)]));
}

function faultsOf({ name, definition, required }: AskedAttribute, read: ValueRead): FieldFault[] {
  const first = definition.type === 'address' ? firstPart(definition) : undefined;
  if (read.fault) {
    return [read.fault, ...(read.more ?? [])].map(({ part = first, code, params }) => ({
      field: inputName(name, part),
      code,
      ...(params && { params }),
    }));
  }
  // A box that must be ticked and is not says nothing; of the parts of an address the first is named.
  const missing = read.value === undefined || read.value === false;
  return required && missing ? [{ field: inputName(name, first), code: 'field.required' }] : [];
}

function firstPart({ constraints }: AttributeDefinition): AddressPart | undefined {
  const { parts = addressParts } = constraints ?? {};
  return addressParts.find((part) => parts.includes(part));
}

/**
 * What the inputs of a form show for what is known already.
 * @param asked what is asked
 * @param values by attribute
 */
export function inputValues(
  asked: readonly Pick<AskedAttribute, 'name'>[],
  values: Readonly<Record<string, AttributeValue>>,
): Record<string, string> {
  return Object.fromEntries(
    asked.flatMap(({ name }) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) return [];
      return Object.entries(valueAsInputs(value)).map(([part, text]) => [inputName(name, part), text]);
    }),
  );
}
