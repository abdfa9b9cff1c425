/** Forms that an app draws itself: which fields are asked at a moment, and a yes to what was shown. Pure. */
import type { Condition, Form, FormAnswers, FormField } from './account-types.ts';

type Attributes = NonNullable<FormAnswers['attributes']>;
type ConsentAnswer = NonNullable<FormAnswers['consents']>[string];

/**
 * The fields that are asked, given the answers so far, in order: one with a condition only where the answer to the
 * field before it is so. The server judges by the same rule, and by what the member answered before where an answer is
 * left out: pass `{ ...form.answers.attributes, ...answers }`.
 * @param form as it was read
 * @param attributes answers by attribute; an empty text, no choice and `null` are no answer
 */
export function visibleFields(form: Pick<Form, 'steps'>, attributes: Attributes): FormField[] {
  const asked: Attributes = {};
  return form.steps
    .flatMap(({ fields }) => fields)
    .filter(({ kind, name, when }) => {
      if (when && !holds(when, asked)) return false;
      // What is not asked counts as unanswered for what depends on it.
      if (kind === 'attribute' && Object.hasOwn(attributes, name)) asked[name] = attributes[name];
      return true;
    });
}

function holds({ attribute, equals, oneOf, present }: Condition, asked: Attributes): boolean {
  const given = saidIn(Object.hasOwn(asked, attribute) ? asked[attribute] : undefined);
  if (present !== undefined) return given.length > 0 === present;
  return (oneOf ?? [equals]).some((wanted) => given.includes(wanted));
}

/** The values of an answer; none where nothing is said. */
function saidIn(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (Array.isArray(value)) return value;
  // Of an address any part says something.
  const empty = typeof value === 'object' && Object.values(value).every((part) => saidIn(part).length === 0);
  return empty ? [] : [value];
}

/**
 * A yes to the text of a consent, as the field brought it.
 * @param field a field of the kind `consent`
 * @throws Error for any other field
 */
export function agreed({ name, consent }: Pick<FormField, 'name' | 'consent'>): ConsentAnswer {
  if (!consent) throw new Error(`${name} is no consent`);
  const { version, language, hash } = consent;
  return { state: 'given', version, language, hash };
}
