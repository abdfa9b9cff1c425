/** The legal questions of a page: what is asked, and the decisions a form brings back. */
import type { FieldFault } from '../../base/kernel/errors.ts';
import { requiredTerms, textsMark } from '../../business/purposes/asked-texts.ts';
import type { LegalText, LegalTexts } from '../../business/purposes/purposes.ts';
import type { PendingDecision } from '../../people/members/registrations.ts';
import type { Standing } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import type { LegalQuestions } from './views.ts';

/** Fields of a form as sent. */
export type Fields = Readonly<Record<string, string | undefined>>;

/**
 * The questions as a page shows them.
 * @param texts what applies to the visit
 * @param backTo path the text's page leads back to
 */
export function legalQuestions(texts: LegalTexts, backTo: string): LegalQuestions {
  const reference = (text: LegalText) => ({
    id: text.id,
    title: text.title,
    version: text.version,
    url: `/legal/${text.id}/${text.version}?back=${encodeURIComponent(backTo)}`,
  });
  return {
    shown: markOf(texts),
    terms: requiredTerms(texts).map(reference),
    notices: texts.notices.map(reference),
    purposes: texts.purposes.map((text) => ({ ...reference(text), summary: text.summary })),
  };
}

const markOf = (texts: LegalTexts) =>
  textsMark([...requiredTerms(texts), ...texts.notices, ...texts.purposes]);

/**
 * Reads the decisions: required terms must be accepted, notices count as acknowledged by sending the form, and a
 * purpose without an answer is refused (silence is no consent: GDPR recital 32). Nothing is decided on texts that are
 * not the ones that were shown.
 * @param texts what applies now
 * @param fields the form as sent
 * @param shown the mark of the texts that its page showed
 */
export function readDecisions(
  texts: LegalTexts,
  fields: Fields,
  shown: string | undefined = fields.texts,
): { decisions: PendingDecision[]; faults: FieldFault[] } {
  if (shown !== markOf(texts))
    return { decisions: [], faults: [{ field: 'form', code: 'consent.text_changed' }] };
  const faults: FieldFault[] = [];
  const decisions: PendingDecision[] = [];
  const decide = (text: LegalText, kind: PendingDecision['kind']) =>
    decisions.push({
      textId: text.id,
      version: text.version,
      language: text.language,
      hash: text.hash,
      kind,
    });
  for (const text of requiredTerms(texts)) {
    if (fields[`terms.${text.id}`] === 'accepted') decide(text, 'accepted');
    else faults.push({ field: `terms.${text.id}`, code: 'terms.required' });
  }
  for (const text of texts.notices) decide(text, 'acknowledged');
  for (const text of texts.purposes)
    decide(text, fields[`purpose.${text.id}`] === 'yes' ? 'given' : 'refused');
  return { decisions, faults };
}

/** The legal texts of the interaction's place, in the visit's language. */
export function textsOf(
  deps: { purposes: Pick<InteractionDeps['purposes'], 'forVisit'> },
  open: Pick<Standing, 'place' | 'ctx'>,
): LegalTexts {
  const { experience } = open.place;
  const { locale } = open.ctx.state.visit;
  return deps.purposes.forVisit({
    brand: experience.brand.id,
    market: experience.market.id,
    jurisdiction: experience.jurisdiction,
    locale,
  });
}
