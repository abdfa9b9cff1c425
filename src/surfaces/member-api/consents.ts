/** Consents by API: what a member can decide on at the client's brand, and the decisions. */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { isShown } from '../../business/purposes/asked-texts.ts';
import type { PurposeText } from '../../business/purposes/purposes.ts';
import { isLiveConsent, shortestAge, stepFor } from '../../people/consents/consent-state.ts';
import type { CurrentDecision } from '../../people/consents/consents.ts';
import type { ShownPurpose } from '../account/decisions.ts';
import type { AccountApiDeps } from './deps.ts';
import { type MemberHere, memberHere } from './member-here.ts';

const path = '/api/account/consents';
const states = ['open', 'given', 'refused', 'withdrawn', 'expired'] as const;

const consent = z
  .object({
    purpose: z.string(),
    state: z.enum(states).meta({
      description: '`open`: never decided. `expired`: given so long ago that it does not count any more.',
    }),
    decidedAt: z.string().nullable().meta({ description: 'ISO 8601.' }),
    decidedVersion: z.string().nullable().meta({ description: 'The version that was decided on.' }),
    title: z.string(),
    summary: z.string().meta({ description: 'One plain sentence: the label beside the choice.' }),
    text: z.string().meta({ description: 'The whole text; blank lines part paragraphs.' }),
    version: z.string().meta({ description: 'The version in force: the one to decide on.' }),
    language: z.string().meta({ description: 'Language of the text.' }),
    hash: z.string().meta({ description: 'SHA-256 of the exact text, base64url.' }),
  })
  .meta({ id: 'Consent' });

const purposeId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const short = z.string().min(1).max(100);

const decision = z
  .discriminatedUnion('state', [
    z.strictObject({
      state: z.literal('given'),
      version: short.meta({ description: 'Of the text that was shown, as it was read here.' }),
      language: short,
      hash: short,
    }),
    z.strictObject({ state: z.literal('withdrawn') }),
  ])
  .meta({ id: 'ConsentDecision' });

type Decision = z.output<typeof decision>;

/**
 * `GET /api/account/consents` and `PUT /api/account/consents/:purpose`
 * @param deps modules
 */
export function consentRoutes(deps: AccountApiDeps): Route[] {
  const auth = { api: 'account', scopes: ['account:consents'] as const };
  return [
    jsonRoute({
      name: 'account_api.consents',
      method: 'GET',
      path,
      summary: 'Reads what the member can agree to, and where they stand.',
      description: 'The purposes of the client’s brand in the member’s home market.',
      tag: 'consents',
      limiter: 'edge',
      auth,
      errors: ['member.unavailable'],
      answers: { 200: z.object({ items: z.array(consent) }) },
      async handle(ctx) {
        const here = await memberHere(deps, ctx);
        const { purposes: decided } = await deps.consents.current(here.member._id);
        const { purposes } = deps.purposes.forVisit(queryOf(here, here.visit.locale));
        const items = purposes.map((text) => toConsent(shownOf(deps, here, { text, decided })));
        return { status: 200, body: { items } };
      },
    }),
    jsonRoute({
      name: 'account_api.consents.decide',
      method: 'PUT',
      path: `${path}/:purpose`,
      summary: 'Gives or withdraws a consent.',
      description:
        'Giving names the exact text that was shown: when it is not the one in force any more, nothing is recorded (`consent.text_changed`). Withdrawing always works; where nothing was ever decided it is kept as a refusal. Repeating a decision changes nothing.',
      tag: 'consents',
      limiter: 'edge',
      auth,
      errors: ['consent.text_changed', 'consent.not_withdrawable', 'member.unavailable', 'route.not_found'],
      input: { params: z.object({ purpose: purposeId }), body: decision },
      answers: { 200: consent },
      async handle(ctx, { params, body }) {
        await decide(deps, ctx, params.purpose, body);
        const here = await memberHere(deps, ctx);
        const language = body.state === 'given' ? body.language : here.visit.locale;
        return { status: 200, body: toConsent(await purposeOf(deps, here, params.purpose, language)) };
      },
    }),
  ];
}

function queryOf({ experience }: MemberHere, locale: string) {
  const { brand, market, jurisdiction } = experience;
  return { brand: brand.id, market: market.id, jurisdiction, locale };
}

async function decide(
  deps: AccountApiDeps,
  ctx: EdgeContext,
  purpose: string,
  body: Decision,
): Promise<void> {
  const here = await memberHere(deps, ctx);
  const { member, visit } = here;
  // An app decides on purposes of its own brand only; those of others the member takes back on the account pages.
  if (!deps.purposes.find(purpose, queryOf(here, visit.locale))) throw new DomainError('route.not_found');
  if (body.state === 'withdrawn' && (await deps.consents.withdraw(member._id, purpose, visit, 'api'))) return;
  await inTransaction(deps.db, async (tx) => {
    // Read again each time the body runs: of two decisions at once, the second finds the first one's.
    const language = body.state === 'given' ? body.language : visit.locale;
    const shown = await purposeOf(deps, here, purpose, language);
    const { text } = shown;
    if (body.state === 'given' && !isShown(text, body)) throw new DomainError('consent.text_changed');
    const step = stepFor(shown, body.state === 'given' ? 'give' : 'withdraw');
    if (step !== 'give' && step !== 'refuse') return;
    const decisions = [{ text, kind: step === 'give' ? ('given' as const) : ('refused' as const) }];
    await deps.consents.record(tx, {
      memberId: member._id,
      home: member.home,
      decisions,
      visit,
      channel: 'api',
    });
  });
}

async function purposeOf(
  deps: AccountApiDeps,
  here: MemberHere,
  purpose: string,
  language: string,
): Promise<ShownPurpose> {
  const text = deps.purposes.find(purpose, queryOf(here, language));
  if (!text) throw new DomainError('route.not_found');
  if (text.kind !== 'purpose') throw new DomainError('consent.not_withdrawable');
  const { purposes: decided } = await deps.consents.current(here.member._id);
  return shownOf(deps, here, { text, decided });
}

function shownOf(
  { clock, experiences }: AccountApiDeps,
  { experience, visit }: MemberHere,
  { text, decided }: { text: PurposeText; decided: readonly CurrentDecision[] },
): ShownPurpose {
  const current = decided.find((each) => each.purposeId === text.id);
  // Of the member's home market and the place of use the shorter counts, as for whatever is bound to it.
  const age = shortestAge([experience, experiences.experienceFor(visit)]);
  const expired = current?.kind === 'given' && !isLiveConsent(current, clock.now(), age);
  return { text, current, expired };
}

function toConsent({ text, current, expired }: ShownPurpose): z.input<typeof consent> {
  const kind = states.find((state) => state === current?.kind) ?? 'open';
  return {
    purpose: text.id,
    state: expired ? 'expired' : kind,
    decidedAt: current?.at.toISOString() ?? null,
    decidedVersion: current?.version ?? null,
    title: text.title,
    summary: text.summary,
    text: text.plain,
    version: text.version,
    language: text.language,
    hash: text.hash,
  };
}
