/** Which of the texts that apply are asked where, and which was shown. Pure: pages, APIs and dry runs go by the same rules. */
import { shortDigest } from '../../base/kernel/sealing.ts';
import type { Experiences } from '../experiences/experiences.ts';
import type { LegalText, LegalTexts, Purposes, TermsText } from './purposes.ts';

/**
 * Of the texts of a place what a registration asks: every term and notice, and the purposes that the layers name.
 * @param texts what applies to the visit
 * @param asked ids of purposes in the order they are asked; all that apply when nobody says which
 */
export function textsAtRegistration(texts: LegalTexts, asked: readonly string[] | undefined): LegalTexts {
  return { ...texts, purposes: inOrder(texts.purposes, asked) };
}

/** In the order of the ids; one that does not apply here is left out. */
function inOrder<T extends { id: string }>(
  purposes: readonly T[],
  asked: readonly string[] | undefined,
): readonly T[] {
  return asked?.flatMap((id) => purposes.find((purpose) => purpose.id === id) ?? []) ?? purposes;
}

/**
 * Those terms that nobody can be a member without.
 * @param texts what applies
 */
export function requiredTerms({ terms }: Pick<LegalTexts, 'terms'>): TermsText[] {
  return terms.filter((text) => text.required);
}

/**
 * The terms that a member must have agreed to before a brand's client gets anything: those of the member's own market.
 * @param deps experiences and purposes
 * @param at the client's brand, the member's market and language
 */
export function termsOfMember(
  {
    experiences,
    purposes,
  }: { experiences: Pick<Experiences, 'experienceFor'>; purposes: Pick<Purposes, 'forVisit'> },
  at: { brand: string | undefined; market: string; locale: string },
): TermsText[] {
  const { brand, market, jurisdiction } = experiences.experienceFor({ brand: at.brand, market: at.market });
  const query = { brand: brand.id, market: market.id, jurisdiction, locale: at.locale };
  return requiredTerms(purposes.forVisit(query));
}

/**
 * A mark of texts that a page shows, for its form to bring back: a decision counts only for the very texts that were
 * read, not for those that came into force while the page stood open.
 * @param texts in any order
 */
export function textsMark(texts: readonly (ShownText & { id: string })[]): string {
  const each = texts.map(({ id, version, language, hash }) => [id, version, language, hash].join(' '));
  return shortDigest(each.sort().join('\n'), 22);
}

/** What identifies a text that somebody was shown, to the letter. */
export type ShownText = Pick<LegalText, 'version' | 'language' | 'hash'>;

/**
 * Whether the text that somebody was shown is this one.
 * @param text a text in force
 * @param shown as it was read
 */
export function isShown(text: ShownText, shown: ShownText): boolean {
  return text.version === shown.version && text.language === shown.language && text.hash === shown.hash;
}
