/** What a form asks somebody, field by field. Pure. */
import type { Experience } from '../experiences/experience.ts';
import type { AskedAttribute } from '../profiles/attribute-input.ts';
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
}

/**
 * What a registration asks beyond e-mail and password.
 * @param experience where
 * @param language of the page
 */
export function askedFields(experience: Experience, language: string): AskedField[] {
  return experience.fields.map((asked) => ({ ...attributeFacts(asked, language), step: 1 }));
}

function attributeFacts({ name, definition, required }: AskedAttribute, language: string) {
  const options = definition.constraints?.options?.map(({ value }) => value);
  const label = inLanguage(definition.label, language);
  return { id: name, type: definition.type, label, required, ...(options && { options }) };
}
