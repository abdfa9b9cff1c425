/** What a signed-in member is asked before the browser goes on: terms of a brand, access of a client, or nothing but "continue". */
import { inTransaction } from '../../base/db/transaction.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import type { TermsText } from '../../business/purposes/purposes.ts';
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
  const { scopes, resources, claims } = asked(open);
  const ticked = (scope: string) => neededScopes.has(scope) || fields[`scope.${scope}`] === 'yes';
  const allowed = {
    scopes: scopes.filter(ticked),
    resources: Object.fromEntries(Object.entries(resources).map(([id, names]) => [id, names.filter(ticked)])),
    claims,
  };
  const before = await deps.consents.grantOf(member._id, open.client.id);
  const { visit } = open.ctx.state;
  await inTransaction(deps.db, (tx) =>
    deps.consents.recordGrant(tx, {
      memberId: member._id,
      home: member.home,
      clientId: open.client.id,
      scopes: [
        ...new Set([...(before?.scopes ?? []).filter((scope) => !scopes.includes(scope)), ...allowed.scopes]),
      ],
      resources: Object.entries(allowed.resources).map(([indicator, names]) => ({
        resource: indicator,
        scopes: names,
      })),
      visit,
    }),
  );
  const refused = { scopes: scopes.filter((scope) => !ticked(scope)) };
  goOn(
    deps,
    open,
    await deps.oidc.interactions.consent(open.ctx, { memberId: member._id, allowed, refused }),
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
    refused: { scopes: [] },
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
