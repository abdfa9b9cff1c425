/** The account: what tokens and userinfo may say about a member. Claims follow scopes; sealed ones are opened on demand. */
import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { ExperienceQuery, Experiences } from '../../business/experiences/experiences.ts';
import { readableAtHome } from '../../business/experiences/released-attributes.ts';
import type { Member, Members } from '../../people/members/members.ts';
import { currentUnit } from './artefacts/unit.ts';
import { type AskedAttributeDeps, type ReleaseRequest, releasedAttributes } from './asked-attributes.ts';

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

/** What claims are made of. */
export interface AccountDeps extends AskedAttributeDeps {
  members: Members;
  experiences: Pick<Experiences, 'experienceFor'>;
  /** Purposes that the member's data may be used for at a place now. */
  livePurposes(member: Member, at: ExperienceQuery): Promise<ReadonlySet<string>>;
}

/**
 * Builds the library's `findAccount`: undefined for members who may not use anything issued to them.
 * @param deps members, clients, experiences, consents
 */
export function createFindAccount(deps: AccountDeps) {
  const { members } = deps;
  return async (ctx: KoaContextWithOIDC, memberId: string): Promise<Account | undefined> => {
    const member = await memberOfRequest(members, memberId);
    if (member?.status !== 'active') return undefined;
    return {
      accountId: memberId,
      async claims(use, scope, named = {}) {
        const plain = {
          sub: memberId,
          locale: member.locale,
          updated_at: Math.floor(member.updatedAt.getTime() / 1000),
        };
        // Both read the member's key, in one command.
        const [{ email, name }, attributes] = await Promise.all([
          needsSealed(ctx, use, scope, named) ? members.profile(member) : nobody,
          attributesFor(deps, ctx, member, { clientId: ctx.oidc.client?.clientId ?? '', use, scope, named }),
        ]);
        return {
          ...plain,
          ...attributes,
          ...(name && { name }),
          ...(email && { email, email_verified: true }),
        };
      },
    };
  };
}

const nobody = { email: undefined, name: undefined };

/** Values of the attributes that may be said; what is bound to a purpose only where the member's consent to it counts. */
async function attributesFor(
  deps: AccountDeps,
  ctx: KoaContextWithOIDC,
  member: Member,
  asked: ReleaseRequest,
): Promise<Record<string, unknown>> {
  const released = await releasedAttributes(deps, ctx, asked);
  if (!released) return {};
  const { brand, market, settings } = released.experience;
  const { clientId } = asked;
  const home = deps.experiences.experienceFor({ clientId, brand: brand.id, market: member.market });
  const app = { clientId, scopes: asked.scope.split(' ') };
  const readable = readableAtHome(home.settings, app, released.names);
  const purposesOf = (name: string) =>
    [settings, home.settings].flatMap(({ attributes }) => attributes[name]?.purpose ?? []);
  const isBound = readable.some((name) => purposesOf(name).length > 0);
  const place = { clientId, brand: brand.id, market: market.id };
  const live = isBound ? await deps.livePurposes(member, place) : new Set<string>();
  const names = readable.filter((name) => purposesOf(name).every((purpose) => live.has(purpose)));
  return names.length > 0 ? deps.members.attributes(member, names) : {};
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
