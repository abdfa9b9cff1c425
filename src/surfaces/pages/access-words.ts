/** Access in words: the catalogues' sentences for scopes and claims of the standard, labels for attributes. Pure. */
import type { I18n } from '../../base/i18n/i18n.ts';
import type { EffectiveSettings } from '../../business/layers/settings-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';

/** Where and in which language words are said. */
export interface WordPlace {
  settings: Pick<EffectiveSettings, 'texts' | 'attributes'>;
  locale: string;
}

/** What a page says beside, or in the place of, a sentence of the catalogues. */
export interface AttributeWords {
  /** In the place of a sentence that the catalogues do not have. */
  description?: string;
  /** Beside the catalogues' sentence: what else the scope lets an app see. */
  fields?: string;
}

/**
 * The attributes that a scope or claim lets an app see, in words; nothing where there are none.
 * @param i18n the catalogues
 * @param place experience and language
 * @param asked name of the question, such as `scope.profile`, and the names of its attributes
 */
export function attributeWords(
  i18n: Pick<I18n, 'overlay'>,
  { settings, locale }: WordPlace,
  asked: { input: string; attributes: readonly string[] },
): AttributeWords {
  if (asked.attributes.length === 0) return {};
  const texts = i18n.overlay(settings.texts);
  const labels = asked.attributes.map((name) => labelOf(settings, name, locale));
  const sentence = texts.t(locale, 'consent.fields', { fields: texts.list(locale, labels) });
  return texts.has(asked.input) ? { fields: sentence } : { description: sentence };
}

/**
 * A claim that was asked for or allowed by name, in words where it is an attribute.
 * @param i18n the catalogues
 * @param place experience and language
 * @param name of the claim
 */
export function claimWords(i18n: Pick<I18n, 'overlay'>, place: WordPlace, name: string): AttributeWords {
  const attributes = Object.hasOwn(place.settings.attributes, name) ? [name] : [];
  return attributeWords(i18n, place, { input: `claim.${name}`, attributes });
}

/**
 * What a page shows of access, line by line: the evidence of what a member agreed to.
 * @param i18n the catalogues
 * @param access scopes and claims, where and in which language
 */
export function accessWords(
  i18n: I18n,
  access: WordPlace & { scopes: readonly string[]; claims: readonly string[] },
): string[] {
  const { scopes, claims, settings, locale } = access;
  const texts = i18n.overlay(settings.texts);
  const words = (key: string, name: string) => (texts.has(key) ? texts.t(locale, key) : name);
  return [
    ...scopes.map((name) => words(`scope.${name}`, name)),
    ...claims.map((name) => {
      const { description, fields } = claimWords(i18n, access, name);
      return description ?? fields ?? words(`claim.${name}`, name);
    }),
  ];
}

function labelOf({ attributes }: WordPlace['settings'], name: string, locale: string): string {
  const label = Object.hasOwn(attributes, name) ? attributes[name]?.label : undefined;
  return label ? inLanguage(label, locale) : name;
}
