/** Finds and fills in texts: the one place that knows i18next. */
import i18next from 'i18next';

/** What a text is filled with. */
export type TextValues = Readonly<Record<string, string | number>>;

/** A text of a language, filled in; undefined when there is none. */
export type Translate = (locale: string, key: string, params: TextValues) => string | undefined;

/** What texts are filled in with. */
export interface TranslatorDeps {
  /** Told language and what is missing when a value is not given. */
  onMissing(locale: string, key: string): void;
  formats: {
    duration(locale: string, seconds: number): string;
    date(locale: string, iso: string): string;
  };
}

/**
 * Builds the look-up of texts by language and key, in the plural form that the language wants.
 * @param texts texts by language and key
 * @param deps formats, and who is told of missing values
 */
export function createTranslator(
  texts: Iterable<readonly [string, Readonly<Record<string, string>>]>,
  { onMissing, formats }: TranslatorDeps,
): Translate {
  const instance = i18next.createInstance();
  void instance.init({
    initAsync: false,
    lng: 'en',
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    returnNull: false,
    resources: Object.fromEntries([...texts].map(([code, known]) => [code, { translation: known }])),
    interpolation: { escapeValue: false },
    missingInterpolationHandler: (text: string, value: unknown, options: { lng?: string }) => {
      onMissing(options.lng ?? '', `${text} ${String(value)}`);
      return '';
    },
  });
  const { formatter } = instance.services;
  formatter?.add('duration', (value: unknown, lng) => formats.duration(lng ?? 'en', Number(value)));
  formatter?.add('day', (value: unknown, lng) => formats.date(lng ?? 'en', String(value)));
  return (locale, key, params) =>
    instance.exists(key, { lng: locale, ...params })
      ? instance.t(key, { ...params, lng: locale, nest: false })
      : undefined;
}
