/** What a form asks somebody, field by field, and what is asked beside forms. Pure. */
import type { Experience } from '../experiences/experience.ts';
import type { AskedAttribute } from '../profiles/attribute-input.ts';
import type { Condition } from '../profiles/condition.ts';
import { askedAttribute } from '../profiles/form-answers.ts';
import {
  besideProfileForm,
  communicationForm,
  type FormField,
  formNamed,
  preferencesForm,
  profileForm,
} from '../profiles/form-shape.ts';
import { type DueQuestion, questionsInTime } from '../profiles/profiling.ts';
import { registrationOf } from '../profiles/registration-form.ts';
import { inLanguage } from '../profiles/text-shape.ts';
import type { LegalText } from '../purposes/purposes.ts';

/** A field of a form. */
export interface AskedField {
  /** Name of the attribute; id of the purpose; or `name`, `locale`. */
  id: string;
  /** Type of the attribute; `consent` for a purpose; `core` for what every member has. */
  type: string;
  /** The question, in the language of the page; absent where it is the page's own. */
  label?: string;
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

/** Forms of the account pages. */
const accountForms = [communicationForm, preferencesForm, profileForm];

/**
 * What the account's forms ask; none of a form that there is not.
 * @param experience where
 * @param language of the page
 * @param purposes those that apply there, in their texts
 */
export function askedOnAccount(
  experience: Experience,
  language: string,
  purposes: readonly Pick<LegalText, 'id' | 'title'>[],
): Record<string, AskedField[]> {
  const asked = accountForms.map((name) => {
    const steps = formNamed(experience.forms, name)?.steps ?? [];
    const fields = steps.flatMap((step, index) =>
      step.fields.flatMap((field): AskedField[] => {
        if (name === profileForm && besideProfileForm.some((core) => core === field.core)) return [];
        const facts = accountField(field, { experience, language, purposes });
        return facts ? [{ ...facts, step: index + 1, ...(field.when && { when: field.when }) }] : [];
      }),
    );
    return [name, fields] as const;
  });
  return Object.fromEntries(asked);
}

/** Undefined for what the account pages do not ask, whatever a form says. */
function accountField(
  field: FormField,
  {
    experience,
    language,
    purposes,
  }: { experience: Experience; language: string; purposes: readonly Pick<LegalText, 'id' | 'title'>[] },
): Omit<AskedField, 'step' | 'when'> | undefined {
  const { consent, core, required = false } = field;
  if (core === 'name' || core === 'locale') return { id: core, type: 'core', required };
  const purpose = consent === undefined ? undefined : purposes.find(({ id }) => id === consent);
  if (purpose) return { id: purpose.id, type: 'consent', label: purpose.title, required: false };
  const asked = askedAttribute(field, experience.attributes);
  return asked && attributeFacts(asked, language);
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
