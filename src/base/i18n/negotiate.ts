/** Chooses the language of an answer. Pure; knows nothing of requests. */

/** What speaks for a language, strongest first (OpenID Connect Core 3.1.2.1 `ui_locales`; RFC 9110 section 12.5.4). */
export interface LanguageWishes {
  /** The relying party's `ui_locales`: BCP 47 tags parted by spaces, in order of preference. */
  uiLocales?: string | undefined;
  /** What the person chose before. */
  chosen?: string | undefined;
  /** The browser's `Accept-Language`. */
  acceptLanguage?: string | undefined;
  /** The brand's own language. */
  brandDefault: string;
}

/**
 * The first wish that can be met: `ui_locales`, then the person's choice, then the browser, then the brand. Another
 * script than the one asked for is a last resort before the brand's language: Simplified characters for somebody who
 * asked for Traditional ones and named no other language we have.
 * @param available codes of the catalogues, such as `['en', 'ja']`; the first is the language of last resort
 * @param wishes what speaks for a language
 */
export function negotiateLanguage(available: readonly string[], wishes: LanguageWishes): string {
  const asked = readTags([
    ...(wishes.uiLocales ?? '').slice(0, 200).split(/\s+/),
    wishes.chosen ?? '',
    ...acceptedTags(wishes.acceptLanguage ?? ''),
  ]);
  const brand = readTags([wishes.brandDefault]);
  const inAnyScript = (wishes: readonly Wish[]): Wish[] => wishes.map(({ tag }) => ({ tag }));
  for (const wish of [...asked, ...inAnyScript(asked), ...brand, ...inAnyScript(brand)]) {
    const found = matchTag(available, wish);
    if (found) return found;
  }
  return available[0] ?? 'en';
}

/** A language somebody asks for, in which script; without one, any will do. */
interface Wish {
  tag: string;
  script?: string | undefined;
}

/**
 * The tags that are any, each with its script. A bare language after a tag that says more is read as that tag:
 * browsers that ask for `zh-TW` add `zh` themselves.
 */
function readTags(tags: readonly string[]): Wish[] {
  const said = new Map<string, string | undefined>();
  return tags.flatMap((tag) => {
    const locale = parseTag(tag);
    if (!locale) return [];
    const { language } = locale;
    const bare = locale.baseName === language;
    const script = bare && said.has(language) ? said.get(language) : scriptOf(locale);
    if (!said.has(language)) said.set(language, script);
    return [{ tag: locale.baseName, script }];
  });
}

function parseTag(tag: string): Intl.Locale | undefined {
  // Most requests of machines ask for nothing, and a thrown error costs more than all the rest.
  if (tag === '') return undefined;
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}

/** The script a language is written in: `Hans` for `zh-SG`, `Hant` for `zh-TW`. */
function scriptOf(locale: Intl.Locale): string | undefined {
  return locale.maximize().script;
}

const catalogueScripts = new Map<string, string | undefined>();

/** The script of a catalogue, worked out once for each of the few there are. */
function scriptOfCatalogue(code: string): string | undefined {
  if (!catalogueScripts.has(code)) catalogueScripts.set(code, scriptOf(new Intl.Locale(code)));
  return catalogueScripts.get(code);
}

/** The tag itself or its parents, cut from the right (RFC 4647 section 3.4 "lookup"), in the script asked for. */
function matchTag(available: readonly string[], { tag, script }: Wish): string | undefined {
  let wanted = tag.toLowerCase();
  while (wanted !== '') {
    const found = available.find((code) => code.toLowerCase() === wanted);
    if (found && (!script || scriptOfCatalogue(found) === script)) return found;
    wanted = wanted.slice(0, Math.max(0, wanted.lastIndexOf('-')));
  }
  return undefined;
}

/** Tags of an `Accept-Language` header by falling weight; `q=0` and `*` name nothing. */
function acceptedTags(header: string): string[] {
  return header
    .slice(0, 400)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const q = parameters
        .map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1])
        .find(Boolean);
      return { tag: tag.trim(), weight: q === undefined ? 1 : Number(q) };
    })
    .filter(({ tag, weight }) => tag !== '' && tag !== '*' && weight > 0)
    .sort((left, right) => right.weight - left.weight)
    .map(({ tag }) => tag);
}
