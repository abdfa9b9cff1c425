/** Whether labels and titles stand under languages that somebody reads: `jp` for `ja` would be shown to nobody. Pure. */
import type { Translated } from '../profiles/text-shape.ts';
import type { ChainFault, Surroundings } from './check-configuration.ts';
import { didYouMean } from './fault.ts';
import type { EffectiveSettings } from './settings-shape.ts';

type Labelled = Pick<EffectiveSettings, 'attributes' | 'forms' | 'profiling'>;

/**
 * Texts of attributes, forms and profiling rules in languages that no catalogue has; `en-US` is a kind of `en`.
 * @param settings joined settings of a chain
 * @param around the catalogues' languages
 */
export function labelFaults(settings: Labelled, { locales }: Pick<Surroundings, 'locales'>): ChainFault[] {
  return textsOf(settings).flatMap(([keys, texts = {}]) =>
    Object.keys(texts)
      .filter((language) => !isReadLanguage(language, locales))
      .map((language) => ({
        keys: [...keys, language],
        code: 'unknown_item' as const,
        expected: didYouMean(language, locales),
        got: JSON.stringify(language),
      })),
  );
}

/**
 * Whether somebody reads a language; `en-US` is a kind of `en`.
 * @param language its tag
 * @param locales languages there are catalogues for
 */
export function isReadLanguage(language: string, locales: readonly string[]): boolean {
  return locales.includes(language) || locales.includes(language.split('-')[0] ?? '');
}

type Place = [keys: string[], texts: Partial<Translated> | undefined];

function textsOf({ attributes, forms, profiling }: Labelled): Place[] {
  const places: Place[] = [];
  for (const [name, { label, hint, constraints }] of Object.entries(attributes)) {
    const at = ['attributes', name];
    places.push([[...at, 'label'], label], [[...at, 'hint'], hint]);
    constraints?.options?.forEach((option, index) => {
      places.push([[...at, 'constraints', 'options', String(index), 'label'], option.label]);
    });
  }
  for (const [name, { title, lead, steps }] of Object.entries(forms)) {
    const at = ['forms', name];
    places.push([[...at, 'title'], title], [[...at, 'lead'], lead]);
    steps.forEach((step, index) => {
      const inStep = [...at, 'steps', String(index)];
      places.push([[...inStep, 'title'], step.title]);
      step.fields.forEach((field, place) => {
        places.push([[...inStep, 'fields', String(place), 'hint'], field.hint]);
      });
    });
  }
  for (const [name, { lead }] of Object.entries(profiling)) places.push([['profiling', name, 'lead'], lead]);
  return places;
}
