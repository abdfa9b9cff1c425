/** Small shapes that many documents of the configuration share: a language, a text in several languages. */
import { z } from 'zod';

/** A language tag such as `en` or `pt-BR` (BCP 47, language and region only). */
export const localeTag = z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'a language tag such as en or pt-BR');

/**
 * Whether a text holds no control characters, line ends among them, and none that turn the writing around: what stands in
 * a heading, a label or the head of a mail is one line.
 * @param text any text
 */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(text);
}

/** What is said of a text that is not. */
export const oneLineOnly = 'text without control characters';

/** A text in one language: plain, what looks like markup is refused. */
export const plainLine = z
  .string()
  .min(1)
  .max(300)
  .regex(/^(?![\s\S]*<[a-z/!?])/i, 'text without markup')
  .refine(isOneLine, oneLineOnly);

/** One text in every language of the program; `en` is the last resort. */
export const translated = z
  .record(localeTag, plainLine)
  .refine((texts) => Object.hasOwn(texts, 'en'), { message: 'needs at least the language en' });

/** A text in several languages. */
export type Translated = z.output<typeof translated>;

/**
 * A text in a language; where it is missing, its base language or English is taken.
 * @param texts the text by language
 * @param locale BCP 47 language
 */
export function inLanguage(texts: Readonly<Record<string, string>>, locale: string): string {
  const said = (tag: string) => (Object.hasOwn(texts, tag) ? texts[tag] : undefined);
  return said(locale) ?? said(locale.split('-')[0] ?? '') ?? said('en') ?? '';
}
