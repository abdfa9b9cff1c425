/** Terms that stand in the way of an answer: each app's brand may have texts the member has not accepted yet. */
import { FormError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { termsOfMember } from '../../business/purposes/asked-texts.ts';
import type { TermsText } from '../../business/purposes/purposes.ts';
import { type Fields, legalQuestions, readDecisions } from '../interactions/legal.ts';
import type { LegalQuestions } from '../interactions/views.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';

/** A client and what the member must accept first. */
export interface MissingTerms {
  client: ClientRecord;
  texts: readonly TermsText[];
}

/**
 * The clients whose brand has required texts that the member has not accepted in their present version.
 * @param deps modules
 * @param here the visitor
 * @param clients the apps that ask
 */
export async function missingTerms(
  deps: AccountDeps,
  here: Here,
  clients: readonly ClientRecord[],
): Promise<MissingTerms[]> {
  const distinct = [...new Map(clients.map((client) => [client.id, client])).values()];
  const found = await Promise.all(
    distinct.map(async (client) => {
      const at = { market: here.member.market, locale: here.visit.locale };
      const required = termsOfMember(deps, { brand: client.brand || undefined, ...at });
      return { client, texts: await deps.consents.missing(here.member._id, required) };
    }),
  );
  return found.filter(({ texts }) => texts.length > 0);
}

/**
 * The questions, each text once; undefined when nothing is missing.
 * @param missing what must be accepted
 * @param backTo path that a text's page leads back to
 */
export function termsQuestions(missing: readonly MissingTerms[], backTo: string): LegalQuestions | undefined {
  const terms = distinctTexts(missing);
  return terms.length > 0 ? legalQuestions({ terms, notices: [], purposes: [] }, backTo) : undefined;
}

/**
 * Keeps that the member accepts what is missing, each text under the brand that asks for it.
 * @param deps modules
 * @param here the visitor
 * @param clients the apps that ask
 * @param fields the form as sent
 * @throws FormError when a text was not accepted
 */
export async function acceptTerms(
  deps: AccountDeps,
  here: Here,
  clients: readonly ClientRecord[],
  fields: Fields,
): Promise<void> {
  const missing = await missingTerms(deps, here, clients);
  const { faults } = readDecisions({ terms: distinctTexts(missing), notices: [], purposes: [] }, fields);
  if (faults.length > 0) throw new FormError(faults);
  const done = new Set<string>();
  for (const { client, texts } of missing) {
    const fresh = texts.filter(({ id }) => !done.has(id));
    for (const { id } of fresh) done.add(id);
    if (fresh.length === 0) continue;
    await deps.consents.decide({
      memberId: here.member._id,
      home: here.member.home,
      decisions: fresh.map((text) => ({ text, kind: 'accepted' })),
      visit: { ...here.visit, clientId: client.id, brand: client.brand },
      channel: 'web',
    });
  }
}

function distinctTexts(missing: readonly MissingTerms[]): TermsText[] {
  return [...new Map(missing.flatMap(({ texts }) => texts).map((text) => [text.id, text])).values()];
}
