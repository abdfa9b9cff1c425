/** What a signed-in member is asked before the browser goes on: terms of a brand, access of a client, or nothing but "continue". */
import { inTransaction } from '../../base/db/transaction.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import type { TermsText } from '../../business/purposes/purposes.ts';
import type { CurrentGrant } from '../../people/consents/consents.ts';
import type { Member } from '../../people/members/members.ts';
import { decisionOf } from './complete.ts';
import { type Open, orAgain, proceed, redirect, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { goOn } from './finished.ts';
import { type Fields, legalQuestions, readDecisions } from './legal.ts';
import { textsOf } from './register.ts';
import { consentView, continueAsView, type ScopeQuestion, termsUpdateView } from './views.ts';

/** Scopes a client cannot do without; the others may be left out by the member. */
const neededScopes = new Set(['openid', 'offline_access']);

async function signedIn(deps: InteractionDeps, open: Open): Promise<Member> {
  const { memberId } = open.interaction;
  const member = memberId ? await deps.members.get(memberId) : undefined;
  if (!member) throw new FormError([{ field: 'form', code: 'sign_in.required' }]);
  open.ctx.state.visit = { ...open.ctx.state.visit, actor: { kind: 'member', id: member._id } };
  return member;
}

async function accountOf(
  deps: InteractionDeps,
  member: Member,
): Promise<{ email: string; name?: string | undefined }> {
  const { email = '', name } = await deps.members.profile(member);
  return { email, name };
}

/** Required texts of the client's brand the member has not agreed to yet, in their present version. */
async function missingTerms(deps: InteractionDeps, open: Open, member: Member): Promise<TermsText[]> {
  const required = textsOf(deps, open).terms.filter((text) => text.required);
  return deps.consents.missing(member._id, required);
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

/** What the client asks, split into the protocol's own scopes and those of resources. */
function asked(open: Open) {
  const { params, details } = open.interaction;
  const scopes = String(params.scope ?? '')
    .split(' ')
    .filter(Boolean);
  const missing = details.missingResourceScopes;
  const resources = missing && typeof missing === 'object' ? (missing as Record<string, string[]>) : {};
  const ofResources = new Set(Object.values(resources).flat());
  const claims = Array.isArray(details.missingOIDCClaims) ? details.missingOIDCClaims.map(String) : [];
  return { scopes: scopes.filter((scope) => !ofResources.has(scope)), resources, claims };
}

/** A third party's consent page: what it wants, in words, and what is new. */
export async function showConsent(deps: InteractionDeps, open: Open): Promise<void> {
  const member = await signedIn(deps, open);
  const { client } = open;
  const before = await deps.consents.grantOf(member._id, client.id);
  const allowedBefore = new Set(before?.scopes ?? []);
  const { scopes, resources } = asked(open);
  const question = (name: string): ScopeQuestion => ({
    name,
    optional: !neededScopes.has(name),
    alreadyAllowed: allowedBefore.has(name),
  });
  const {
    logo_uri: _logo,
    policy_uri: policyUrl,
    tos_uri: termsUrl,
    client_uri: site,
    redirect_uris,
  } = client.metadata;
  showStep(deps, open, {
    view: consentView,
    data: {
      action: `${open.base}/consent`,
      client: { name: client.name, host: hostOf(site ?? redirect_uris[0] ?? ''), policyUrl, termsUrl },
      account: await accountOf(deps, member),
      switchAction: `${open.base}/switch`,
      scopes: [...scopes, ...Object.values(resources).flat()].map(question),
      manageUrl: `${deps.issuer}/account/applications`,
    },
  });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

/** Keeps what was allowed as evidence and as a grant, or refuses. */
export async function submitConsent(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  const member = await signedIn(deps, open);
  if (fields.decision !== 'allow') {
    redirect(open.ctx, await deps.oidc.interactions.refuse(open.ctx, 'access_denied', 'the member refused'));
    return;
  }
  const question = asked(open);
  const ticked = (scope: string) => neededScopes.has(scope) || fields[`scope.${scope}`] === 'yes';
  const before = await deps.consents.grantOf(member._id, open.client.id);
  const refused = split(question, (scope) => !ticked(scope));
  const allowed = withBefore(split(question, ticked), refused, before);
  const { visit } = open.ctx.state;
  const about = { memberId: member._id, clientId: open.client.id };
  await inTransaction(deps.db, (tx) =>
    deps.consents.recordGrant(tx, {
      ...about,
      home: member.home,
      scopes: allowed.scopes,
      resources: Object.entries(allowed.resources).map(([resource, scopes]) => ({ resource, scopes })),
      visit,
    }),
  );
  // Less than before: what other browsers hold would still carry the rest, so all of it ends and a new grant begins.
  const afresh = isNarrower(before, allowed);
  if (afresh) await deps.oidc.sessions.endGrants(about.memberId, about.clientId);
  const result = { memberId: member._id, allowed: { ...allowed, claims: question.claims }, refused, afresh };
  goOn(deps, open, await deps.oidc.interactions.consent(open.ctx, result));
}

/** Scopes of the protocol and of resources. */
interface Access {
  scopes: string[];
  resources: Record<string, string[]>;
}

function split(question: Access, keep: (scope: string) => boolean): Access {
  const resources = Object.entries(question.resources).map(
    ([id, names]) => [id, names.filter(keep)] as const,
  );
  return { scopes: question.scopes.filter(keep), resources: Object.fromEntries(resources) };
}

/** What is allowed from now on: what is allowed here, and what was allowed before and is not refused here. */
function withBefore(allowed: Access, refused: Access, before: CurrentGrant | undefined): Access {
  const union = (now: readonly string[], then: readonly string[], not: readonly string[]) => [
    ...new Set([...then.filter((scope) => !not.includes(scope)), ...now]),
  ];
  const resources: Record<string, string[]> = { ...allowed.resources };
  for (const { resource, scopes } of before?.resources ?? []) {
    resources[resource] = union(allowed.resources[resource] ?? [], scopes, refused.resources[resource] ?? []);
  }
  return { scopes: union(allowed.scopes, before?.scopes ?? [], refused.scopes), resources };
}

function isNarrower(before: CurrentGrant | undefined, now: Access): boolean {
  if (!before) return false;
  return (
    before.scopes.some((scope) => !now.scopes.includes(scope)) ||
    before.resources.some(({ resource, scopes }) =>
      scopes.some((scope) => !now.resources[resource]?.includes(scope)),
    )
  );
}

/** A first-party app that must not go on unseen (RFC 8252 section 8.6), or `prompt=consent` of one. */
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

/** Goes on with everything the program's own app asks. */
export async function submitContinue(deps: InteractionDeps, open: Open): Promise<void> {
  const member = await signedIn(deps, open);
  if (!open.client.firstParty) throw new FormError([{ field: 'form', code: 'input.invalid' }]);
  const { scopes, resources, claims } = asked(open);
  const to = await deps.oidc.interactions.consent(open.ctx, {
    memberId: member._id,
    allowed: { scopes, resources, claims },
    refused: { scopes: [], resources: {} },
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
