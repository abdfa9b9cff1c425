/** The page of what the member agreed to: giving and withdrawing are equally easy (GDPR Art. 7(3)). */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import { textsMark } from '../../business/purposes/asked-texts.ts';
import { isLiveConsent, stepFor } from '../../people/consents/consent-state.ts';
import type { CurrentDecision } from '../../people/consents/consents.ts';
import type { Here, Refused } from '../pages/visitor.ts';
import {
  agreedDocuments,
  type DecisionWords,
  decisionHistory,
  type ShownPurpose,
  shownPurposes,
  toPurposeState,
} from './decisions.ts';
import type { AccountDeps } from './deps.ts';
import { consentsView, type DecisionEntry } from './views.ts';
import {
  accountPage,
  accountScope,
  doneAt,
  experienceAtHome,
  nav,
  requireVisitor,
  showAccountPage,
} from './visitor.ts';

const path = nav.consentsUrl;

/**
 * The routes of the consents page.
 * @param deps modules
 */
export function consentRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, { name: 'account.consents', path, show: (here) => showConsents(deps, here) }),
    route({
      name: 'account.consents.decide',
      method: 'POST',
      path: `${path}/:purposeId`,
      csrf: accountScope,
      input: {
        params: z.object({ purposeId: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/) }),
        body: z.object({
          decision: z.enum(['give', 'withdraw'], { error: 'choice.required' }),
          texts: z.string().max(100).default(''),
        }),
      },
      async invalid(ctx, error) {
        const here = await requireVisitor(deps, ctx, path);
        const faults = error.faults.map((fault) => ({ ...fault, field: 'form' }));
        await showConsents(deps, here, { status: error.status, faults });
      },
      async handle(ctx, { params, body }) {
        const here = await requireVisitor(deps, ctx, path);
        try {
          await decide(deps, here, params.purposeId, body);
          doneAt(deps, ctx, { path, notice: 'choice-saved' });
        } catch (error) {
          if (!(error instanceof FormError)) throw error;
          await showConsents(deps, here, { status: error.status, faults: error.faults });
        }
      },
    }),
  ];
}

/** Where the member stands. */
export interface Agreed {
  purposes: ShownPurpose[];
  documents: (DecisionEntry & { kind: string })[];
}

/**
 * What the member agreed to, by the page's brand and the legal area of their home market.
 * @param deps modules
 * @param here the visitor
 */
export async function agreedBy(deps: AccountDeps, here: Here): Promise<Agreed> {
  const { purposes: decided } = await deps.consents.current(here.member._id);
  const words = wordsOf(deps, here);
  return { purposes: purposesOf(deps, here, decided), documents: agreedDocuments(decided, words) };
}

async function showConsents(deps: AccountDeps, here: Here, refused?: Refused): Promise<void> {
  const [agreed, rows] = await Promise.all([agreedBy(deps, here), deps.consents.history(here.member._id)]);
  const words = wordsOf(deps, here);
  await showAccountPage(deps, here, {
    view: consentsView,
    data: {
      nav,
      purposes: agreed.purposes.map((shown) => toPurposeState(shown, words, `${path}/${shown.text.id}`)),
      documents: agreed.documents,
      history: decisionHistory(rows, words),
    },
    refused,
  });
}

function purposesOf(deps: AccountDeps, here: Here, decided: readonly CurrentDecision[]): ShownPurpose[] {
  const { brand, jurisdiction, market } = experienceAtHome(deps, here);
  const { purposes } = deps.purposes.forVisit({
    brand: brand.id,
    market: market.id,
    jurisdiction,
    locale: here.visit.locale,
  });
  return shownPurposes(purposes, decided, wordsOf(deps, here)).map((shown) => ({
    ...shown,
    expired: shown.current?.kind === 'given' && !isLive(deps, here, shown.current),
  }));
}

/** By the member's home market, for the brand whose purpose it was given to. */
function isLive(deps: AccountDeps, here: Here, current: CurrentDecision): boolean {
  const { settings } = experienceAtHome(deps, here, current.brand);
  return isLiveConsent(current, deps.clock.now(), settings.legal.consentMaxAgeDays);
}

function wordsOf(deps: AccountDeps, here: Here): DecisionWords {
  return {
    textOf: (id, version, jurisdiction) => deps.purposes.text(id, version, here.visit.locale, jurisdiction),
    brandName: (brandId) => deps.experiences.brands().find(({ id }) => id === brandId)?.name,
  };
}

async function decide(
  deps: AccountDeps,
  here: Here,
  purposeId: string,
  { decision, texts }: { decision: 'give' | 'withdraw'; texts: string },
): Promise<void> {
  const { member, visit } = here;
  const shown = await purposeOf(deps, here, purposeId);
  if (stepFor(shown, decision) === 'withdraw') {
    await deps.consents.withdraw(member._id, purposeId, visit);
    return;
  }
  await inTransaction(deps.db, async (tx) => {
    // Read again each time the body runs: of two clicks at once, the second finds the first one's decision.
    const now = await purposeOf(deps, here, purposeId);
    const step = stepFor(now, decision);
    if (step !== 'give' && step !== 'refuse') return;
    if (step === 'give' && texts !== textsMark([now.text]))
      throw new FormError([{ field: 'form', code: 'consent.text_changed' }]);
    const kind = step === 'give' ? ('given' as const) : ('refused' as const);
    const decisions = [{ text: now.text, kind }];
    await deps.consents.record(tx, {
      memberId: member._id,
      home: member.home,
      decisions,
      visit,
      channel: 'web',
    });
  });
}

/**
 * A purpose the member can decide on.
 * @throws DomainError `consent.not_withdrawable` for terms and notices, `route.not_found` for anything else
 */
async function purposeOf(deps: AccountDeps, here: Here, purposeId: string): Promise<ShownPurpose> {
  const { purposes: decided } = await deps.consents.current(here.member._id);
  const shown = purposesOf(deps, here, decided).find(({ text }) => text.id === purposeId);
  if (shown) return shown;
  const isAgreed = decided.some((decision) => decision.purposeId === purposeId);
  throw new DomainError(isAgreed ? 'consent.not_withdrawable' : 'route.not_found');
}
