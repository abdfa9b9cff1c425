/**
 * The rules of one value, the same wherever it comes from: a form, an API, an import. What is accepted has one
 * normal form. Pure.
 */
import type { ErrorCode, ErrorParams } from '../../base/kernel/errors.ts';
import {
  type AddressPart,
  type AddressValue,
  addressLimits,
  addressParts,
  readAddress,
} from './address-value.ts';
import {
  type AttributeDefinition,
  type Constraints,
  defaultMaxLength,
  largestNumber,
} from './attribute-shape.ts';
import { normaliseEmail } from './email-text.ts';
import { dayIn, isIsoDay } from './iso-day.ts';
import { matchesPattern } from './pattern-safety.ts';
import { normalisePhone } from './phone-text.ts';
import { lengthOf, plainDigits, plainText } from './plain-text.ts';

/** A value as it is kept. */
export type AttributeValue = string | number | boolean | readonly string[] | AddressValue;

/** What is wrong with a value; of an address, in which part. */
export interface ValueFault {
  code: ErrorCode;
  params?: ErrorParams;
  part?: AddressPart;
}

/** A value, nothing (`undefined`: left empty), or what is wrong. */
export type ValueRead =
  | { value: AttributeValue | undefined; fault?: undefined }
  /** `more`: what is wrong in further parts of an address. */
  | { value?: undefined; fault: ValueFault; more?: readonly ValueFault[] };

/** What a rule needs to know beyond the value. */
export interface ValueContext {
  /** The day it is, as yyyy-mm-dd, where the member lives. */
  today: string;
  /** ISO 3166-1 alpha-2: whose national phone numbers are understood. */
  country?: string | undefined;
}

/**
 * What the rules of a value need to know at a place.
 * @param nowMs Unix milliseconds
 * @param market its IANA time zone and country
 */
export function valueContext(
  nowMs: number,
  { timeZone, country }: { timeZone: string; country: string },
): ValueContext & { country: string } {
  return { today: dayIn(nowMs, timeZone), country };
}

/** What a form or a line of an import brings: one text, several, or a text for each part of an address. */
export type FormTexts = string | readonly string[] | Readonly<Record<string, string>> | undefined;

const nothing: ValueRead = { value: undefined };
const invalid: ValueRead = { fault: { code: 'field.invalid' } };

/** What names a thing where its list says nothing. */
const defaultReference = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/;
const longestReference = 80;

/**
 * Reads what was typed, chosen or ticked; an empty text is nothing, a box that is not ticked is `false`.
 * @param definition the attribute
 * @param raw the form's text or texts
 * @param context the day, and whose phone numbers
 */
export function readValue(definition: AttributeDefinition, raw: FormTexts, context: ValueContext): ValueRead {
  const { type, constraints = {} } = definition;
  if (type === 'address') return addressOf(constraints, typeof raw === 'object' && !isList(raw) ? raw : {});
  if (type === 'choices') return choicesOf(constraints, raw === undefined || raw === '' ? [] : asList(raw));
  if (typeof raw === 'object') return invalid;
  const text = (raw ?? '').trim();
  if (type === 'boolean') return typedBoolean(text);
  if (text === '') return nothing;
  if (type === 'number') {
    const typed = plainDigits(text);
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$/i.test(typed)) {
      return { fault: { code: 'field.number_invalid' } };
    }
    return numberOf(constraints, Number(typed));
  }
  return textOf(definition, text, context);
}

/**
 * Judges a value of JSON, such as an API or a release's own record brings it; `null` and an empty text are nothing.
 * @param definition the attribute
 * @param json parsed JSON of any shape
 * @param context the day, and whose phone numbers
 */
export function parseValue(definition: AttributeDefinition, json: unknown, context: ValueContext): ValueRead {
  if (json === null || json === undefined) return nothing;
  const { type, constraints = {} } = definition;
  switch (type) {
    case 'boolean':
      return typeof json === 'boolean' ? { value: json } : invalid;
    case 'number':
      return typeof json === 'number'
        ? numberOf(constraints, json)
        : { fault: { code: 'field.number_invalid' } };
    case 'choices':
      return isList(json) ? choicesOf(constraints, json) : invalid;
    case 'address':
      return isRecord(json) && Object.keys(json).every((part) => addressParts.some((known) => known === part))
        ? addressOf(constraints, json)
        : invalid;
    default:
      if (typeof json !== 'string') return invalid;
      return json.trim() === '' ? nothing : textOf(definition, json, context);
  }
}

/** Rules of everything that is one text. */
function textOf(definition: AttributeDefinition, raw: string, context: ValueContext): ValueRead {
  const text = plainText(raw);
  if (text === undefined) return invalid;
  if (text === '') return nothing;
  const { type, constraints = {} } = definition;
  switch (type) {
    case 'text':
      return freeText(constraints, text);
    case 'date':
      return dateOf(constraints, plainDigits(text), context.today);
    case 'choice':
      return constraints.options?.some(({ value }) => value === text) ? { value: text } : invalid;
    case 'email': {
      const value = normaliseEmail(text);
      return value ? { value } : { fault: { code: 'email.invalid' } };
    }
    case 'phone': {
      const value = normalisePhone(text, context.country);
      return value ? { value } : { fault: { code: 'field.phone_invalid' } };
    }
    case 'reference': {
      const { pattern } = constraints.reference ?? {};
      if (lengthOf(text) > longestReference) return tooLong(longestReference);
      const fits = pattern ? matchesPattern(pattern, text) : defaultReference.test(text);
      return fits ? { value: text } : invalid;
    }
    default:
      return invalid;
  }
}

function freeText(constraints: Constraints, text: string): ValueRead {
  const { minLength = 1, maxLength = defaultMaxLength, pattern } = constraints;
  const length = lengthOf(text);
  // The length comes first: it bounds what the pattern has to look at.
  if (length > maxLength) return tooLong(maxLength);
  if (length < minLength) return { fault: { code: 'field.too_short', params: { min: minLength } } };
  return pattern && !matchesPattern(pattern, text) ? invalid : { value: text };
}

function tooLong(max: number): ValueRead {
  return { fault: { code: 'field.too_long', params: { max } } };
}

function numberOf({ min, max, step }: Constraints, given: number): ValueRead {
  if (!Number.isFinite(given) || Math.abs(given) > largestNumber) {
    return { fault: { code: 'field.number_invalid' } };
  }
  if (typeof min === 'number' && given < min) return { fault: { code: 'field.too_small', params: { min } } };
  if (typeof max === 'number' && given > max) return { fault: { code: 'field.too_large', params: { max } } };
  if (step !== undefined && !isOnStep(given, Number(min ?? 0), step)) {
    return { fault: step === 1 ? { code: 'field.not_whole' } : { code: 'field.off_step', params: { step } } };
  }
  // There is one zero.
  return { value: given === 0 ? 0 : given };
}

/** Whether a number is a whole count of steps from the base on, as far as binary fractions can tell. */
function isOnStep(value: number, base: number, step: number): boolean {
  const steps = (value - base) / step;
  return Math.abs(steps - Math.round(steps)) <= Math.max(1e-9, Math.abs(steps) * 4 * Number.EPSILON);
}

function dateOf({ min, max }: Constraints, day: string, today: string): ValueRead {
  if (!isIsoDay(day)) return { fault: { code: 'field.date_invalid' } };
  const earliest = min === 'today' ? today : min;
  const latest = max === 'today' ? today : max;
  // Days of four-digit years sort as texts.
  if (typeof earliest === 'string' && day < earliest) {
    return { fault: { code: 'field.too_early', params: { min: earliest } } };
  }
  if (typeof latest === 'string' && day > latest) {
    return { fault: { code: 'field.too_late', params: { max: latest } } };
  }
  return { value: day };
}

function typedBoolean(text: string): ValueRead {
  if (['', 'no', 'false', '0'].includes(text.toLowerCase())) return { value: false };
  return ['yes', 'true', '1', 'on'].includes(text.toLowerCase()) ? { value: true } : invalid;
}

/** Choices are kept in the order of their options, each once. */
function choicesOf({ options = [], min, max }: Constraints, given: readonly unknown[]): ValueRead {
  const chosen = new Set(given);
  const value = options.map((option) => option.value).filter((option) => chosen.has(option));
  if (value.length !== chosen.size) return invalid;
  if (value.length === 0) return nothing;
  if (typeof min === 'number' && value.length < min)
    return { fault: { code: 'field.choose_more', params: { min } } };
  if (typeof max === 'number' && value.length > max)
    return { fault: { code: 'field.choose_fewer', params: { max } } };
  return { value };
}

function addressOf(
  { parts = addressParts }: Constraints,
  given: Readonly<Record<string, unknown>>,
): ValueRead {
  const asked = addressParts.filter((part) => parts.includes(part));
  const { value, faults } = readAddress(asked, given);
  const [fault, ...more] = faults.map(({ part, code }) => ({
    part,
    code,
    ...(code === 'field.too_long' && { params: { max: addressLimits[part] } }),
  }));
  return fault ? { fault, more } : { value };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asList(raw: NonNullable<FormTexts>): readonly unknown[] {
  if (typeof raw === 'string') return [raw];
  return isList(raw) ? raw : Object.keys(raw);
}
