/** The account: what tokens and userinfo may say about a member. Claims follow scopes; sealed ones are opened on demand. */
import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { Member, Members } from '../../people/members/members.ts';
import { currentUnit } from './artefacts/unit.ts';

/** Claims by scope (OpenID Connect Core section 5.4). */
export const claimsByScope = {
  openid: ['sub', 'auth_time', 'acr', 'amr'],
  profile: ['name', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
} as const;

/**
 * The member of this request, read at most once: it came with the artefact that led here, or is read now.
 * @param members the members
 * @param memberId member id
 */
export async function memberOfRequest(members: Members, memberId: string): Promise<Member | undefined> {
  const unit = currentUnit();
  const known = unit.member(memberId);
  if (known) return known as Member;
  const member = await members.get(memberId);
  if (member) unit.keepMember(member);
  return member;
}

/**
 * Builds the library's `findAccount`: undefined for members who may not use anything issued to them.
 * @param members the members
 */
export function createFindAccount(members: Members) {
  return async (ctx: KoaContextWithOIDC, memberId: string): Promise<Account | undefined> => {
    const member = await memberOfRequest(members, memberId);
    if (member?.status !== 'active') return undefined;
    return {
      accountId: memberId,
      async claims(use, scope, claims = {}) {
        const plain = {
          sub: memberId,
          locale: member.locale,
          updated_at: Math.floor(member.updatedAt.getTime() / 1000),
        };
        if (!needsSealed(ctx, use, scope, claims)) return plain;
        const { email, name } = await members.profile(member);
        return { ...plain, ...(name && { name }), ...(email && { email, email_verified: true }) };
      },
    };
  };
}

/** Claims that the member's key must open. */
const sealed: readonly string[] = ['name', 'email', 'email_verified'];

/**
 * Whether sealed claims can end up in the answer: by a scope, or because they were asked for by name. An ID token
 * beside an access token for userinfo carries none of a scope (OpenID Connect Core section 5.4), so the member's key
 * need not be read for it.
 */
function needsSealed(
  ctx: KoaContextWithOIDC,
  use: string,
  scope: string,
  named: Readonly<Record<string, unknown>>,
): boolean {
  if (sealed.some((claim) => claim in named)) return true;
  if (use === 'id_token' && !ctx.oidc.entities.AccessToken?.aud) return false;
  const scopes = scope.split(' ');
  return scopes.includes('email') || scopes.includes('profile');
}
