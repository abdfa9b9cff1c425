/**
 * One attempt to make a draft live as it is ordered: its changes are applied to what is live by now, judged as a whole,
 * and published with the draft's own change in one transaction. Nothing before that transaction counts for anything, so
 * an attempt that broke off is made again; nothing of it can happen twice.
 */
import { DomainError } from '../../base/kernel/errors.ts';
import { ConfigurationRefused } from '../layers/fault.ts';
import { canonicalJson } from '../layers/json.ts';
import { withChanges } from '../layers/merge-items.ts';
import { type CheckDeps, refuseFaults } from './draft-check.ts';
import { type ContentDeps, mergedOnto, ontoOf, releaseById } from './draft-content.ts';
import { type DraftWriteDeps, storedDraft, type Who, writeDraft } from './draft-writes.ts';
import type { LiveConfiguration } from './live.ts';
import type { StoredDraft, StoredPublication, StoredStage } from './model.ts';
import type { LoadedRelease } from './release-store.ts';
import type { Releases } from './releases.ts';
import { orphanFaults } from './schema-report.ts';
import { approvalsNeeded, approvalsNow, type StandingDeps } from './standing.ts';
import { checkTarget, liesWithin, liveAt, placesThatEnd, type Target, targetOf } from './target.ts';

/** What publishing drafts takes. */
export type GoLiveDeps = DraftWriteDeps & CheckDeps & ContentDeps & StandingDeps & { releases: Releases };

/** A draft that went live. */
export interface WentLive {
  draft: StoredDraft;
  publication: StoredPublication;
}

/** How often an attempt looks anew when other publications come first. */
const mostTries = 5;

/**
 * Makes a draft live.
 * @param deps databases, clock, events, store, releases, what configurations are judged against
 * @param id the draft
 * @param order id of the order that is carried out
 * @param who in whose name
 * @throws ConfigurationRefused; DomainError `draft.changed` when the order does not stand any more, and whatever is in
 * the draft's way
 */
export async function goLive(deps: GoLiveDeps, id: string, order: string, who: Who): Promise<WentLive> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(deps, id, order, who);
    } catch (error) {
      const overtaken = error instanceof DomainError && error.code === 'configuration.changed';
      if (!overtaken || tries === mostTries) throw error;
    }
  }
}

async function attempt(deps: GoLiveDeps, id: string, orderId: string, who: Who): Promise<WentLive> {
  await deps.releases.live.reload();
  const draft = await storedDraft(deps, id);
  const { order } = draft;
  if (order?.id !== orderId) throw new DomainError('draft.changed');
  const live = deps.live.current();
  const target = targetOf(order.target);
  await checkOrder(deps, draft, target);
  const onto = await releaseById(deps, ontoOf(draft, target, live));
  const { release, items } = await madeRelease(deps, draft, onto);
  if (!order.ending) checkPlaces({ draft, onto: onto.id, live }, target);
  await refuseFaults(deps, items);
  const { configuration: from } = liveAt(target, live)[0] ?? live.all;
  const question = { from, items, target, sitesOf: deps.sitesOf };
  const orphans = await orphanFaults(question, deps.values, order.orphans);
  if (orphans.length > 0) throw new ConfigurationRefused(orphans);
  const written =
    release ??
    (
      await deps.store.write({
        items,
        base: onto,
        parent: onto.id,
        author: draft.author,
        message: draft.message,
        // The same whenever the attempt is made again, so that the release is the same too.
        at: order.publishAt ?? order.at,
      })
    ).id;
  const stage = { release: written, onto: onto.id, target: order.target, by: who.by, content: draft.content };
  let after: StoredDraft = draft;
  const publication = await deps.releases.publish(
    {
      release: written,
      target,
      by: who.by,
      expectedVersion: live.version,
      visit: who.visit,
      occasion: { kind: 'publish', draft: id },
    },
    async (tx, { version, at }) => {
      const before = await storedDraft(deps, id, tx);
      if (before.order?.id !== orderId || before.version !== draft.version)
        throw new DomainError('draft.changed');
      const wanted = published(before, { ...stage, head: version, at });
      after = await writeDraft(deps, { before, wanted, who }, tx);
    },
  );
  return { draft: after, publication };
}

/** The event of the publication tells of it. */
function published(draft: StoredDraft, stage: StoredStage) {
  const everywhere = canonicalJson(draft.target) === canonicalJson(stage.target);
  return {
    set: {
      stages: [...draft.stages, stage],
      ...(everywhere && { state: 'published' as const }),
    },
    unset: ['order', 'due', 'failure', 'remark'] as const,
  };
}

/**
 * Refuses what is not approved at this moment, or goes further than the draft is meant to.
 * @param deps what is live, what is known of the staff
 * @param draft as stored
 * @param target where it is to go live
 * @throws DomainError `draft.not_submitted`, `draft.not_approved`, `draft.outside_target`, `target.unknown`
 */
export async function checkOrder(
  deps: ContentDeps & StandingDeps,
  draft: StoredDraft,
  target: Target,
): Promise<void> {
  const { configuration } = deps.live.current().all;
  if (draft.state === 'open') throw new DomainError('draft.not_submitted');
  const needed = approvalsNeeded(deps);
  const given = needed === 0 ? 0 : (await approvalsNow(deps, draft)).length;
  if (given < needed) throw new DomainError('draft.not_approved', { params: { needed, given } });
  checkTarget(target, configuration);
  if (!liesWithin(target, targetOf(draft.target), configuration))
    throw new DomainError('draft.outside_target');
}

/** What the draft comes to on what is live: a release it has made of it before, or the items of a new one. */
async function madeRelease(deps: GoLiveDeps, draft: StoredDraft, onto: LoadedRelease) {
  const { changes, conflicts } = await mergedOnto(deps, draft, onto);
  if (conflicts.length > 0) throw new DomainError('draft.conflicts');
  if (changes.size === 0) throw new DomainError('draft.empty');
  const stage = draft.stages.find((each) => each.onto === onto.id && each.content === draft.content);
  return { release: stage?.release, items: withChanges(onto.items, changes) };
}

/** Nobody's own release ends unseen: places where another one is live than the changes are applied to are told. */
function checkPlaces(
  { draft, onto, live }: { draft: StoredDraft; onto: string; live: LiveConfiguration },
  target: Target,
): void {
  const mine = new Set([onto, ...draft.stages.map(({ release }) => release)]);
  const places = placesThatEnd(target, live, mine).map(({ id }) => id);
  if (places.length > 0)
    throw new DomainError('draft.places_differ', { params: { places: [...new Set(places)].join(', ') } });
}
