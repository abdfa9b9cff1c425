/** Which account: choosing one where somebody is signed in, and what happens when the one that was asked for does not come. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

/** Name of the prompt (OpenID Connect Core section 3.1.2.1). */
export const accountChoice = 'select_account';

/**
 * The prompt `select_account`: shows who is signed in, with a way to be somebody else. Where nobody is, signing in is
 * the choice, and a sign-in within the request has been one.
 */
export function accountChoicePrompt(): interactionPolicy.Prompt {
  const prompt = new interactionPolicy.Prompt({ name: accountChoice, requestable: true });
  const asked = prompt.checks.get(`${accountChoice}_prompt`);
  if (!asked) throw new Error('the library has changed its prompts');
  const isAsked = asked.check;
  asked.check = (ctx) => (ctx.oidc.account && !ctx.oidc.result?.login ? isAsked(ctx) : false);
  return prompt;
}

/**
 * A request for one member (`id_token_hint`, or `sub` by value) ends when another one has just signed in: asking the
 * same person again leads nowhere (OpenID Connect Core section 3.1.2.1).
 * @param login the prompt
 */
export function endOnWrongMember(login: interactionPolicy.Prompt): void {
  for (const reason of ['id_token_hint', 'claims_id_token_sub_value']) {
    const found = login.checks.get(reason);
    if (!found) throw new Error('the library has changed its prompts');
    const isOther = found.check;
    found.check = async (ctx) => {
      await recallHint(ctx);
      const other = await isOther(ctx);
      if (other && ctx.oidc.result?.login) throw new errors.LoginRequired('another member has signed in');
      return other;
    };
  }
}

/** The library reads the hint when a request arrives, and has forgotten it when the person comes back from signing in. */
async function recallHint({ oidc }: KoaContextWithOIDC): Promise<void> {
  const hint = oidc.params?.id_token_hint;
  if (typeof hint !== 'string' || oidc.entities.IdTokenHint || !oidc.client) return;
  try {
    oidc.entity('IdTokenHint', await oidc.provider.IdToken.validate(hint, oidc.client));
  } catch (cause) {
    throw new errors.InvalidRequest('could not validate id_token_hint', undefined, { cause });
  }
}
