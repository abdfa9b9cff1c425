/** Forms: what is asked together, in steps, as the program's owners define it. Shapes only. */
import { z } from 'zod';
import { attributeName } from './attribute-names.ts';
import { conditionShape } from './condition.ts';
import { translated } from './text-shape.ts';

/** What a form can ask that is no attribute: what every member has. */
const coreFields = ['email', 'password', 'name', 'locale'] as const;

/** The forms with a place of their own; any other name is a form too. */
export const registrationForm = 'registration';
/** On the profile page of the account. */
export const profileForm = 'profile';
/** What that page asks by itself: whatever the form says, it is not asked twice. */
export const besideProfileForm = ['name', 'locale'] as const;
/** Once on the preferences page of the account: how the program may reach the member. */
export const communicationForm = 'communication';
/** On the preferences page of the account, for each brand that has one. */
export const preferencesForm = 'preferences';

const fieldShape = z
  .strictObject({
    /** Name of an attribute of the experience. */
    attribute: attributeName.optional(),
    /** Id of an optional purpose: a yes or no, never chosen before. */
    consent: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .optional(),
    core: z.enum(coreFields).optional(),
    /** Whether the form cannot be sent without it; e-mail and password always are. */
    required: z.boolean().optional(),
    /** Asked only when an earlier field of the form was answered so. */
    when: conditionShape.optional(),
    /** Stands in place of the attribute's own hint. */
    hint: translated.optional(),
  })
  .superRefine((field, context) => {
    const kinds = (['attribute', 'consent', 'core'] as const).filter((kind) => field[kind] !== undefined);
    if (kinds.length !== 1)
      context.addIssue({ code: 'custom', message: 'exactly one of attribute, consent and core' });
    if (field.consent !== undefined && field.required !== undefined)
      context.addIssue({ code: 'custom', path: ['required'], message: 'nothing: a consent is free' });
  });

/** One field of a form. */
export type FormField = Readonly<z.output<typeof fieldShape>>;

const stepShape = z.strictObject({
  title: translated.optional(),
  fields: z.array(fieldShape).min(1).max(40),
});

/** A form, complete. */
export const formShape = z.strictObject({
  /** Heading of its page; every form but the registration has one. */
  title: translated.optional(),
  /** One or two sentences above the first field. */
  lead: translated.optional(),
  /** Pages, in order. */
  steps: z.array(stepShape).min(1).max(10),
});

/** A form as the program's owners define it. */
export type FormDefinition = Readonly<z.output<typeof formShape>>;

/** The name of a form or of a profiling rule. */
export const formName = z
  .string()
  .regex(/^(?!constructor$|prototype$)[a-z][a-z0-9_-]{0,39}$/, 'lower-case letters, digits and hyphens');

/** The forms of an experience by name. */
export const formsSchema = z.record(formName, formShape);

/** The forms of an experience by name. */
export type Forms = Readonly<Record<string, FormDefinition>>;

/**
 * A form by its name.
 * @param forms the forms of an experience
 * @param name as somebody asked for it
 */
export function formNamed(forms: Forms, name: string): FormDefinition | undefined {
  return Object.hasOwn(forms, name) ? forms[name] : undefined;
}
