/**
 * Whether what the joined layers ask of members fits together: forms and rules ask attributes that exist and that the
 * member may write, conditions look back, and consents are purposes. Pure.
 */
import { mayWrite } from '../profiles/attribute-access.ts';
import { type Condition, impossible } from '../profiles/condition.ts';
import { type FormDefinition, type FormField, registrationForm } from '../profiles/form-shape.ts';
import type { ChainFault } from './check-configuration.ts';
import { didYouMean, glimpse } from './fault.ts';
import { isObject, type Json, valueAt } from './json.ts';
import type { EffectiveSettings } from './settings-shape.ts';

/** The parts of joined settings that are judged here. */
export type AskingSettings = Pick<EffectiveSettings, 'attributes' | 'forms' | 'profiling'>;

/** Ids of the legal documents of a configuration, by what they are. */
export interface DocumentIds {
  purposes: readonly string[];
  others: readonly string[];
}

type Say = (
  keys: readonly (string | number)[],
  code: ChainFault['code'],
  expected: string,
  got: unknown,
) => void;

/**
 * The legal documents that forms may name.
 * @param items items of a configuration
 */
export function documentIds(items: ReadonlyMap<string, Json>): DocumentIds {
  const ids: { purposes: string[]; others: string[] } = { purposes: [], others: [] };
  for (const [path, item] of items) {
    if (!path.startsWith('legal/') || !isObject(item)) continue;
    const list = valueAt(item, ['document', 'kind']) === 'purpose' ? ids.purposes : ids.others;
    list.push(path.slice('legal/'.length));
  }
  return ids;
}

/**
 * Every fault of what is asked.
 * @param settings the joined settings of a chain, each part of a right shape
 * @param documents legal documents of the configuration
 */
export function askingFaults(settings: AskingSettings, documents: DocumentIds): ChainFault[] {
  const faults: ChainFault[] = [];
  const say: Say = (keys, code, expected, got) =>
    faults.push({ keys: keys.map(String), code, expected, got: glimpse(got as Json | undefined) });
  for (const [name, form] of Object.entries(settings.forms))
    formFaults(name, form, { settings, documents, say });
  ruleFaults(settings, say);
  return faults;
}

interface FormContext {
  settings: AskingSettings;
  documents: DocumentIds;
  say: Say;
}

function formFaults(name: string, form: FormDefinition, context: FormContext): void {
  const { say } = context;
  if (!form.title && name !== registrationForm)
    say(['forms', name, 'title'], 'missing', 'a title, which is the heading of its page', undefined);
  const earlier: string[] = [];
  const all = form.steps.flatMap(({ fields }) => fields.map((field) => field.attribute ?? ''));
  const seen = new Set<string>();
  form.steps.forEach(({ fields }, step) => {
    fields.forEach((field, index) => {
      const keys = ['forms', name, 'steps', step, 'fields', index];
      const id = JSON.stringify([field.attribute, field.consent, field.core]);
      if (seen.has(id)) say(keys, 'shape', 'each field once', field);
      seen.add(id);
      fieldFaults(field, keys, context);
      coreFaults(field, { keys, step, form: name }, say);
      if (field.when) whenFaults(field.when, { keys: [...keys, 'when'], earlier, all }, context);
      if (field.attribute) earlier.push(field.attribute);
    });
  });
}

type Keys = readonly (string | number)[];

function fieldFaults(field: FormField, keys: Keys, { settings, documents, say }: FormContext): void {
  if (field.attribute !== undefined) askedFaults(field.attribute, [...keys, 'attribute'], settings, say);
  if (field.consent === undefined || documents.purposes.includes(field.consent)) return;
  const known = documents.others.includes(field.consent);
  const expected = known
    ? 'a purpose, which is always optional'
    : didYouMean(field.consent, documents.purposes);
  say([...keys, 'consent'], known ? 'shape' : 'unknown_item', expected, field.consent);
}

/** An attribute that is put to the member. */
function askedFaults(name: string, keys: Keys, { attributes }: AskingSettings, say: Say): void {
  const definition = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!definition) say(keys, 'unknown_item', didYouMean(name, Object.keys(attributes)), name);
  else if (!mayWrite(definition, { kind: 'member' }))
    say(keys, 'shape', 'an attribute that the member may write', name);
}

/** The proof of the address comes after the form, and the password is hashed with the first step. */
function coreFaults(field: FormField, at: { keys: Keys; step: number; form: string }, say: Say): void {
  if (field.core !== 'email' && field.core !== 'password') return;
  if (at.form !== registrationForm || at.step > 0)
    say(
      [...at.keys, 'core'],
      'shape',
      'e-mail and password in the first step of the registration only',
      field.core,
    );
  if (field.when) say([...at.keys, 'when'], 'shape', 'no condition: it is always needed', field.when);
}

function whenFaults(
  when: Condition,
  at: { keys: Keys; earlier: readonly string[]; all: readonly string[] },
  { settings, say }: FormContext,
): void {
  const { attribute } = when;
  const keys = [...at.keys, 'attribute'];
  const definition = Object.hasOwn(settings.attributes, attribute)
    ? settings.attributes[attribute]
    : undefined;
  if (!at.all.includes(attribute)) say(keys, 'unknown_item', didYouMean(attribute, at.earlier), attribute);
  else if (!at.earlier.includes(attribute))
    say(keys, 'cycle', 'an attribute that the form asks before this field', attribute);
  else if (definition) comparisonFaults(when, definition, at.keys, say);
}

function comparisonFaults(
  when: Condition,
  definition: EffectiveSettings['attributes'][string],
  keys: Keys,
  say: Say,
): void {
  const expected = impossible(when, definition);
  const key = when.oneOf ? 'oneOf' : 'equals';
  if (expected) say([...keys, key], 'shape', expected, when[key]);
}

function ruleFaults(settings: AskingSettings, say: Say): void {
  for (const [id, { ask, when }] of Object.entries(settings.profiling)) {
    ask.forEach((name, index) => {
      const keys = ['profiling', id, 'ask', index];
      if (ask.indexOf(name) < index) say(keys, 'shape', 'each attribute once', name);
      askedFaults(name, keys, settings, say);
    });
    when?.attributes?.forEach((condition, index) => {
      const keys = ['profiling', id, 'when', 'attributes', index];
      const { attribute } = condition;
      const definition = Object.hasOwn(settings.attributes, attribute)
        ? settings.attributes[attribute]
        : undefined;
      const known = Object.keys(settings.attributes);
      if (!definition) say([...keys, 'attribute'], 'unknown_item', didYouMean(attribute, known), attribute);
      else if (definition.class !== 'trait')
        // Who is asked a question would tell what is sealed.
        say([...keys, 'attribute'], 'shape', 'an attribute of the class trait', attribute);
      else comparisonFaults(condition, definition, keys, say);
    });
  }
}
