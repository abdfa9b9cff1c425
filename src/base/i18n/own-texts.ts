/** A brand's own texts. They are data, not markup: of the catalogues' ways only the bold counts. */
import { createTranslator, type Translate, type TranslatorDeps } from './translator.ts';

/** Texts in the place of the catalogues', by language and key; a plural form is a key of its own. */
export type OwnTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Builds the look-up of own texts, plain and as markup. Whatever is not among them costs one look-up of a set.
 * @param texts by language and key
 * @param deps how text becomes markup, formats, and who is told of missing values
 */
export function createOwnTexts(
  texts: OwnTexts,
  deps: TranslatorDeps & { escape(text: string): string },
): { plain: Translate; markup: Translate } {
  const languages = Object.entries(texts);
  const keys = new Map(
    languages.map(([language, own]) => [
      language,
      new Set(Object.keys(own).flatMap((key) => [key, key.replace(pluralForm, '')])),
    ]),
  );
  const known =
    (translate: Translate): Translate =>
    (locale, key, params) =>
      keys.get(locale)?.has(key) ? translate(locale, key, params) : undefined;
  const escaped = languages.map(
    ([language, own]) =>
      [
        language,
        Object.fromEntries(Object.entries(own).map(([key, text]) => [key, markupOf(text, deps.escape)])),
      ] as const,
  );
  return { plain: known(createTranslator(languages, deps)), markup: known(createTranslator(escaped, deps)) };
}

const pluralForm = /_(?:zero|one|two|few|many|other)$/;

/** Escaped but for its pairs of `<b>`. */
function markupOf(text: string, escaped: (text: string) => string): string {
  return text
    .split(/<b>([^<]*)<\/b>/)
    .map((part, at) => (at % 2 === 1 ? `<b>${escaped(part)}</b>` : escaped(part)))
    .join('');
}
