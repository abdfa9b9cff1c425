/**
 * Linking and unlinking an upstream. A link needs a fresh sign-in, a form of ours, and an answer that belongs to the
 * round trip begun by this very session; the key of a link is provider and subject, never the mail address.
 */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { parseQuery } from '../../base/http/body.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { decideUpstream } from '../../people/upstreams/decide.ts';
import type { UpstreamProfile } from '../../people/upstreams/profile.ts';
import type { PendingUpstream } from '../../people/upstreams/service.ts';
import { endEverything } from '../../protocol/oidc/sign-out.ts';
import { requireOffered } from '../interactions/methods.ts';
import { type Here, isFreshOrSent, seeOther, sendToSignIn } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { mailMember } from './mails.ts';
import { securityPath, showSecurity, waysInOf } from './security.ts';
import { accountScope, doneAt, freshMs, requireVisitor, visitorOf } from './visitor.ts';
import { isLastWayIn } from './ways-in.ts';

/** Stands in front of the state of a link's round trip, so that the fixed callback finds this page. */
const accountState = 'account';

const base = `${securityPath}/upstreams/:provider`;
const providerParams = z.object({ provider: z.enum(['google', 'facebook'], { error: 'upstream.unknown' }) });

/** Facebook adds its own parameters to an answer; what is not named here is not read. */
const callbackQuery = z.object({
  state: z.string().max(500).optional(),
  code: z.string().max(4096).optional(),
  error: z.string().max(200).optional(),
  error_code: z.string().max(200).optional(),
  error_reason: z.string().max(200).optional(),
});

type ProviderId = UpstreamProfile['provider'];

/** What a round trip keeps, sealed, under the session that began it. */
const keptPending = z.object({
  pending: z
    .object({
      provider: z.enum(['google', 'facebook']),
      state: z.string(),
      verifier: z.string(),
      startedAt: z.number(),
    })
    .optional(),
});

/**
 * The routes of linking and unlinking.
 * @param deps modules
 */
export function upstreamLinkRoutes(deps: AccountDeps): Route[] {
  return [
    route({
      name: 'account.security.link',
      method: 'POST',
      path: `${base}/link`,
      csrf: accountScope,
      limiter: 'upstream',
      input: { params: providerParams },
      async handle(ctx, { params }) {
        const here = await requireVisitor(deps, ctx, securityPath);
        await orSay(deps, here, () => begin(deps, here, params.provider));
      },
    }),
    route({
      name: 'account.security.callback',
      method: 'GET',
      path: `${base}/callback`,
      limiter: 'upstream',
      input: { params: providerParams },
      async handle(ctx, { params }) {
        const here = await visitorOf(deps, ctx, securityPath);
        if (!here) return sendToSignIn(deps, ctx, securityPath);
        const query = parseQuery(callbackQuery, ctx);
        await orSay(deps, here, () => finish(deps, here, params.provider, query));
      },
    }),
    route({
      name: 'account.security.unlink',
      method: 'POST',
      path: `${base}/unlink`,
      csrf: accountScope,
      limiter: 'upstream',
      input: { params: providerParams },
      async handle(ctx, { params }) {
        const here = await requireVisitor(deps, ctx, securityPath);
        await orSay(deps, here, () => unlink(deps, here, params.provider));
      },
    }),
  ];
}

/** Shows a refusal on the page it belongs to: words, and every way on. */
async function orSay(deps: AccountDeps, here: Here, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError) || !/^(upstream|link)\./.test(error.code)) throw error;
    const faults = [{ field: 'form', code: error.code, params: error.params }];
    await showSecurity(deps, here, { status: error.status, faults });
  }
}

/** The flow of a session; its name leads nobody to the session itself. */
function flowKey(here: Here): string {
  return `${accountState}-${here.session.uid}`;
}

async function begin(deps: AccountDeps, here: Here, provider: ProviderId): Promise<void> {
  const { ctx, visit } = here;
  requireOffered(here.place.experience, provider);
  if (!isFreshOrSent(deps, here, { path: securityPath, withinMs: freshMs })) return;
  const linked = await deps.members.identifierTypes(here.member._id);
  if (linked.includes(provider)) return seeOther(ctx, securityPath);
  await deps.throttles.attempt('upstream', { ip: visit.ip });
  const { redirectTo, pending } = await deps.upstreams.begin(provider, {
    interactionUid: accountState,
    locale: visit.locale,
  });
  deps.oidc.flows.write(flowKey(here), { pending });
  seeOther(ctx, redirectTo);
}

async function finish(
  deps: AccountDeps,
  here: Here,
  provider: ProviderId,
  query: z.output<typeof callbackQuery>,
): Promise<void> {
  const { ctx, member, visit } = here;
  requireOffered(here.place.experience, provider);
  const pending = await takePending(deps, here);
  await deps.throttles.attempt('upstream', { ip: visit.ip });
  const profile = await deps.upstreams.finish(provider, query, pending);
  const found = await deps.members.findByIdentifier({ type: provider, value: profile.subject });
  const action = decideUpstream({
    profile,
    linkedMember: found && { id: found._id, available: found.status === 'active' },
    signedInMember: { id: member._id, available: true },
  });
  if (action.kind === 'refuse') throw new DomainError(action.code);
  if (action.kind !== 'link') throw new DomainError('upstream.invalid_answer');
  if (found) return seeOther(ctx, securityPath);
  await link(deps, here, profile);
  doneAt(deps, ctx, { path: securityPath, notice: 'upstream-linked', about: provider });
}

/**
 * The round trip that this session began; it is forgotten, durably, before its answer is used.
 * @throws DomainError `upstream.state_mismatch` when there is none
 */
async function takePending(deps: AccountDeps, here: Here): Promise<PendingUpstream> {
  const key = flowKey(here);
  const { pending } = keptPending.parse((await deps.oidc.flows.read(key)) ?? {});
  if (!pending) throw new DomainError('upstream.state_mismatch');
  await deps.oidc.inUnit(async () => deps.oidc.flows.write(key, {}));
  return pending;
}

async function link(deps: AccountDeps, here: Here, profile: UpstreamProfile): Promise<void> {
  const { member, visit } = here;
  const { provider, subject } = profile;
  // One subject of each upstream: a second one would be a way in that the page does not show.
  if ((await deps.members.identifierTypes(member._id)).includes(provider))
    throw new DomainError('link.taken');
  try {
    await inTransaction(deps.db, async (tx) => {
      await deps.members.claim(tx, member, { type: provider, value: subject }, visit);
      const about = { memberId: member._id, home: member.home, visit };
      await deps.events.record(tx, { type: 'upstream.linked', ...about, data: { provider } });
      await mailMember(deps, tx, here, { template: 'upstream-linked', upstreamName: nameOf(deps, provider) });
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'identifier.taken')
      throw new DomainError('link.taken');
    throw error;
  }
}

/** Unlinking what is not linked has the same answer. From the commit on, nobody signs in by it, nor stays in by it. */
async function unlink(deps: AccountDeps, here: Here, provider: ProviderId): Promise<void> {
  const { ctx, member, visit } = here;
  if (!isFreshOrSent(deps, here, { path: securityPath, withinMs: freshMs })) return;
  const epoch = await inTransaction(deps.db, async (tx) => {
    const before = await deps.members.identifierTypes(member._id);
    if (!before.includes(provider)) return undefined;
    const about = { memberId: member._id, home: member.home, visit };
    // The event comes first: it takes the member's place in the log, so that of two unlinkings at once the second
    // is run again and finds what the first has left.
    await deps.events.record(tx, { type: 'upstream.unlinked', ...about, data: { provider } });
    if (isLastWayIn(await waysInOf(deps, here), provider)) throw new DomainError('link.last_way_in');
    await deps.members.release(tx, member, provider, visit);
    // Whoever came in by the link goes with it (ASVS 5.0 7.4.3); only this session lives on.
    const raised = await endEverything(deps, tx, { memberId: member._id, kept: here.session.uid });
    const upstreamName = nameOf(deps, provider);
    await mailMember(deps, tx, here, { template: 'upstream-unlinked', upstreamName });
    return raised;
  });
  if (epoch !== undefined) await deps.oidc.browserSessions.renew(ctx, epoch);
  doneAt(deps, ctx, { path: securityPath, notice: 'upstream-unlinked', about: provider });
}

function nameOf(deps: AccountDeps, provider: ProviderId): string {
  return deps.upstreams.list().find(({ id }) => id === provider)?.label ?? provider;
}
