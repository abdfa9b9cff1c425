/** What a form asks somebody, field by field, and what is asked beside forms. Pure. */
import type { Experience } from '../experiences/experience.ts';
import type { AskedAttribute } from '../profiles/attribute-input.ts';
import type { Condition } from '../profiles/condition.ts';
import { askedAttribute } from '../profiles/form-answers.ts';
import { type DueQuestion, questionsInTime } from '../profiles/profiling.ts';
import { registrationOf } from '../profiles/registration-form.ts';
import { inLanguage } from '../profiles/text-shape.ts';

/** A field of a form. */
export interface AskedField {
  /** Name of the attribute. */
  id: string;
  type: string;
  /** The question, in the language of the page. */
  label: string;
  required: boolean;
  /** What can be chosen. */
  options?: readonly string[];
  /** The step of the form that it stands on, from 1. */
  step: number;
  /** The earlier answer that it hangs on. */
  when?: Condition;
}

/**
 * What a registration asks beyond e-mail and password.
 * @param experience where
 * @param language of the page
 */
export function askedFields(experience: Experience, language: string): AskedField[] {
  return registrationOf(experience.forms).steps.flatMap(({ fields }, index) =>
    fields.flatMap((field): AskedField[] => {
      const asked = askedAttribute(field, experience.attributes);
      if (!asked) return [];
      const { when } = field;
      return [{ ...attributeFacts(asked, language), step: index + 1, ...(when && { when }) }];
    }),
  );
}

/**
 * Ids of the purposes that are fields of the registration.
 * @param experience where
 */
export function consentFields(experience: Experience): string[] {
  const fields = registrationOf(experience.forms).steps.flatMap((step) => step.fields);
  return fields.flatMap(({ consent }) => consent ?? []);
}

/**
 * The questions that are put, sooner or later, to somebody who has answered nothing; the first that they meet.
 * @param experience where
 * @param visit where the journey leads
 */
export function askedQuestions(
  experience: Experience,
  visit: { clientId: string; scopes: readonly string[] },
): DueQuestion[] {
  // Before the last day of every rule.
  return questionsInTime(experience.profiling, { ...visit, today: '', values: {}, atSignIn: true });
}

function attributeFacts({ name, definition, required }: AskedAttribute, language: string) {
  const options = definition.constraints?.options?.map(({ value }) => value);
  const label = inLanguage(definition.label, language);
  return { id: name, type: definition.type, label, required, ...(options && { options }) };
}
