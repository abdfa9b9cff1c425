/** A brand's further questions: said in the visitor's language, and their answers read. Pure. */
import type { FieldFault } from '../../base/kernel/errors.ts';
import { checkedAs } from '../layers/json.ts';
import type { EffectiveSettings } from '../layers/settings-shape.ts';

/** A further question at registration, in every language. */
export interface FieldSpec {
  /** Name of the attribute. */
  name: string;
  kind: 'text' | 'choice' | 'checkbox';
  label: Readonly<Record<string, string>>;
  hint?: Readonly<Record<string, string>> | undefined;
  required: boolean;
  options?: readonly { value: string; label: Readonly<Record<string, string>> }[] | undefined;
  autocomplete?: string | undefined;
  /** Longest answer in code points; text only. */
  maxLength?: number | undefined;
}

interface Definition {
  type: string;
  label: FieldSpec['label'];
  hint?: FieldSpec['label'];
  constraints?: { maxLength?: number; options?: FieldSpec['options'] };
}

interface RegistrationForm {
  steps?: readonly { fields?: readonly { attribute?: string; required?: boolean }[] }[];
}

const kinds: Readonly<Record<string, FieldSpec['kind']>> = {
  text: 'text',
  choice: 'choice',
  boolean: 'checkbox',
};

/**
 * The further questions of the registration form.
 * @param settings what the layers say together
 */
export function registrationFields({ attributes, forms }: EffectiveSettings): FieldSpec[] {
  const form = checkedAs<RegistrationForm | undefined>(forms.registration);
  const asked = (form?.steps ?? []).flatMap(({ fields = [] }) => fields);
  return asked.flatMap(({ attribute: name, required = false }) => {
    const definition = checkedAs<Definition | undefined>(attributes[name ?? '']);
    const kind = definition && kinds[definition.type];
    if (!name || !kind) return [];
    const { label, hint, constraints = {} } = definition;
    return [
      { name, kind, label, hint, required, options: constraints.options, maxLength: constraints.maxLength },
    ];
  });
}

/** A question in one language, as a form shows it. */
export interface FieldQuestion {
  name: string;
  kind: 'text' | 'choice' | 'checkbox';
  label: string;
  hint: string | undefined;
  required: boolean;
  options: readonly { value: string; label: string }[] | undefined;
  autocomplete: string | undefined;
  maxLength: number | undefined;
}

/** What was answered, by field name; unanswered optional questions are left out. */
export type FieldAnswers = Record<string, string | boolean>;

/** Longest text answer where the field names no limit, in code points. */
const defaultMaxLength = 100;

/**
 * The questions in a language; where a translation is missing, its base language or English is taken.
 * @param fields the brand's fields
 * @param locale BCP 47 language
 */
export function questionsIn(fields: readonly FieldSpec[], locale: string): FieldQuestion[] {
  const say = (texts: Readonly<Record<string, string>>) =>
    texts[locale] ?? texts[locale.split('-')[0] ?? ''] ?? texts.en ?? '';
  return fields.map((field) => ({
    name: field.name,
    kind: field.kind,
    label: say(field.label),
    hint: field.hint && say(field.hint),
    required: field.required,
    options: field.options?.map((option) => ({ value: option.value, label: say(option.label) })),
    autocomplete: field.autocomplete,
    maxLength: field.kind === 'text' ? (field.maxLength ?? defaultMaxLength) : undefined,
  }));
}

/**
 * Reads the answers of a form whose inputs are named `field.<name>`; everything else in the form is ignored.
 * @param fields the brand's fields
 * @param form parsed form values
 * @returns the answers, and every fault with the input's name
 */
export function readAnswers(
  fields: readonly FieldSpec[],
  form: Readonly<Record<string, string | undefined>>,
): { answers: FieldAnswers; faults: FieldFault[] } {
  const answers: FieldAnswers = {};
  const faults: FieldFault[] = [];
  for (const field of fields) {
    const input = `field.${field.name}`;
    const raw = Object.hasOwn(form, input) ? form[input] : undefined;
    const answer = readAnswer(field, (raw ?? '').normalize('NFC').trim());
    if (typeof answer === 'object') faults.push({ ...answer, field: input });
    else if (answer !== undefined) answers[field.name] = answer;
  }
  return { answers, faults };
}

function readAnswer(
  field: FieldSpec,
  text: string,
): string | boolean | undefined | Omit<FieldFault, 'field'> {
  if (text === '') return field.required ? { code: 'field.required' } : undefined;
  if (field.kind === 'checkbox') return true;
  if (field.kind === 'choice') {
    return field.options?.some((option) => option.value === text) ? text : { code: 'field.invalid' };
  }
  const max = field.maxLength ?? defaultMaxLength;
  if ([...text].length > max) return { code: 'field.too_long', params: { max } };
  return hasControlCharacter(text) ? { code: 'field.invalid' } : text;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
