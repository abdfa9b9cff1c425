/**
 * Answers to a form, step by step: which fields are asked, given what was answered before them, and how what was sent
 * is read. The same for a page, which sends texts, and for an API, which sends JSON. Pure.
 */
import { nearestName } from '../../base/config/faults.ts';
import type { FieldFault } from '../../base/kernel/errors.ts';
import { type AskedAttribute, type FormFields, inputValues, readAnswers } from './attribute-input.ts';
import type { AttributeDefinition, Attributes } from './attribute-shape.ts';
import { type AttributeValue, parseValue, type ValueContext, type ValueFault } from './attribute-values.ts';
import { holds } from './condition.ts';
import type { FormDefinition, FormField } from './form-shape.ts';
import { longestName } from './person-name.ts';

/** What was answered; `null` is a field that was left open, and what is absent was not asked. */
export interface FormAnswers {
  readonly attributes: Readonly<Record<string, AttributeValue | null>>;
  /** By purpose: given or refused. */
  readonly consents: Readonly<Record<string, boolean>>;
  /** `null`: left open. */
  readonly name?: string | null;
  readonly locale?: string;
}

/** Nothing yet. */
export const noAnswers: FormAnswers = Object.freeze({ attributes: {}, consents: {} });

/** What a form is read with. */
export interface FormContext extends ValueContext {
  attributes: Attributes;
  /** Purposes that apply to the visit; a consent to any other is not asked. */
  purposes: readonly string[];
  /** Languages a member can choose. */
  locales: readonly string[];
}

/** A field's answer, or what is wrong with it; undefined where nothing was said about the field. */
export type Said<T> = { value: T; fault?: undefined } | { value?: undefined; fault: FieldFault } | undefined;

/** Where answers come from; each field is asked for once, in order. */
export interface AnswerSource {
  attribute(asked: AskedAttribute, context: ValueContext): Said<AttributeValue | null>;
  /** Whether the purpose was agreed to. */
  consent(purpose: string): boolean | undefined;
  /** The text of a core field. */
  text(core: 'name' | 'locale'): string | undefined;
  /** The name of an attribute's field, for faults. */
  field(attribute: string): string;
  /** Faults of what was sent and is no answer to any field; whoever sends texts may send more. */
  stray?(fields: readonly FormField[], context: FormContext): FieldFault[];
}

/** A person's name as an attribute: any text of a reasonable length (W3C, Personal names around the world). */
const personName: AttributeDefinition = {
  type: 'text',
  class: 'identifier',
  label: { en: 'Name' },
  constraints: { maxLength: longestName },
};

/**
 * Whether a field is asked, given the answers to the fields before it.
 * @param field a field of a form
 * @param answers to what comes before it
 * @param context attributes, purposes, languages
 */
export function isAsked(
  field: FormField,
  answers: FormAnswers,
  context: Pick<FormContext, 'attributes' | 'purposes'>,
): boolean {
  return (!field.when || holds(field.when, answers.attributes)) && canBeAsked(field, context);
}

/**
 * Whether a field can be asked at all here, whatever is answered before it.
 * @param field a field of a form
 * @param context attributes and purposes
 */
export function canBeAsked(field: FormField, context: Pick<FormContext, 'attributes' | 'purposes'>): boolean {
  if (field.consent !== undefined) return context.purposes.includes(field.consent);
  return field.attribute === undefined || Object.hasOwn(context.attributes, field.attribute);
}

/**
 * An attribute's field as something that is asked; undefined for any other field.
 * @param field a field of a form
 * @param attributes the attributes of the experience
 */
export function askedAttribute(field: FormField, attributes: Attributes): AskedAttribute | undefined {
  const { attribute: name, required = false, hint } = field;
  const definition = name !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return name !== undefined && definition ? { name, definition, required, hint } : undefined;
}

/**
 * Reads the answers to the fields of one step. A field whose condition does not hold is not asked: whatever was sent
 * for it, or answered before, does not count. About a field of which nothing was said the answer before stands.
 * @param fields of the step
 * @param source what was sent
 * @param at answers to the steps before (and to this one, when it was answered before), and the context
 * @returns all answers so far, and every fault at its field
 */
export function readFields(
  fields: readonly FormField[],
  source: AnswerSource,
  at: { before: FormAnswers; context: FormContext },
): { answers: FormAnswers; faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  let answers = withoutAnswers(at.before, fields);
  for (const field of fields) {
    if (!isAsked(field, answers, at.context)) continue;
    const read = readField(field, source, at);
    if ('fault' in read) faults.push(read.fault);
    else answers = merged(answers, read);
  }
  return { answers, faults };
}

type FieldRead = Partial<FormAnswers> | { fault: FieldFault };
type ReadAt = Parameters<typeof readFields>[2];

function readField(field: FormField, source: AnswerSource, at: ReadAt): FieldRead {
  const asked = askedAttribute(field, at.context.attributes);
  if (asked) return readAttribute(asked, source, at);
  if (field.consent !== undefined) {
    const said = source.consent(field.consent) ?? at.before.consents[field.consent];
    return said === undefined ? {} : { consents: { [field.consent]: said } };
  }
  if (field.core === 'locale') return readLocale(source.text('locale') ?? at.before.locale, at.context);
  if (field.core === 'name') return readName(field, source.text('name') ?? at.before.name ?? '', at.context);
  return {};
}

function readAttribute(asked: AskedAttribute, source: AnswerSource, { before, context }: ReadAt): FieldRead {
  const { name, required } = asked;
  const said = source.attribute(asked, context);
  if (said?.fault) return { fault: said.fault };
  if (said) return { attributes: { [name]: said.value } };
  const known = Object.hasOwn(before.attributes, name) ? (before.attributes[name] ?? null) : null;
  if (required && (known === null || known === false))
    return { fault: { field: source.field(name), code: 'field.required' } };
  return { attributes: { [name]: known } };
}

function readLocale(locale: string | undefined, { locales }: FormContext): FieldRead {
  if (locale === undefined) return {};
  return locales.includes(locale) ? { locale } : { fault: { field: 'locale', code: 'field.invalid' } };
}

function readName({ required = false }: FormField, text: string, context: FormContext): FieldRead {
  const asked = { name: 'name', definition: personName, required };
  const { answers, faults } = readAnswers([asked], { 'field.name': text }, context);
  if (faults[0]) return { fault: { ...faults[0], field: 'name' } };
  const { name } = answers;
  return { name: typeof name === 'string' ? name : null };
}

/**
 * Reads a whole form at once.
 * @param form the form
 * @param source what was sent
 * @param at what is known before, and the context
 */
export function readForm(
  form: Pick<FormDefinition, 'steps'>,
  source: AnswerSource,
  at: { before: FormAnswers; context: FormContext },
): { answers: FormAnswers; faults: FieldFault[] } {
  const fields = form.steps.flatMap((step) => step.fields);
  const stray =
    source.stray?.(
      fields.filter((field) => canBeAsked(field, at.context)),
      at.context,
    ) ?? [];
  const { answers, faults } = readFields(fields, source, at);
  return { answers, faults: [...stray, ...faults] };
}

function merged(answers: FormAnswers, more: Partial<FormAnswers>): FormAnswers {
  return {
    ...answers,
    ...more,
    attributes: { ...answers.attributes, ...more.attributes },
    consents: { ...answers.consents, ...more.consents },
  };
}

/** A step that is answered again starts anew. */
function withoutAnswers(answers: FormAnswers, fields: readonly FormField[]): FormAnswers {
  const without = <T>(values: Readonly<Record<string, T>>, kind: 'attribute' | 'consent') =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => !fields.some((field) => field[kind] === name)),
    );
  const asks = (core: 'name' | 'locale') => fields.some((field) => field.core === core);
  const { name, locale } = answers;
  return {
    attributes: without(answers.attributes, 'attribute'),
    consents: without(answers.consents, 'consent'),
    ...(name !== undefined && !asks('name') && { name }),
    ...(locale !== undefined && !asks('locale') && { locale }),
  };
}

/**
 * The next step that asks anything.
 * @param form the form
 * @param from index of the first step to look at
 * @param answers so far
 * @param context attributes and purposes
 * @returns its index; undefined after the last one
 */
export function stepFrom(
  form: Pick<FormDefinition, 'steps'>,
  from: number,
  answers: FormAnswers,
  context: Pick<FormContext, 'attributes' | 'purposes'>,
): number | undefined {
  const found = form.steps.findIndex((step, index) => index >= from && asksAnything(step, answers, context));
  return found < 0 ? undefined : found;
}

/** The last step before this one that asks anything; undefined before the first one. */
export function stepBefore(
  form: Pick<FormDefinition, 'steps'>,
  before: number,
  answers: FormAnswers,
  context: Pick<FormContext, 'attributes' | 'purposes'>,
): number | undefined {
  const found = form.steps.findLastIndex(
    (step, index) => index < before && asksAnything(step, answers, context),
  );
  return found < 0 ? undefined : found;
}

function asksAnything(
  { fields }: FormDefinition['steps'][number],
  answers: FormAnswers,
  context: Pick<FormContext, 'attributes' | 'purposes'>,
): boolean {
  return fields.some((field) => isAsked(field, answers, context));
}

/**
 * A page's form as a source: inputs are named `field.<attribute>`, `purpose.<id>`, `name` and `locale`. What a browser
 * leaves out was left open, and silence on a purpose is no consent (GDPR recital 32).
 * @param sent form values
 */
export function sentForm(sent: FormFields): AnswerSource {
  const text = (input: string) => (Object.hasOwn(sent, input) ? (sent[input] ?? '') : '');
  return {
    attribute(asked, context) {
      const { answers, faults } = readAnswers([asked], sent, context);
      return faults[0] ? { fault: faults[0] } : { value: answers[asked.name] ?? null };
    },
    consent: (purpose) => text(`purpose.${purpose}`) === 'yes',
    text,
    field: (attribute) => `field.${attribute}`,
  };
}

/**
 * What the inputs of fields hold of answers: the twin of {@link sentForm}.
 * @param fields the fields
 * @param answers to them, and perhaps to others
 */
export function answerInputs(fields: readonly FormField[], answers: FormAnswers): Record<string, string> {
  const asked = fields.flatMap(({ attribute }) => (attribute ? [{ name: attribute }] : []));
  const values = Object.entries(answers.attributes).filter(
    (entry): entry is [string, AttributeValue] => entry[1] !== null,
  );
  return {
    ...inputValues(asked, Object.fromEntries(values)),
    ...Object.fromEntries(
      Object.entries(answers.consents).map(([id, given]) => [`purpose.${id}`, given ? 'yes' : 'no']),
    ),
    ...(answers.name && { name: answers.name }),
    ...(answers.locale && { locale: answers.locale }),
  };
}

/** Answers as an API brings them; what is left out stays as it is, `null` takes a value away. */
export interface JsonAnswers {
  attributes?: Readonly<Record<string, unknown>> | undefined;
  consents?: Readonly<Record<string, boolean>> | undefined;
  name?: string | null | undefined;
  locale?: string | undefined;
}

/**
 * JSON as a source; faults name `attributes.<name>`, `consents.<purpose>`, `name` and `locale`. What no field of the form
 * asks is refused, with the name that may have been meant.
 * @param json answers by kind
 */
export function sentJson(json: JsonAnswers): AnswerSource {
  const { attributes = {}, consents = {} } = json;
  return {
    attribute({ name, definition, required }, context) {
      if (!Object.hasOwn(attributes, name) || attributes[name] === undefined) return undefined;
      const read = parseValue(definition, attributes[name], context);
      if (read.fault) return { fault: faultAt(name, read.fault) };
      const missing = read.value === undefined || read.value === false;
      if (required && missing) return { fault: { field: `attributes.${name}`, code: 'field.required' } };
      return { value: read.value ?? null };
    },
    consent: (purpose) => (Object.hasOwn(consents, purpose) ? consents[purpose] : undefined),
    text: (core) => (json[core] === null ? '' : json[core]),
    field: (attribute) => `attributes.${attribute}`,
    stray: (fields) => [
      ...strayNames('attributes.', Object.keys(attributes), namesOf(fields, 'attribute')),
      ...strayNames('consents.', Object.keys(consents), namesOf(fields, 'consent')),
      ...strayNames(
        '',
        (['name', 'locale'] as const).filter((core) => json[core] !== undefined),
        namesOf(fields, 'core'),
      ),
    ],
  };
}

function namesOf(fields: readonly FormField[], kind: 'attribute' | 'consent' | 'core'): string[] {
  return fields.flatMap((field) => field[kind] ?? []);
}

function strayNames(prefix: string, sent: readonly string[], known: readonly string[]): FieldFault[] {
  return sent
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearestName(name, known);
      return { field: prefix + name, code: 'field.unknown', ...(meant && { params: { meant } }) };
    });
}

function faultAt(name: string, { code, params, part }: ValueFault): FieldFault {
  return { field: ['attributes', name, ...(part ? [part] : [])].join('.'), code, ...(params && { params }) };
}
