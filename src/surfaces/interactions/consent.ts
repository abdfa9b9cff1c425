/** What a signed-in member is asked before the browser goes on: terms of a brand, access of a client, or nothing but "continue". */
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import { termsOfMember } from '../../business/purposes/asked-texts.ts';
import type { TermsText } from '../../business/purposes/purposes.ts';
import type { Member } from '../../people/members/members.ts';
import { accountChoice } from '../../protocol/oidc/account-choice.ts';
import { attributeWords, claimWords } from '../pages/access-words.ts';
import { textsAt } from '../pages/pages.ts';
import { askedAccess, decidedAccess, isNarrower, isOptional, noAccess, withBefore } from './access.ts';
import { decisionOf } from './complete.ts';
import { type Open, orAgain, proceed, redirect, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { goOn } from './finished.ts';
import { type Fields, legalQuestions, readDecisions } from './legal.ts';
import {
  consentView,
  continueAsView,
  redemptionWords,
  type ScopeQuestion,
  termsUpdateView,
} from './views.ts';

/** The member of an interaction. */
export async function signedIn(deps: InteractionDeps, open: Open): Promise<Member> {
  const { memberId } = open.interaction;
  const member = memberId ? await deps.members.get(memberId) : undefined;
  if (!member) throw new FormError([{ field: 'form', code: 'sign_in.required' }]);
  open.ctx.state.visit = { ...open.ctx.state.visit, actor: { kind: 'member', id: member._id } };
  return member;
}

/** Who is signed in, for a page. */
export async function accountOf(
  deps: InteractionDeps,
  member: Member,
): Promise<{ email: string; name?: string | undefined }> {
  const { email = '', name } = await deps.members.profile(member);
  return { email, name };
}

/** Required texts of the client's brand the member has not agreed to yet, in their present version. */
async function missingTerms(deps: InteractionDeps, open: Open, member: Member): Promise<TermsText[]> {
  const brand = open.place.experience.brand.id;
  const { locale } = open.ctx.state.visit;
  return deps.consents.missing(member._id, termsOfMember(deps, { brand, market: member.market, locale }));
}

/** A brand's own required terms. */
export async function showTerms(deps: InteractionDeps, open: Open, error?: DomainError): Promise<void> {
  const member = await signedIn(deps, open);
  const terms = await missingTerms(deps, open, member);
  const { purposes } = await deps.consents.current(member._id);
  const known = terms.some((text) => purposes.some((state) => state.purposeId === text.id));
  showStep(deps, open, {
    view: termsUpdateView,
    data: {
      action: `${open.base}/terms`,
      brandName: open.place.experience.brand.name,
      reason: known ? 'changed' : 'first',
      legal: legalQuestions({ terms, notices: [], purposes: [] }, open.base),
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Keeps the acceptance and goes on. */
export async function submitTerms(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  await orAgain(
    async () => {
      const member = await signedIn(deps, open);
      const terms = await missingTerms(deps, open, member);
      const { faults } = readDecisions({ terms, notices: [], purposes: [] }, fields);
      if (faults.length > 0) throw new FormError(faults);
      const decisions = terms.map((text) => decisionOf(text, 'accepted'));
      await deps.consents.decide({
        memberId: member._id,
        home: member.home,
        decisions,
        visit: open.ctx.state.visit,
        channel: 'web',
      });
      goOn(deps, open, await deps.oidc.interactions.acceptTerms(open.ctx));
    },
    (error) => showTerms(deps, open, error),
  );
}

/** Whether the client asks for more than the one payment: our own apps ask for nothing that must be allowed. */
function asksAccess({ client, interaction }: Open): boolean {
  return !client.firstParty && interaction.reasons.some((reason) => reason !== 'redemption');
}

/** A consent page: what a third party wants, in words, and what is new; and a payment with points, of any app. */
export async function showConsent(deps: InteractionDeps, open: Open): Promise<void> {
  const member = await signedIn(deps, open);
  const { client, interaction } = open;
  const before = await deps.consents.grantOf(member._id, client.id);
  const { scopes, resources, claims } = asksAccess(open) ? askedAccess(interaction, before) : noAccess();
  const known = new Set([...(before?.scopes ?? []), ...(before?.resources ?? []).flatMap((at) => at.scopes)]);
  const words = { settings: open.place.experience.settings, locale: open.ctx.state.visit.locale };
  const question = (name: string): ScopeQuestion => {
    const attributes = interaction.attributes[name] ?? [];
    return {
      name,
      ...attributeWords(deps.i18n, words, { input: `scope.${name}`, attributes }),
      optional: isOptional(name),
      alreadyAllowed: known.has(name) && attributes.every((each) => before?.claims?.includes(each)),
    };
  };
  const {
    logo_uri: _logo,
    policy_uri: policyUrl,
    tos_uri: termsUrl,
    client_uri: site,
    redirect_uris,
  } = client.metadata;
  // Nobody has looked at what a client that registered itself says of its site: where the member is sent is a fact.
  const shown = client.invitation === undefined ? site : String(interaction.params.redirect_uri ?? '');
  showStep(deps, open, {
    view: consentView,
    data: {
      action: `${open.base}/consent`,
      client: { name: client.name, host: hostOf(shown ?? redirect_uris[0] ?? ''), policyUrl, termsUrl },
      account: await accountOf(deps, member),
      switchAction: `${open.base}/switch`,
      redemption: interaction.redemption,
      scopes: [...scopes, ...Object.values(resources).flat()].map(question),
      claims: claims.map((name) => ({
        name,
        ...claimWords(deps.i18n, words, name),
        optional: true,
        alreadyAllowed: before?.claims?.includes(name) ?? false,
      })),
      manageUrl: `${deps.issuer}/account/applications`,
    },
  });
}

/** The host of an app's site, empty when it has none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

/** Keeps what was allowed as evidence and as a grant, or refuses. */
export async function submitConsent(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  const member = await signedIn(deps, open);
  if (fields.decision !== 'allow') {
    await inTransaction(deps.db, (tx) => recordRedemption(deps, open, { tx, member, decision: 'refused' }));
    redirect(open.ctx, await deps.oidc.interactions.refuse(open.ctx, 'access_denied', 'the member refused'));
    return;
  }
  const before = await deps.consents.grantOf(member._id, open.client.id);
  const asked = askedAccess(open.interaction, before);
  const isTicked = (input: string) => fields[input] === 'yes';
  const decided = asksAccess(open)
    ? decidedAccess(asked, open.interaction, isTicked)
    : { allowed: noAccess(), refused: noAccess() };
  const { refused } = decided;
  const allowed = withBefore(decided.allowed, refused, before);
  const about = { memberId: member._id, clientId: open.client.id };
  await inTransaction(deps.db, async (tx) => {
    await recordRedemption(deps, open, { tx, member, decision: 'given' });
    if (!asksAccess(open)) return;
    await deps.consents.recordGrant(tx, {
      ...about,
      home: member.home,
      scopes: allowed.scopes,
      claims: allowed.claims,
      resources: Object.entries(allowed.resources).map(([resource, scopes]) => ({ resource, scopes })),
      visit: open.ctx.state.visit,
    });
  });
  // Less than before: what other browsers hold would still carry the rest, so all of it ends and a new grant begins.
  const afresh = isNarrower(before, allowed);
  if (afresh) await deps.oidc.sessions.endGrants(about.memberId, about.clientId);
  const redeems = open.interaction.redemption !== undefined;
  const result = { memberId: member._id, allowed, refused, afresh, redeems };
  goOn(deps, open, await deps.oidc.interactions.consent(open.ctx, result));
}

/** Appends the decision on the payment that the request asks for, if it asks for one. */
async function recordRedemption(
  deps: InteractionDeps,
  open: Open,
  { tx, member, decision }: { tx: Tx; member: Member; decision: 'given' | 'refused' },
): Promise<void> {
  const { redemption } = open.interaction;
  if (!redemption) return;
  const { visit } = open.ctx.state;
  const { amount, payee } = redemption;
  const wording = textsAt(deps, open.place).t(visit.locale, ...redemptionWords(redemption));
  const about = { memberId: member._id, home: member.home, clientId: open.client.id, visit };
  await deps.consents.recordRedemption(tx, { ...about, decision, amount, payee, wording });
}

/** A choice of account, a first-party app that must not go on unseen (RFC 8252 section 8.6), or `prompt=consent` of one. */
export async function showContinue(deps: InteractionDeps, open: Open): Promise<void> {
  const member = await signedIn(deps, open);
  showStep(deps, open, {
    view: continueAsView,
    data: {
      account: await accountOf(deps, member),
      continueAction: `${open.base}/continue`,
      switchAction: `${open.base}/switch`,
      cancelAction: `${open.base}/cancel`,
    },
  });
}

/** Goes on as whoever is signed in: the account is chosen, or the program's own app gets everything it asks. */
export async function submitContinue(deps: InteractionDeps, open: Open): Promise<void> {
  const member = await signedIn(deps, open);
  const { client, interaction } = open;
  if (interaction.prompt === accountChoice) {
    redirect(open.ctx, await deps.oidc.interactions.keepAccount(open.ctx));
    return;
  }
  if (!client.firstParty || interaction.redemption)
    throw new FormError([{ field: 'form', code: 'input.invalid' }]);
  const allowed = { ...askedAccess(interaction, undefined), claims: interaction.claims };
  const to = await deps.oidc.interactions.consent(open.ctx, {
    memberId: member._id,
    allowed,
    refused: noAccess(),
  });
  goOn(deps, open, to);
}

/** Lets another person sign in instead. */
export function switchAccount(deps: InteractionDeps, open: Open): void {
  proceed(deps, open, { switching: true, step: undefined, email: undefined });
}

/** Ends without signing in; the app hears `access_denied`. */
export async function cancel(deps: InteractionDeps, open: Open): Promise<void> {
  redirect(open.ctx, await deps.oidc.interactions.refuse(open.ctx, 'access_denied', 'the member cancelled'));
}
