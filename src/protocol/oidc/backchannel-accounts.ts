/**
 * Whom a backchannel authentication request is about: found by a proven mail address or by an ID token of the same
 * client. A request that leads to no active member is accepted like any other, for an account that is nobody, so that
 * no client can learn who is a member (CIBA section 13 would let it: `unknown_user_id`).
 */
import type { Account, Client, FindAccount, KoaContextWithOIDC } from 'oidc-provider';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Keys } from '../../base/keys/keys.ts';
import { cibaGrant } from '../../business/clients/client-metadata.ts';
import { normaliseEmail } from '../../business/profiles/email-text.ts';
import type { Members } from '../../people/members/members.ts';
import { isNobody, nobodyOf } from './artefacts/backchannel-adapter.ts';
import { artefactId } from './artefacts/model.ts';
import { currentUnit } from './artefacts/unit.ts';

/** What finding people needs. */
export interface BackchannelAccountDeps {
  members: Members;
  keys: Keys;
  clock: Clock;
}

/** The library's name of the endpoint. */
const backchannelRoute = 'backchannel_authentication';

/** Subjects lead back to their member for so long after the client's last ID token. */
const subjectLifeMs = 400 * 86_400_000;

/**
 * The account a mail address leads to; one that is nobody when it leads to no member.
 * @param deps members and keys
 * @param clientId who asks
 * @param hint the `login_hint`
 * @returns undefined when it is no mail address
 */
export async function accountOfAddress(
  deps: BackchannelAccountDeps,
  clientId: string,
  hint: string,
): Promise<string | undefined> {
  const email = normaliseEmail(hint);
  if (!email) return undefined;
  const member = await deps.members.findByIdentifier({ type: 'email', value: email });
  if (member?.status !== 'active') return markOf(deps, clientId, email);
  currentUnit().keepMember(member);
  return member._id;
}

/**
 * Lets the library find nobody at the backchannel endpoint, and the member behind a pairwise subject.
 * @param findAccount finds members everywhere else
 * @param deps keys
 */
export function withBackchannelAccounts(
  findAccount: FindAccount,
  deps: Pick<BackchannelAccountDeps, 'keys'>,
): FindAccount {
  return async (ctx, id, token) => {
    const { client, route, entities } = ctx.oidc ?? {};
    if (route !== backchannelRoute || !client) return findAccount(ctx, id, token);
    if (isNobody(id)) return nobodysAccount(id);
    const isPairwise = client.subjectType === 'pairwise' && entities?.IdTokenHint !== undefined;
    const memberId = isPairwise ? await memberOfSubject(client, id) : id;
    const account = memberId ? await findAccount(ctx, memberId, token) : undefined;
    return account ?? nobodysAccount(markOf(deps, client.clientId, id));
  };
}

/**
 * Keeps, for clients that may name a member to us, which one a pairwise subject is: it cannot be computed back.
 * @param ctx the request; only the token endpoint gives subjects out
 * @param subject whose subject, at which client, with the scopes of its registration
 * @param clock the injected clock
 */
export function rememberSubject(
  ctx: KoaContextWithOIDC | undefined,
  subject: { memberId: string; client: Client; scope: string | undefined; sub: string },
  clock: Clock,
): void {
  const { memberId, client, scope, sub } = subject;
  const writes = scope?.split(' ').includes('members:attributes.write') ?? false;
  const names = client.grantTypeAllowed(cibaGrant) || writes;
  if (ctx?.oidc?.route !== 'token' || !names) return;
  currentUnit().replace({
    _id: subjectId(client, sub),
    kind: 'Subject',
    member: memberId,
    client: client.clientId,
    expiresAt: dateOf(clock, subjectLifeMs),
  });
}

/**
 * The member behind a pairwise subject that the client was given with an ID token.
 * @param client who names it
 * @param sub the subject
 */
export async function memberOfSubject(client: Client, sub: string): Promise<string | undefined> {
  return (await currentUnit().find(subjectId(client, sub)))?.member;
}

const subjectId = (client: Client, sub: string) => artefactId('Subject', `${client.clientId} ${sub}`);

/** The same for the same address, so that limits count alike; it says nothing without the key. */
function markOf({ keys }: Pick<BackchannelAccountDeps, 'keys'>, clientId: string, hint: string): string {
  return nobodyOf(keyedHash(keys.secret('codes'), 'backchannel-nobody', clientId, hint));
}

function nobodysAccount(accountId: string): Account {
  return { accountId, claims: () => ({ sub: accountId }) };
}
