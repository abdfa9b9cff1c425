/** What happens when a request wants another authentication level (`acr`) than the session has. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { acrValues } from './levels.ts';

/** The part of the claims parameter that concerns levels (OpenID Connect Core section 5.5.1.1). */
const claimsShape = z.object({
  id_token: z
    .object({
      acr: z
        .object({
          essential: z.boolean().optional(),
          value: z.unknown().optional(),
          values: z.array(z.unknown()).optional(),
        })
        .nullish(),
    })
    .optional(),
});

/** Levels a request wants; an essential one must be met. */
interface Wanted {
  essential: boolean;
  levels: readonly unknown[];
}

/**
 * Reads the parameters themselves: the library lets `acr_values`, also those of a client's defaults, take the place
 * of an essential claim.
 */
function wantedLevels(ctx: KoaContextWithOIDC): Wanted {
  const { claims, acr_values: values } = ctx.oidc.params ?? {};
  const acr = typeof claims === 'string' ? claimsShape.parse(JSON.parse(claims)).id_token?.acr : undefined;
  const named = [...(acr?.value === undefined ? [] : [acr.value]), ...(acr?.values ?? [])];
  if (acr?.essential && named.length > 0) return { essential: true, levels: named };
  const wished = typeof values === 'string' ? values.split(' ').filter(Boolean) : [];
  return { essential: false, levels: [...wished, ...named] };
}

/**
 * Puts one question in the place of the library's two, which would ask for ever and know no `acr_values`.
 * @param login the prompt
 * @throws errors.UnmetAuthenticationRequirements at once for an essential level that nobody can reach, and after a
 *   sign-in that did not reach it (OpenID Connect Core Unmet Authentication Requirements 1.0)
 */
export function askForLevel(login: interactionPolicy.Prompt): void {
  login.checks.remove('essential_acrs');
  login.checks.remove('essential_acr');
  login.checks.add(
    new interactionPolicy.Check('acr', 'another authentication level is needed', 'login_required', (ctx) => {
      const { essential, levels } = wantedLevels(ctx);
      const { session, result } = ctx.oidc;
      if (levels.length === 0) return false;
      const met = session?.accountId !== undefined && levels.includes(session.acr);
      const reachable = levels.some((level) => acrValues.includes(String(level)));
      if (met) return false;
      if (essential && (!reachable || result?.login))
        throw new errors.UnmetAuthenticationRequirements('the authentication level cannot be reached');
      // What is only wished for is no reason to ask twice, to ask in vain, or to fail where nobody can be asked.
      if (!essential && (!reachable || result?.login || ctx.oidc.prompts.has('none'))) return false;
      return true;
    }),
  );
}
