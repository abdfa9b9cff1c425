/**
 * Languages: the catalogues, the choice among them, and dates, lists and durations as a language wants them. Owns
 * every sentence the product says. Never renders a missing text in silence: it tells `onMissing`, which throws
 * unless told otherwise. Keys are flat; `error.<code>` exists for every domain error.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { ErrorParams } from '../kernel/errors.ts';
import { isolated } from './bidi.ts';
import { type LanguageWishes, negotiateLanguage } from './negotiate.ts';
import { createOwnTexts, type OwnTexts } from './own-texts.ts';
import { createTranslator, type TextValues, type Translate } from './translator.ts';

/** A language there is a complete catalogue for. */
export interface LocaleInfo {
  /** BCP 47 code, such as `ja`; names the catalogue. */
  code: string;
  /** What pages and mails say they are written in, such as `zh-Hans`. */
  tag: string;
  /** Its own name, such as `日本語`. */
  name: string;
  dir: 'ltr' | 'rtl';
}

/** Texts and formats of every language. */
export interface I18n {
  readonly locales: readonly LocaleInfo[];
  /** A text, unescaped; values that run in the other direction are kept apart in it. */
  t(locale: string, key: string, params?: TextValues): string;
  /** A text as markup: the values are escaped, the catalogue's own `<b>` stays. */
  html(locale: string, key: string, params?: TextValues): string;
  /** The text of an error code; absent values get ones that are true for every installation. */
  error(locale: string, code: string, params?: ErrorParams): string;
  /** Whether the key is in every catalogue. */
  has(key: string): boolean;
  /** What the catalogue knows about a locale; the first one when it is unknown. */
  locale(code: string): LocaleInfo;
  /** How a text of the configuration is marked up, whose language may have no catalogue. */
  markup(language: string): Pick<LocaleInfo, 'tag' | 'dir'>;
  /** The language of an answer, among those that are offered (every one when undefined). */
  negotiate(wishes: LanguageWishes & { offered?: readonly string[] | undefined }): string;
  /** A day, such as `March 14, 2026`; in UTC unless a zone is given. */
  date(locale: string, iso: string, timeZone?: string): string;
  /** A day and time with its zone. */
  dateTime(locale: string, iso: string, timeZone?: string): string;
  /** How long ago, such as `3 days ago`, in whole units. */
  ago(locale: string, iso: string, nowMs: number): string;
  /** `a, b and c`. */
  list(locale: string, items: readonly string[]): string;
  /** A stretch of time in its largest fitting unit, such as `15 minutes`; rounded up. */
  duration(locale: string, seconds: number): string;
  /** The same with a brand's own texts in the place of the catalogues'; one object always gives the same answer. */
  overlay(texts: OwnTexts | undefined): I18n;
}

/** Values for error texts whose thrower did not know better. */
const errorDefaults: ErrorParams = {
  seconds: 60,
  min: 8,
  max: 256,
  step: 1,
  needed: 1,
  given: 0,
  name: '…',
  places: '…',
  field: '…',
  pair: '…',
  ratio: '…',
};

/**
 * Loads the catalogues and builds the texts.
 * @param deps `onMissing`: told `locale` and `key` (or `key {{value}}`) when a text or value is missing
 * @throws Error at a missing text when no `onMissing` is given
 */
export function createI18n(deps: { onMissing?: (locale: string, key: string) => void } = {}): I18n {
  const catalogues = readCatalogues();
  const codes = [...catalogues.keys()];
  const locales = codes.map(describeLocale);
  const onMissing =
    deps.onMissing ??
    ((locale, key) => {
      throw new Error(`no text for ${key} in ${locale}`);
    });
  const formats = createFormats();
  const known = (code: string) =>
    locales.find((locale) => locale.code === code) ?? describeLocale(codes[0] ?? 'en');
  const usual = createTranslator(catalogues, { onMissing, formats });
  const base: Omit<I18n, 't' | 'html' | 'error' | 'overlay'> = {
    locales,
    has: (key) => [...catalogues.values()].every((texts) => key in texts || `${key}_other` in texts),
    locale: known,
    markup: memo(describeLocale),
    negotiate: ({ offered, ...wishes }) => negotiateLanguage(available(codes, offered), wishes),
    ...formats,
    list: (locale, items) =>
      formats.list(
        locale,
        items.map((item) => isolated(known(locale).dir, item)),
      ),
  };
  const withTranslators = (plain: Translate, markup: Translate, overlay: I18n['overlay']): I18n => {
    const say = (translate: Translate, locale: string, key: string, params: TextValues) => {
      const values = withTexts(params, (value) => isolated(known(locale).dir, value));
      const text = translate(locale, key, values);
      if (text === undefined) onMissing(locale, key);
      return text ?? key;
    };
    const t: I18n['t'] = (locale, key, params = {}) => say(plain, locale, key, params);
    return {
      ...base,
      t,
      html: (locale, key, params = {}) => say(markup, locale, key, withTexts(params, escapeHtml)),
      error: (locale, code, params = {}) => t(locale, `error.${code}`, { ...errorDefaults, ...params }),
      overlay,
    };
  };
  const overlaid = new WeakMap<OwnTexts, I18n>();
  const overlay: I18n['overlay'] = (texts) => {
    if (!texts || Object.keys(texts).length === 0) return i18n;
    const made = overlaid.get(texts);
    if (made) return made;
    const own = createOwnTexts(texts, { escape: escapeHtml, onMissing, formats });
    const first =
      (translate: Translate): Translate =>
      (...asked) =>
        translate(...asked) ?? usual(...asked);
    const built = withTranslators(first(own.plain), first(own.markup), overlay);
    overlaid.set(texts, built);
    return built;
  };
  const i18n = withTranslators(usual, usual, overlay);
  return i18n;
}

/** Of what is offered only what there is; with nothing left, everything. */
function available(codes: readonly string[], offered: readonly string[] | undefined): readonly string[] {
  const both = offered?.filter((code) => codes.includes(code)) ?? [];
  return both.length > 0 ? both : codes;
}

let catalogues: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;

/**
 * Every `catalogues/<code>.json`, read once; a new language is a new file. English comes first: the first language is
 * the one somebody gets whose wishes cannot be met.
 */
export function readCatalogues(): ReadonlyMap<string, Readonly<Record<string, string>>> {
  catalogues ??= catalogueFiles();
  return catalogues;
}

function catalogueFiles(): Map<string, Record<string, string>> {
  const folder = new URL('./catalogues/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files
      .sort(
        (left, right) => Number(right === 'en.json') - Number(left === 'en.json') || (left < right ? -1 : 1),
      )
      .map((file) => [
        file.replace('.json', ''),
        JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, string>,
      ]),
  );
}

/** Escapes text for markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function withTexts(params: TextValues, change: (text: string) => string): TextValues {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? change(value) : value]),
  );
}

/** Languages whose script has to be said: readers, fonts and voices of `zh` cannot know which characters it is in. */
const tags: Readonly<Record<string, string>> = { zh: 'zh-Hans' };

function describeLocale(code: string): LocaleInfo {
  const tag = tags[code] ?? code;
  // Alone in a list a name begins with a capital, also where it has none within a sentence.
  const name = (new Intl.DisplayNames([code], { type: 'language' }).of(tag) ?? code).replace(/^./u, (first) =>
    first.toLocaleUpperCase(code),
  );
  const script = new Intl.Locale(code).maximize().script ?? '';
  const rtl = ['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm'].includes(script);
  return { code, tag, name, dir: rtl ? 'rtl' : 'ltr' };
}

/** Making an Intl object costs more than using it: each is made once per locale. */
function memo<T>(make: (locale: string) => T): (locale: string) => T {
  const made = new Map<string, T>();
  return (locale) => {
    const known = made.get(locale) ?? make(locale);
    made.set(locale, known);
    return known;
  };
}

/** Japanese writes no space between a number and its unit; the formatter does. */
function closeUp(text: string): string {
  return text.replace(/(?<=\d) (?=[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}])/gu, '');
}

/** French counts the first of a month and numbers the other days; the formatter numbers them all. */
function ordinal(locale: string, text: string): string {
  return locale.split('-')[0] === 'fr' ? text.replace(/^1 (?=\p{L})/u, '1er ') : text;
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit & string, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

function createFormats(): Pick<I18n, 'date' | 'dateTime' | 'ago' | 'list' | 'duration'> {
  const day = memo((key) => {
    const [locale = 'en', timeZone = 'UTC'] = key.split('|');
    return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  });
  const moment = memo((key) => {
    const [locale = 'en', timeZone = 'UTC'] = key.split('|');
    return new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone,
    });
  });
  // In numbers: with no time zone of the reader, "yesterday" would often be the day before.
  const relative = memo((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'always' }));
  const present = memo((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  const lists = memo((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));
  const amounts = memo((key) => {
    const [locale = 'en', unit = 'minute'] = key.split('|');
    return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
  });
  return {
    date: (locale, iso, timeZone = 'UTC') =>
      ordinal(locale, day(`${locale}|${timeZone}`).format(Date.parse(iso))),
    dateTime: (locale, iso, timeZone = 'UTC') =>
      ordinal(locale, moment(`${locale}|${timeZone}`).format(Date.parse(iso))),
    ago(locale, iso, nowMs) {
      const seconds = (nowMs - Date.parse(iso)) / 1000;
      const [unit, size] = units.find(([, length]) => seconds >= length) ?? [
        'minute',
        Number.POSITIVE_INFINITY,
      ];
      // Anything younger than a minute is "now": nobody counts seconds in a list of sessions.
      return size === Number.POSITIVE_INFINITY
        ? present(locale).format(0, 'second')
        : closeUp(relative(locale).format(-Math.floor(seconds / size), unit));
    },
    list: (locale, items) => lists(locale).format(items),
    duration(locale, seconds) {
      const whole = Math.max(1, Math.ceil(seconds));
      const [unit, size] = whole < 90 ? ['second', 1] : whole <= 5_400 ? ['minute', 60] : ['hour', 3_600];
      return closeUp(amounts(`${locale}|${unit}`).format(Math.ceil(whole / Number(size))));
    },
  };
}
