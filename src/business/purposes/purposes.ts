/**
 * The purposes: what the program asks members to agree to, in versioned texts per jurisdiction and language. Owns the
 * legal documents as read from the configuration folder at start. Never knows who agreed, and never changes a text.
 */
import type { Clock } from '../../base/kernel/clock.ts';
import { type ConfigFolder, openConfigFolder } from '../experiences/config-files.ts';
import type { Experiences } from '../experiences/experiences.ts';
import { documentSchema, type LegalDocument } from './document-shape.ts';
import { legalHashFaults, legalTextHash } from './legal-hashes.ts';
import { type LegalBlock, parseLegalText } from './legal-markup.ts';

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
  /** Absolute path of the configuration folder. */
  programDir: string;
  clock: Clock;
  /** The brands, markets and languages that documents may refer to. */
  experiences: Pick<Experiences, 'program' | 'brands' | 'markets'>;
}

type Version = LegalDocument['versions'][number];

/**
 * Reads `legal/<document>/document.json` and `legal/<document>/<version>/<language>.md`.
 * @param deps folder, clock, experiences
 * @throws ProgramConfigError with every fault, a text changed after it was published among them
 */
export function createPurposes(deps: PurposesDeps): Purposes {
  const folder = openConfigFolder(deps.programDir);
  const documents = readDocuments(folder, deps.experiences);
  const texts = readTexts(folder, documents, deps.experiences.program.defaultLocale);
  folder.faults.push(...legalHashFaults(folder));
  folder.refuseFaults();

  function textOf(document: LegalDocument, version: Version, locale: string, jurisdiction: string) {
    const wanted = [locale, locale.split('-')[0] ?? '', deps.experiences.program.defaultLocale];
    const language = wanted.find((tag) => texts.has(textKey(document.id, version.version, tag)));
    const stored = texts.get(textKey(document.id, version.version, language ?? ''));
    return stored && { ...stored, jurisdiction };
  }

  function find(id: string, query: LegalQuery): LegalText | undefined {
    const document = documents.find((candidate) => candidate.id === id);
    if (!document || (document.brands && !document.brands.includes(query.brand))) return undefined;
    const version = versionInForce(document, query.jurisdiction, deps.clock.now());
    return version && textOf(document, version, query.locale, query.jurisdiction);
  }

  return {
    find,
    forVisit(query) {
      const applying = documents.flatMap(({ id }) => find(id, query) ?? []);
      return {
        terms: applying.filter((text) => text.kind === 'terms'),
        notices: applying.filter((text) => text.kind === 'notice'),
        purposes: applying.filter((text) => text.kind === 'purpose'),
      };
    },
    text(id, name, locale, jurisdiction) {
      const document = documents.find((candidate) => candidate.id === id);
      const version = document?.versions.find((candidate) => candidate.version === name);
      if (!document || !version) return undefined;
      const area = version.jurisdictions?.[0] ?? document.jurisdictions?.[0] ?? 'any';
      return textOf(document, version, locale, jurisdiction ?? area);
    },
    documents: () => documents,
  };
}

/** The newest version that has begun and is meant for the jurisdiction. */
function versionInForce(document: LegalDocument, jurisdiction: string, now: number): Version | undefined {
  const meant = (areas: readonly string[] | undefined) => !areas || areas.includes(jurisdiction);
  if (!meant(document.jurisdictions)) return undefined;
  return document.versions
    .filter((version) => meant(version.jurisdictions) && Date.parse(version.validFrom) <= now)
    .sort((a, b) => Date.parse(b.validFrom) - Date.parse(a.validFrom))[0];
}

function readDocuments(folder: ConfigFolder, experiences: PurposesDeps['experiences']): LegalDocument[] {
  const brands = new Set(experiences.brands().map((brand) => brand.id));
  const areas = new Set(experiences.markets().map((market) => market.jurisdiction));
  const documents = folder.folders('legal').flatMap((id) => {
    const path = `legal/${id}/document.json`;
    const document = folder.json(path, documentSchema);
    if (!document) return [];
    if (document.id !== id) folder.faults.push(`${path}: id: must be ${id}`);
    for (const brand of document.brands ?? []) {
      if (!brands.has(brand)) folder.faults.push(`${path}: brands: there is no brand ${brand}`);
    }
    for (const area of [document, ...document.versions].flatMap(({ jurisdictions }) => jurisdictions ?? [])) {
      if (!areas.has(area)) folder.faults.push(`${path}: jurisdictions: no market has ${area}`);
    }
    return [document];
  });
  return documents.sort((a, b) => Number(a.brands !== undefined) - Number(b.brands !== undefined));
}

function readTexts(
  folder: ConfigFolder,
  documents: readonly LegalDocument[],
  defaultLocale: string,
): Map<string, LegalText> {
  const texts = new Map<string, LegalText>();
  for (const document of documents) {
    for (const version of document.versions) {
      const path = `legal/${document.id}/${version.version}`;
      const languages = folder.files(path, '.md');
      if (!languages.includes(defaultLocale))
        folder.faults.push(`${path}/${defaultLocale}.md: the file is missing`);
      for (const language of languages) {
        const text = readText(folder, document, version, language);
        if (text) texts.set(textKey(document.id, version.version, language), text);
      }
    }
  }
  return texts;
}

function readText(
  folder: ConfigFolder,
  document: LegalDocument,
  version: Version,
  language: string,
): LegalText | undefined {
  const path = `legal/${document.id}/${version.version}/${language}.md`;
  const source = folder.text(path) ?? '';
  const parsed = parseLegalText(source);
  if ('fault' in parsed) {
    folder.faults.push(`${path}: ${parsed.fault}`);
    return undefined;
  }
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
    jurisdiction: '',
    required: document.required,
    validFrom: version.validFrom,
    brands: document.brands,
  };
}

function textKey(id: string, version: string, language: string): string {
  return `${id} ${version} ${language}`;
}
