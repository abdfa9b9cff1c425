/** How good a new password must be, here and for this member: shown beside the field and judged by when it is sent. */
import type { Experiences } from '../../business/experiences/experiences.ts';
import { maxPasswordLength } from '../../people/credentials/password-text.ts';
import { type PasswordDemands, strictest } from '../../people/credentials/policy.ts';
import type { Member } from '../../people/members/members.ts';
import type { Place } from './pages.ts';

/** What the rules are found with. */
export interface PasswordRuleDeps {
  /** What the process asks for in any case. */
  passwordRules: PasswordDemands;
  experiences: Pick<Experiences, 'experienceFor'>;
}

/**
 * The rules as a page shows them beside the field, in code points.
 * @param deps the process's rules, experiences
 * @param place where the password is chosen
 * @param member who chooses it; undefined before there is one
 */
export function shownPasswordRules(
  deps: PasswordRuleDeps,
  place: Pick<Place, 'experience'>,
  member: Pick<Member, 'market'> | undefined,
): { min: number; max: number } {
  return { min: passwordDemands(deps, place, member).minLength, max: maxPasswordLength };
}

/**
 * The strictest of what the process asks for, what the place does, and what the member's home market does.
 * @param deps the process's rules, experiences
 * @param place where the password is chosen
 * @param member who chooses it; undefined before there is one
 */
export function passwordDemands(
  { passwordRules, experiences }: PasswordRuleDeps,
  { experience }: Pick<Place, 'experience'>,
  member: Pick<Member, 'market'> | undefined,
): PasswordDemands {
  const { brand, settings } = experience;
  const home = member && experiences.experienceFor({ brand: brand.id, market: member.market });
  return strictest(passwordRules, settings.password, home?.settings.password ?? {});
}
