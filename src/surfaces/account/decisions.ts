/** What a member decided, as the account pages tell it. Pure: texts and state in, lines out. */
import { textsMark } from '../../business/purposes/asked-texts.ts';
import type { LegalText, PurposeText } from '../../business/purposes/purposes.ts';
import type { CurrentDecision, DecisionRow } from '../../people/consents/consents.ts';
import type { DecisionEntry, PurposeState } from './views.ts';

/** An optional purpose and where the member stands on it. */
export interface ShownPurpose {
  /** The text to decide on now. */
  text: PurposeText;
  current: CurrentDecision | undefined;
  /** Given so long ago that it does not count any more. */
  expired?: boolean;
}

/** Finds texts and names. */
export interface DecisionWords {
  /** A published version's text in the visit's language. */
  textOf(id: string, version: string, jurisdiction: string): LegalText | undefined;
  brandName(brandId: string | undefined): string | undefined;
}

/**
 * The optional purposes to show: those offered here, and those decided on at another brand, so that whatever was
 * given can be taken back on one page.
 * @param offered purposes of this brand and the member's legal area
 * @param decided where the member stands
 * @param words finds the texts of other brands
 */
export function shownPurposes(
  offered: readonly PurposeText[],
  decided: readonly CurrentDecision[],
  words: Pick<DecisionWords, 'textOf'>,
): ShownPurpose[] {
  const here = offered.map((text) => ({
    text,
    current: decided.find(({ purposeId }) => purposeId === text.id),
  }));
  const elsewhere = decided.flatMap((current): ShownPurpose[] => {
    if (offered.some(({ id }) => id === current.purposeId)) return [];
    const text = words.textOf(current.purposeId, current.version, current.jurisdiction);
    return text?.kind === 'purpose' ? [{ text, current }] : [];
  });
  return [...here, ...elsewhere];
}

/**
 * A purpose as the page shows it.
 * @param shown the purpose
 * @param words names of brands
 * @param action where its form posts
 */
export function toPurposeState(
  { text, current, expired = false }: ShownPurpose,
  words: Pick<DecisionWords, 'brandName'>,
  action: string,
): PurposeState {
  const version = current?.version ?? text.version;
  return {
    id: text.id,
    title: text.title,
    summary: text.summary,
    state: expired ? 'expired' : stateOf(current),
    version,
    decidedAt: current?.at.toISOString(),
    brandName: words.brandName(text.brands?.[0]),
    textUrl: textUrl(text.id, text.version),
    action,
    shown: textsMark([text]),
  };
}

function stateOf(current: CurrentDecision | undefined): PurposeState['state'] {
  const kind = current?.kind;
  return kind === 'given' || kind === 'refused' || kind === 'withdrawn' ? kind : 'open';
}

/**
 * The terms and notices in force for the member.
 * @param decided where the member stands
 * @param words finds texts and names
 */
export function agreedDocuments(
  decided: readonly CurrentDecision[],
  words: DecisionWords,
): (DecisionEntry & { kind: LegalText['kind'] })[] {
  return decided.flatMap((decision) => {
    const text = words.textOf(decision.purposeId, decision.version, decision.jurisdiction);
    return text && text.kind !== 'purpose' ? [{ ...toEntry(text, decision, words), kind: text.kind }] : [];
  });
}

/**
 * Every decision on a text, newest first. Access given to applications has a page of its own.
 * @param rows the ledger
 * @param words finds texts and names
 */
export function decisionHistory(rows: readonly DecisionRow[], words: DecisionWords): DecisionEntry[] {
  return rows.flatMap((row) => {
    if (row.subject !== 'purpose') return [];
    const text = words.textOf(row.subjectId, row.version, row.jurisdiction);
    return [toEntry(text ?? { id: row.subjectId, title: row.subjectId }, row, words)];
  });
}

function toEntry(
  text: Pick<LegalText, 'id' | 'title'>,
  decision: Pick<CurrentDecision, 'kind' | 'version' | 'at' | 'brand'>,
  words: Pick<DecisionWords, 'brandName'>,
): DecisionEntry {
  return {
    title: text.title,
    version: decision.version,
    decision: decision.kind,
    at: decision.at.toISOString(),
    brandName: words.brandName(decision.brand),
    textUrl: textUrl(text.id, decision.version),
  };
}

function textUrl(id: string, version: string): string {
  return `/legal/${encodeURIComponent(id)}/${encodeURIComponent(version)}?back=/account/consents`;
}
