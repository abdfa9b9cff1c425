/** The registration as a form: what its owners say, and what nobody can register without. Pure. */
import {
  type FormDefinition,
  type FormField,
  type Forms,
  formNamed,
  registrationForm,
} from './form-shape.ts';

const needed: readonly FormField[] = [{ core: 'email' }, { core: 'password' }];

/** Where nobody defines a form: e-mail and password. */
const usual: FormDefinition = Object.freeze({ steps: [{ fields: [...needed] }] });

/** Completed forms by the definition they came from: as long as layers share it, experiences share the form. */
const completed = new WeakMap<FormDefinition, FormDefinition>();

/**
 * The registration form; e-mail and password stand first where the definition does not place them.
 * @param forms the forms of an experience
 */
export function registrationOf(forms: Forms): FormDefinition {
  const form = formNamed(forms, registrationForm);
  if (!form) return usual;
  const known = completed.get(form) ?? complete(form);
  completed.set(form, known);
  return known;
}

function complete(form: FormDefinition): FormDefinition {
  const named = form.steps.flatMap(({ fields }) => fields.map(({ core }) => core));
  const missing = needed.filter(({ core }) => !named.includes(core));
  const [first, ...others] = form.steps;
  if (missing.length === 0 || !first) return form;
  return { ...form, steps: [{ ...first, fields: [...missing, ...first.fields] }, ...others] };
}
