/**
 * The interaction policy: when a person must be asked something. Prompts in order: device, account choice, login, terms,
 * questions, consent; each check names its reason. It decides that something is missing, never what the page says.
 */
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Member } from '../../people/members/members.ts';
import { accountChoicePrompt, endOnWrongMember } from './account-choice.ts';
import { currentUnit } from './artefacts/unit.ts';
import { type AskedAttributeDeps, askForClaims } from './asked-attributes.ts';
import { askForLevel } from './authentication-levels.ts';
import { confirmedOnce, deviceConfirmation } from './device-confirmation.ts';
import { type QuestionDeps, questions } from './questions.ts';
import { askForRedemption } from './redemptions.ts';
import { askForScopeLevels, type ScopeLevelDeps } from './scope-levels.ts';

/** What the policy asks other modules. */
export interface PolicyDeps extends ScopeLevelDeps, AskedAttributeDeps, QuestionDeps {
  /** Ids of required texts the member has not accepted yet for this client's brand. */
  missingTerms(member: Member, clientId: string): Promise<readonly string[]>;
}

const { Check, Prompt, base } = interactionPolicy;

/**
 * Builds the policy.
 * @param deps what is still to be accepted
 */
export function createPolicy(deps: PolicyDeps) {
  const policy = base();
  const login = policy.get('login');
  if (!login) throw new Error('the library has no login prompt');
  // First of all: a session whose member is gone counts for nothing.
  login.checks.add(
    new Check('account_missing', 'End-User account is not available', 'login_required', (ctx) =>
      ctx.oidc.session?.accountId && !ctx.oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
    0,
  );
  login.checks.add(
    new Check(
      'brand_freshness',
      'End-User authentication could not be obtained',
      'login_required',
      async (ctx) => ((await isTooOld(ctx)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT),
    ),
  );
  askForLevel(login);
  askForScopeLevels(login, deps);
  endOnWrongMember(login);
  const consent = policy.get('consent');
  if (!consent) throw new Error('the library has no consent prompt');
  askForRedemption(consent);
  askForClaims(consent, deps);
  confirmedOnce(consent);
  policy.add(
    new Prompt(
      { name: 'terms', requestable: false },
      new Check('terms_missing', 'required terms are not accepted', 'interaction_required', async (ctx) =>
        (await missing(ctx)).length > 0 ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    ),
    1,
  );
  policy.add(questions(deps), 2);
  policy.add(accountChoicePrompt(), 0);
  // Before anything else, and whoever is signed in.
  policy.add(deviceConfirmation(), 0);
  return policy;

  /** Like `max_age`, asked by the brand: the session stays as it is for everybody else. */
  async function isTooOld({ oidc }: KoaContextWithOIDC): Promise<boolean> {
    const { session, client, result } = oidc;
    if (!session?.accountId || !client || result?.login) return false;
    const fresh = (await deps.experienceOf(client.clientId))?.settings.session.freshSeconds;
    return fresh !== undefined && session.past(fresh);
  }

  async function missing(ctx: KoaContextWithOIDC): Promise<readonly string[]> {
    const accountId = ctx.oidc.session?.accountId;
    const clientId = ctx.oidc.client?.clientId;
    const member = accountId ? currentUnit().member(accountId) : undefined;
    return member && clientId ? deps.missingTerms(member as Member, clientId) : [];
  }
}
