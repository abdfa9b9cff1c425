/**
 * The prompt `questions`: what the program wants to know of the member before it issues anything. An answer that a
 * requested scope needs is waited for; what can be skipped is put after a sign-in, or where a session leads here, and
 * never to a request that must not be interrupted. What the questions are is decided elsewhere.
 */
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Member } from '../../people/members/members.ts';
import { currentUnit } from './artefacts/unit.ts';

/** Name of the prompt, and of its answer. */
export const questionsPrompt = 'questions';

/** Where a request leads. */
export interface QuestionVisit {
  clientId: string;
  /** Every scope that is asked for. */
  scopes: readonly string[];
}

/** What the prompt asks other modules. */
export interface QuestionDeps {
  /** Attributes whose values must be there before the client gets anything. */
  missingAnswers(member: Member, visit: QuestionVisit): Promise<readonly string[]>;
  /** Whether there is something to ask, which can be skipped, of a member whose session leads to the client. */
  mayAsk(member: Member, visit: QuestionVisit): Promise<boolean>;
}

const { Check, Prompt } = interactionPolicy;

/**
 * Builds the prompt; it stands behind sign-in and terms, and before consent.
 * @param deps what is missing, what may be asked
 */
export function questions(deps: QuestionDeps): interactionPolicy.Prompt {
  return new Prompt(
    { name: questionsPrompt, requestable: false },
    (ctx: KoaContextWithOIDC) => ({ atSignIn: Boolean(ctx.oidc.result?.login) }),
    new Check('answers_missing', 'the member must answer first', 'interaction_required', async (ctx) =>
      (await isMissing(ctx)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
    new Check('questions_due', 'the member is asked', 'interaction_required', async (ctx) =>
      (await isDue(ctx)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );

  async function isMissing(ctx: KoaContextWithOIDC): Promise<boolean> {
    const at = visitOf(ctx);
    return at !== undefined && (await deps.missingAnswers(at.member, at.visit)).length > 0;
  }

  /** A sign-in has found out whether something is due; it is put once in a request, whatever the answer was. */
  async function isDue(ctx: KoaContextWithOIDC): Promise<boolean> {
    const { result, prompts } = ctx.oidc;
    if (prompts.has('none') || result?.[questionsPrompt]) return false;
    if (result?.login) return result.login.asks === true;
    const at = visitOf(ctx);
    return at !== undefined && deps.mayAsk(at.member, at.visit);
  }
}

function visitOf({ oidc }: KoaContextWithOIDC): { member: Member; visit: QuestionVisit } | undefined {
  const accountId = oidc.session?.accountId;
  const clientId = oidc.client?.clientId;
  const member = accountId ? currentUnit().member(accountId) : undefined;
  if (!member || !clientId) return undefined;
  return { member: member as Member, visit: { clientId, scopes: [...oidc.requestParamScopes] } };
}
