/**
 * What a page has shown of a form. A page carries a mark of every answer it showed, so that what its sender changed
 * can be told from what was merely left standing: of two open pages neither undoes what the other has saved, a field
 * that came into the form meanwhile is not taken for emptied, and a consent counts only with the text that was read.
 * Marks are digests: they say nothing that the page does not show. Pure.
 */
import type { FieldFault } from '../../base/kernel/errors.ts';
import { shortDigest } from '../../base/kernel/sealing.ts';
import { addressParts } from './address-value.ts';
import { type AskedAttribute, type FormFields, inputName, readAnswers } from './attribute-input.ts';
import type { ValueContext } from './attribute-values.ts';
import {
  type AnswerSource,
  answerInputs,
  askedAttribute,
  type FormAnswers,
  type FormContext,
  sentForm,
} from './form-answers.ts';
import type { FormField } from './form-shape.ts';

/** Marks by input, and under `text.<purpose>` the language, hash and version of a legal text that was shown. */
export type Seen = Readonly<Record<string, string>>;

/** A form as it stands now. */
export interface FormNow {
  fields: readonly FormField[];
  answers: FormAnswers;
  context: FormContext;
}

/** What identifies the text of a purpose. */
export interface TextMark {
  version: string;
  language: string;
  hash: string;
}

/** What a page brought back. */
export interface SentForm {
  inputs: FormFields;
  seen: Seen;
}

const textKey = (purpose: string) => `text.${purpose}`;
const purposeInput = (purpose: string) => `purpose.${purpose}`;

/**
 * The marks of a form, as the hidden input `seen` of its page.
 * @param now the form with the answers that the page shows
 * @param texts the legal texts it shows
 */
export function seenOf(now: FormNow, texts: readonly ({ id: string } & TextMark)[]): string {
  const inputs = shownInputs(now);
  const marks = new URLSearchParams();
  for (const field of now.fields) {
    const key = keyOf(field);
    const mark = markOf(field, inputs, now.context);
    if (key !== undefined && mark !== undefined) marks.set(key, mark);
  }
  for (const { id, language, hash: text, version } of texts)
    if (marks.has(purposeInput(id))) marks.set(textKey(id), `${language} ${text} ${version}`);
  return marks.toString();
}

/**
 * Reads the hidden input `seen`. Whoever changes it deceives nobody but themselves: it opens nothing that the form does
 * not ask of its sender anyway.
 * @param text as sent
 */
export function readSeen(text: string): Seen {
  return Object.fromEntries(new URLSearchParams(text));
}

/**
 * A page's form as a source: of what stands as it was shown, and of what was not shown, nothing was said.
 * @param sent inputs and marks
 */
export function sentSince({ inputs, seen }: SentForm): AnswerSource {
  const said = sentForm(inputs);
  const isTouched = (key: string, mark: string | undefined) => Object.hasOwn(seen, key) && seen[key] !== mark;
  return {
    ...said,
    attribute(asked, context) {
      const touched = isTouched(inputName(asked.name), attributeMark(asked, inputs, context));
      return touched ? said.attribute(asked, context) : undefined;
    },
    consent(purpose) {
      const key = purposeInput(purpose);
      const answer = textOf(inputs, key);
      return answer !== '' && isTouched(key, digest(answer)) ? answer === 'yes' : undefined;
    },
    text: (core) => (isTouched(core, digest(textOf(inputs, core))) ? said.text(core) : undefined),
    stray: (fields, context) => strayInputs(inputs, fields, context),
  };
}

/**
 * The texts that a page showed, by purpose; one that it did not show is no text in force.
 * @param sent inputs and marks
 */
export function textsShown({ inputs, seen }: SentForm): Record<string, TextMark> {
  const asked = Object.keys(inputs).filter((input) => input.startsWith(purposeInput('')));
  return Object.fromEntries(
    asked.map((input) => {
      const purpose = input.slice(purposeInput('').length);
      const key = textKey(purpose);
      const [language = '', text = '', ...version] =
        (Object.hasOwn(seen, key) ? seen[key] : '')?.split(' ') ?? [];
      return [purpose, { language, hash: text, version: version.join(' ') }];
    }),
  );
}

/**
 * Whether the sender of a page has changed anything of a form, or sent what it has not.
 * @param now the form
 * @param sent inputs and marks
 */
export function isTouched({ fields, context }: Omit<FormNow, 'answers'>, sent: SentForm): boolean {
  return (
    fields.some((field) => hasChanged(field, sent, context)) ||
    strayInputs(sent.inputs, fields, context).length > 0
  );
}

function hasChanged(field: FormField, { inputs, seen }: SentForm, context: FormContext): boolean {
  const key = keyOf(field);
  return key !== undefined && Object.hasOwn(seen, key) && seen[key] !== markOf(field, inputs, context);
}

/**
 * What the inputs of a page hold: what is known now and, where the form was refused, what its sender had changed.
 * @param now the form
 * @param refused what was sent
 */
export function shownInputs(now: FormNow, refused?: SentForm): Record<string, string> {
  const known = answerInputs(now.fields, now.answers);
  const shown: Record<string, string> = {};
  for (const field of now.fields) {
    const key = keyOf(field);
    if (key === undefined) continue;
    const names = inputsOf(field, now.context);
    const touched = refused && hasChanged(field, refused, now.context);
    for (const name of names) {
      const text = textOf(touched ? refused.inputs : known, name);
      if (text !== '' && canShow(field, text, now.context)) shown[name] = text;
    }
  }
  return shown;
}

/** The input that stands for a field; none for what only a registration asks. */
function keyOf({ attribute, consent, core }: FormField): string | undefined {
  if (attribute !== undefined) return inputName(attribute);
  if (consent !== undefined) return purposeInput(consent);
  return core === 'name' || core === 'locale' ? core : undefined;
}

/** Every input that a field can have on a page; none where it is not asked. */
function inputsOf(field: FormField, { attributes, purposes }: FormContext): string[] {
  const key = keyOf(field);
  if (key === undefined) return [];
  if (field.consent !== undefined) return purposes.includes(field.consent) ? [key] : [];
  if (field.attribute === undefined) return [key];
  const asked = askedAttribute(field, attributes);
  if (!asked) return [];
  const { type, constraints = {} } = asked.definition;
  if (type === 'address')
    return (constraints.parts ?? addressParts).map((part) => inputName(asked.name, part));
  if (type === 'choices') return (constraints.options ?? []).map(({ value }) => inputName(asked.name, value));
  return [key];
}

/** An option that is no longer offered cannot stand in its list. */
function canShow(field: FormField, text: string, { attributes }: FormContext): boolean {
  const definition = askedAttribute(field, attributes)?.definition;
  if (definition?.type !== 'choice') return true;
  return definition.constraints?.options?.some(({ value }) => value === text) ?? false;
}

function markOf(field: FormField, inputs: FormFields, context: FormContext): string | undefined {
  const asked = askedAttribute(field, context.attributes);
  if (asked) return attributeMark(asked, inputs, context);
  const [input] = inputsOf(field, context);
  return input === undefined ? undefined : digest(textOf(inputs, input));
}

/** By the value, since browsers send some texts back in another form; by the texts where they are no value. */
function attributeMark(asked: AskedAttribute, inputs: FormFields, context: ValueContext): string {
  const { answers, faults } = readAnswers([asked], inputs, context);
  if (faults.length === 0) return digest(JSON.stringify(answers[asked.name] ?? null));
  const key = inputName(asked.name);
  const own = Object.entries(inputs).filter(
    ([name, text]) => text && (name === key || name.startsWith(`${key}.`)),
  );
  return digest(JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Inputs that the form has not: nobody who uses the page sends them. */
function strayInputs(inputs: FormFields, fields: readonly FormField[], context: FormContext): FieldFault[] {
  const own = new Set(fields.flatMap((field) => inputsOf(field, context)));
  const choices = ['', 'yes', 'no'];
  return Object.entries(inputs).flatMap(([name, text = '']): FieldFault[] => {
    if (!own.has(name)) return [{ field: 'form', code: 'field.unknown' }];
    const wrong = name.startsWith(purposeInput('')) && !choices.includes(text);
    return wrong ? [{ field: name, code: 'field.invalid' }] : [];
  });
}

/** A mark of one answer. */
const digest = (text: string) => shortDigest(text, 11);

function textOf(inputs: FormFields, name: string): string {
  return Object.hasOwn(inputs, name) ? (inputs[name] ?? '') : '';
}
