/**
 * The fields of a form as a page shows them: in the visit's language, with the conditions that a page has to follow
 * itself. A field that hangs on an answer of the same page is always in the markup, under a sentence that says when it
 * counts; where script runs, it comes and goes with that answer. Pure.
 */
import { type FieldQuestion, inputName, questionIn } from '../../business/profiles/attribute-input.ts';
import type { AttributeDefinition, Attributes } from '../../business/profiles/attribute-shape.ts';
import { type Condition, wantedOf } from '../../business/profiles/condition.ts';
import {
  askedAttribute,
  type FormAnswers,
  type FormContext,
  isAsked,
} from '../../business/profiles/form-answers.ts';
import type { FormField } from '../../business/profiles/form-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';

/** One versioned text, in the page's language, and where it can be read. */
export interface LegalReference {
  id: string;
  title: string;
  version: string;
  url: string;
}

/** An optional purpose: asked by two equal radio buttons, `purpose.<id>` = `yes` or `no`, none chosen before. */
export interface PurposeQuestion extends LegalReference {
  /** One plain sentence: what would happen. */
  summary: string;
}

/** When a field counts, as script and people read it. */
export interface ShownCondition {
  /** Name of the input, or what the names of its inputs begin with. */
  input: string;
  /** Texts of which the inputs must bring one; empty: any; `null`: none at all. */
  wanted: readonly string[] | null;
  /** The sentence `form.if_<kind>` says it, with question and answer in the page's language. */
  kind: 'equals' | 'present' | 'absent' | 'ticked' | 'not_ticked';
  question: string;
  answer?: string;
}

/** A field of a page. */
export type ShownField = { when?: ShownCondition | undefined } & (
  | { kind: 'attribute'; question: FieldQuestion }
  | { kind: 'consent'; purpose: PurposeQuestion }
  | { kind: 'name' | 'locale'; required: boolean; hint: string | undefined }
  | { kind: 'email' | 'password'; hint: string | undefined }
);

/** What fields are shown with. */
export interface FieldPage {
  /** Answers to the steps before. */
  answers: FormAnswers;
  context: FormContext;
  /** BCP 47 language. */
  locale: string;
  /** Purposes as the page asks them. */
  purposes: readonly PurposeQuestion[];
}

/**
 * The fields of a step as its page shows them; what cannot be asked here, given the steps before, is left out.
 * @param fields of the step
 * @param page answers so far, attributes, language
 * @param open fields that stand above on the same page; those that are shown join them
 */
export function shownFields(
  fields: readonly FormField[],
  page: FieldPage,
  open: FormField[] = [],
): ShownField[] {
  return fields.flatMap((field): ShownField[] => {
    const { when } = field;
    const here = when && open.some(({ attribute }) => attribute === when.attribute) ? when : undefined;
    if (!isAsked(here ? { ...field, when: undefined } : field, page.answers, page.context)) return [];
    const shown = shownField(field, page);
    if (!shown) return [];
    const condition = here && conditionOf(here, page.context.attributes, page.locale);
    // A box that is not ticked is an answer too: some conditions hold whatever comes, others never.
    if (condition === 'never') return [];
    open.push(field);
    return [condition === 'always' || !condition ? shown : { ...shown, when: condition }];
  });
}

function shownField(field: FormField, { context, locale, purposes }: FieldPage): ShownField | undefined {
  const asked = askedAttribute(field, context.attributes);
  if (asked) return { kind: 'attribute', question: questionIn(asked, locale, context) };
  if (field.consent !== undefined) {
    const purpose = purposes.find(({ id }) => id === field.consent);
    return purpose && { kind: 'consent', purpose };
  }
  const hint = field.hint && inLanguage(field.hint, locale);
  const { core, required = false } = field;
  if (core === 'name' || core === 'locale')
    return { kind: core, required: required || core === 'locale', hint };
  return core && { kind: core, hint };
}

function conditionOf(
  when: Condition,
  attributes: Attributes,
  locale: string,
): ShownCondition | 'always' | 'never' | undefined {
  const definition = attributes[when.attribute];
  if (!definition) return undefined;
  const input = inputName(when.attribute);
  const question = inLanguage(definition.label, locale);
  if (definition.type === 'boolean') return boxCondition(when, { input, question });
  const wanted = wantedOf(when).map(String);
  if (when.present === false) return { input, wanted: null, kind: 'absent', question };
  if (wanted.length === 0) return { input, wanted, kind: 'present', question };
  const answer = wanted.map((value) => labelOf(definition, value, locale)).join(' / ');
  return { input, wanted, kind: 'equals', question, answer };
}

function boxCondition(
  when: Condition,
  { input, question }: { input: string; question: string },
): ShownCondition | 'always' | 'never' {
  const wanted = wantedOf(when);
  if (when.present !== undefined) return when.present ? 'always' : 'never';
  if (wanted.includes(true) && wanted.includes(false)) return 'always';
  return wanted.includes(true)
    ? { input, wanted: [], kind: 'ticked', question }
    : { input, wanted: null, kind: 'not_ticked', question };
}

function labelOf({ constraints }: AttributeDefinition, value: string, locale: string): string {
  const option = constraints?.options?.find((each) => each.value === value);
  return option ? inLanguage(option.label, locale) : value;
}
