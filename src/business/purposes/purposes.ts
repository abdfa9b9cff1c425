/**
 * The purposes: what the program asks members to agree to, in versioned texts per jurisdiction and language. Owns the
 * legal documents of the live configuration, and every text that was ever live. Never knows who agreed, and never
 * changes a text.
 */
import type { Clock } from '../../base/kernel/clock.ts';
import { documentSchema, type LegalDocument } from '../layers/document-shape.ts';
import { legalTextHash } from '../layers/legal-hashes.ts';
import { type LegalBlock, parseLegalText } from '../layers/legal-markup.ts';
import type { Live, LiveRelease } from '../releases/live.ts';
import type { PublishedText } from '../releases/releases.ts';

/** One text of one version of a document in one language: everything evidence needs to say what was shown. */
interface LegalTextBase {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** One plain sentence: the label beside the choice. */
  readonly summary: string;
  readonly body: readonly LegalBlock[];
  /** The body as plain text: blank lines part paragraphs, `# ` begins a heading, `- ` a list item. */
  readonly plain: string;
  /** SHA-256 of the exact file, base64url. */
  readonly hash: string;
  /** Language of the text, which may differ from the one asked for. */
  readonly language: string;
  /** Letter of GDPR Art. 6(1). */
  readonly lawfulBasis: LegalDocument['lawfulBasis'];
  /** Legal area it was selected for. */
  readonly jurisdiction: string;
  readonly required: boolean;
  /** ISO date from which this version is the one to show. */
  readonly validFrom: string;
  /** Brands it belongs to; undefined for the whole program. */
  readonly brands: readonly string[] | undefined;
}

/** Terms: accepted, and never withdrawn (an account is closed instead). */
export interface TermsText extends LegalTextBase {
  readonly kind: 'terms';
}

/** A notice: acknowledged. */
export interface NoticeText extends LegalTextBase {
  readonly kind: 'notice';
}

/** An optional purpose: given, refused, withdrawn. */
export interface PurposeText extends LegalTextBase {
  readonly kind: 'purpose';
}

/** Any legal text. */
export type LegalText = TermsText | NoticeText | PurposeText;

/** What applies to a visit. */
export interface LegalTexts {
  readonly terms: readonly TermsText[];
  readonly notices: readonly NoticeText[];
  readonly purposes: readonly PurposeText[];
}

/** Where and in which language texts are asked for. */
export interface LegalQuery {
  brand: string;
  /** Market whose release counts; what is live for the whole program when undefined. */
  market?: string | undefined;
  jurisdiction: string;
  /** BCP 47 language; where a text lacks it, its base language, then the program's default is taken. */
  locale: string;
}

/** The purposes as other modules see them. */
export interface Purposes {
  /** Newest version in force of every document that applies, the program's own documents first. */
  forVisit(query: LegalQuery): LegalTexts;
  /** One document as it applies to a visit; undefined when unknown or not applying there. */
  find(id: string, query: LegalQuery): LegalText | undefined;
  /**
   * A version's text as it was published, also one no longer in force.
   * @param jurisdiction legal area to note in it (default: the first one it is meant for, or `any`)
   */
  text(id: string, version: string, locale: string, jurisdiction?: string): LegalText | undefined;
  /** Every document with all its versions. */
  documents(): readonly LegalDocument[];
}

/** What the purposes are made of. */
export interface PurposesDeps {
  clock: Clock;
  live: Pick<Live, 'current' | 'onChange'>;
  /** Every text that was ever live. */
  published: readonly PublishedText[];
}

type Version = LegalDocument['versions'][number];

/** The legal documents of one release, read once. */
interface Library {
  documents: readonly LegalDocument[];
  texts: ReadonlyMap<string, LegalText>;
  defaultLocale: string;
}

/**
 * Builds the purposes.
 * @param deps clock, the live configuration, texts that were live before
 */
export function createPurposes({ clock, live, published }: PurposesDeps): Purposes {
  const libraries = new WeakMap<LiveRelease, Library>();
  const libraryOf = (release: LiveRelease): Library => {
    const known = libraries.get(release) ?? openLibrary(release);
    libraries.set(release, known);
    return known;
  };
  /** Texts that somebody may have agreed to, whichever release they came with. */
  const archive = new Map<string, LegalText>();
  const keep = () => {
    for (const release of live.current().releases())
      for (const [key, text] of libraryOf(release).texts) archive.set(key, text);
  };
  keep();
  // What is live has been read already.
  for (const text of published)
    if (!archive.has(textKey(text.id, text.version, text.language)))
      for (const [key, read] of archived(text)) archive.set(key, read);
  live.onChange(keep);

  const libraryFor = ({ market }: LegalQuery): Library => {
    const now = live.current();
    return libraryOf(market === undefined ? now.all : now.of(market));
  };

  /** A document as it applies to a visit. */
  function applied(document: LegalDocument, query: LegalQuery, library: Library): LegalText | undefined {
    const { brand, jurisdiction, locale } = query;
    if (document.brands && !document.brands.includes(brand)) return undefined;
    const version = versionInForce(document, jurisdiction, clock.now());
    const wanted = version && { id: document.id, version: version.version, locale };
    const text = wanted && inLanguage(library.texts, wanted, library.defaultLocale);
    return text && { ...text, jurisdiction };
  }

  return {
    find(id, query) {
      const library = libraryFor(query);
      const document = library.documents.find((candidate) => candidate.id === id);
      return document && applied(document, query, library);
    },
    forVisit(query) {
      const library = libraryFor(query);
      const applying = library.documents.flatMap((document) => applied(document, query, library) ?? []);
      return {
        terms: applying.filter((text) => text.kind === 'terms'),
        notices: applying.filter((text) => text.kind === 'notice'),
        purposes: applying.filter((text) => text.kind === 'purpose'),
      };
    },
    text(id, version, locale, jurisdiction) {
      const usual = live.current().all.configuration.program.defaultLocale;
      const text = inLanguage(archive, { id, version, locale }, usual);
      return text && (jurisdiction === undefined ? text : { ...text, jurisdiction });
    },
    documents: () => libraryOf(live.current().all).documents,
  };
}

/** A version's text in a language, else in its base language, else in the program's own. */
function inLanguage(
  texts: ReadonlyMap<string, LegalText>,
  { id, version, locale }: { id: string; version: string; locale: string },
  usual: string,
): LegalText | undefined {
  return [locale, locale.split('-')[0] ?? '', usual]
    .map((language) => texts.get(textKey(id, version, language)))
    .find((stored) => stored !== undefined);
}

/** The newest version that has begun and is meant for the jurisdiction. */
function versionInForce(document: LegalDocument, jurisdiction: string, now: number): Version | undefined {
  const meant = (areas: readonly string[] | undefined) => !areas || areas.includes(jurisdiction);
  if (!meant(document.jurisdictions)) return undefined;
  return document.versions
    .filter((version) => meant(version.jurisdictions) && Date.parse(version.validFrom) <= now)
    .sort((a, b) => Date.parse(b.validFrom) - Date.parse(a.validFrom))[0];
}

function openLibrary({ configuration }: LiveRelease): Library {
  const items = [...configuration.legal].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  const texts = new Map<string, LegalText>();
  for (const { document, texts: versions } of items) {
    for (const version of document.versions) {
      for (const [language, source] of Object.entries(versions[version.version] ?? {})) {
        const text = textOf(document, version, { language, source });
        if (text) texts.set(textKey(document.id, version.version, language), text);
      }
    }
  }
  const documents = items.map(({ document }) => document);
  return {
    documents: documents.sort((a, b) => Number(a.brands !== undefined) - Number(b.brands !== undefined)),
    texts,
    defaultLocale: configuration.program.defaultLocale,
  };
}

/** A text that went live once, with its document as it was described then. */
function archived({
  id,
  version: name,
  language,
  source,
  document: text,
}: PublishedText): [string, LegalText][] {
  const document = documentSchema.parse(JSON.parse(text));
  const version = document.versions.find((each) => each.version === name);
  const read = version && textOf(document, version, { language, source });
  return read ? [[textKey(id, name, language), read]] : [];
}

function textOf(
  document: LegalDocument,
  version: Version,
  { language, source }: { language: string; source: string },
): LegalText | undefined {
  const parsed = parseLegalText(source);
  if ('fault' in parsed) return undefined;
  return {
    id: document.id,
    kind: document.kind,
    version: version.version,
    title: parsed.title,
    summary: parsed.summary,
    body: parsed.blocks,
    plain: parsed.plain,
    hash: legalTextHash(source),
    language,
    lawfulBasis: document.lawfulBasis,
    jurisdiction: version.jurisdictions?.[0] ?? document.jurisdictions?.[0] ?? 'any',
    required: document.required,
    validFrom: version.validFrom,
    brands: document.brands,
  };
}

function textKey(id: string, version: string, language: string): string {
  return `${id} ${version} ${language}`;
}
