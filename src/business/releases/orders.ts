/**
 * Orders to publish a draft: at once, or at a time. An order stands on the draft before anything happens, so that a
 * process that falls silent in between leaves something that another one goes on with.
 */
import { trusted } from '../../base/db/schema.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError, type ErrorCode } from '../../base/kernel/errors.ts';
import { systemVisit, type Visit } from '../../base/kernel/visit.ts';
import { ConfigurationRefused } from '../layers/fault.ts';
import {
  changeDraft,
  type DraftWriteDeps,
  sameVersion,
  stillOpen,
  storedDraft,
  type Who,
} from './draft-writes.ts';
import { checkOrder, type GoLiveDeps, goLive, type WentLive } from './go-live.ts';
import { type Author, draftModel, type StoredDraft, type StoredFailure, type StoredOrder } from './model.ts';
import { storedTarget, type Target, targetOf } from './target.ts';

/** How a draft is to be published. */
export interface PublishOptions {
  /** A part of the draft's target, for a first stage (default: all of it). */
  target?: Target | undefined;
  /** Whether regions and markets may lose a release of their own that the draft knows nothing of. */
  ending?: boolean | undefined;
  /** Attributes that members have values of and that may go all the same. */
  orphans?: readonly string[] | undefined;
}

/** How far back the time of a plan may lie: the clock of whoever plans may be behind. Such a plan is due at once. */
const clockSkewMs = 60_000;

/** How long an order is with the process that took it, before another one goes on with it. */
const leaseMs = 30_000;

/**
 * Publishes a draft now.
 * @param deps everything publishing takes
 * @param seen the draft's id and version
 * @param options where, and what may end
 * @param who who publishes
 * @throws what is in the draft's way; the order does not stand then
 */
export async function publishNow(
  deps: GoLiveDeps,
  seen: { id: string; version: number },
  options: PublishOptions,
  who: Who,
): Promise<WentLive> {
  const { order } = await placeOrder(deps, seen, { options, due: dateOf(deps.clock, leaseMs) }, who);
  try {
    return await goLive(deps, seen.id, order.id, who);
  } catch (error) {
    // What is only out of reach for a moment is tried again by the job; what is refused is over.
    if (refusalOf(error)) await dropOrder(deps, seen.id, order.id, who).catch(() => undefined);
    throw error;
  }
}

/**
 * Plans the publication of a draft.
 * @param deps everything publishing takes
 * @param seen the draft's id and version
 * @param options where, what may end, and when
 * @param who in whose name it will happen
 * @throws DomainError `draft.time_past`, `draft.not_submitted`, `draft.not_approved`, `draft.outside_target`,
 * `draft.changed`
 */
export async function planOrder(
  deps: GoLiveDeps,
  seen: { id: string; version: number },
  options: PublishOptions & { at: Date },
  who: Who,
): Promise<StoredDraft> {
  if (options.at.getTime() < deps.clock.now() - clockSkewMs) throw new DomainError('draft.time_past');
  return (await placeOrder(deps, seen, { options, due: options.at, publishAt: options.at }, who)).draft;
}

/**
 * Calls a planned publication off; where there is none, nothing changes.
 * @param deps databases, clock, events
 * @param seen the draft's id and version
 * @param who who does it
 * @throws DomainError `draft.closed`, `draft.changed`
 */
export async function cancelOrder(
  deps: DraftWriteDeps,
  seen: { id: string; version: number },
  who: Who,
): Promise<StoredDraft> {
  return changeDraft(deps, seen, who, (draft) =>
    stillOpen(draft).order
      ? { unset: ['order', 'due'], event: 'configuration.draft_unscheduled' }
      : undefined,
  );
}

async function placeOrder(
  deps: GoLiveDeps,
  seen: { id: string; version: number },
  { options, due, publishAt }: { options: PublishOptions; due: Date; publishAt?: Date },
  who: Who,
): Promise<{ draft: StoredDraft; order: StoredOrder }> {
  await deps.releases.live.reload();
  const before = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  const target = options.target ?? targetOf(before.target);
  const stored = storedTarget(target);
  await checkOrder(deps, before, target);
  const order: StoredOrder = {
    id: deps.ids.id('ord'),
    by: who.by,
    at: dateOf(deps.clock),
    ...(publishAt && { publishAt }),
    target: stored,
    ending: options.ending ?? false,
    orphans: [...(options.orphans ?? [])],
    trace: who.visit.trace,
  };
  const { regions, markets } = stored;
  const told = publishAt && {
    event: 'configuration.draft_scheduled' as const,
    data: { at: publishAt.toISOString(), regions: regions.join(' '), markets: markets.join(' ') },
  };
  const draft = await changeDraft(deps, seen, who, () => ({
    set: { order, due },
    unset: ['failure'],
    ...told,
  }));
  return { draft, order };
}

/** Takes an order away that was refused, where it still stands. */
async function dropOrder(deps: DraftWriteDeps, id: string, order: string, who: Who): Promise<void> {
  const { version } = await storedDraft(deps, id);
  await changeDraft(deps, { id, version }, who, (current) =>
    current.order?.id === order ? { unset: ['order', 'due'] } : undefined,
  );
}

/**
 * Whether somebody may publish changes of these items, and end what other places have of their own where that is wanted:
 * asked again when a planned publication is due.
 */
export type MayPublish = (by: Author, items: readonly string[], ending: boolean) => Promise<boolean>;

/** What became of the orders that were due. */
export interface DueReport {
  published: number;
  failed: number;
  /** Tried again later: the first reason. */
  trouble: unknown;
}

/**
 * Carries out the orders that are due, each exactly once however many processes do so.
 * @param deps everything publishing takes
 * @param mayPublish whether whoever ordered it still may
 * @param keepAlive called between two drafts
 */
export async function carryOutDue(
  deps: GoLiveDeps,
  mayPublish: MayPublish,
  keepAlive: () => Promise<void> = async () => {},
): Promise<DueReport> {
  const report: DueReport = { published: 0, failed: 0, trouble: undefined };
  for (let draft = await takeDue(deps); draft; draft = await takeDue(deps)) {
    const outcome = await carryOut(deps, draft, mayPublish);
    if (outcome === 'published') report.published += 1;
    else if (outcome === 'failed') report.failed += 1;
    else report.trouble ??= outcome.trouble;
    await keepAlive();
  }
  return report;
}

/** The longest due draft, not to be taken by another process before the lease is over. */
async function takeDue({ db, clock }: GoLiveDeps): Promise<StoredDraft | undefined> {
  const now = dateOf(clock);
  const taken = await draftModel(db.main)
    .findOneAndUpdate(
      { due: trusted({ $lte: now }) },
      { $set: { due: dateOf(clock, leaseMs) } },
      { sort: { due: 1 }, returnDocument: 'after' },
    )
    .lean<StoredDraft>();
  return taken ?? undefined;
}

async function carryOut(
  deps: GoLiveDeps,
  draft: StoredDraft,
  mayPublish: MayPublish,
): Promise<'published' | 'failed' | { trouble: unknown }> {
  const { order } = draft;
  if (!order) return 'failed';
  const who = { by: order.by, visit: visitOf(order.by, order.trace) };
  try {
    const items = draft.changes.map(({ item }) => item);
    if (!(await mayPublish(order.by, items, order.ending))) throw new DomainError('permission.missing');
    await goLive(deps, draft._id, order.id, who);
    return 'published';
  } catch (error) {
    const refused = refusalOf(error);
    if (!refused) return { trouble: error };
    await noteFailure(deps, draft, { at: dateOf(deps.clock), ...refused }, who);
    return 'failed';
  }
}

/** The failure belongs to the order that failed: a draft that was changed meanwhile has none any more. */
async function noteFailure(
  deps: DraftWriteDeps,
  draft: StoredDraft,
  failure: StoredFailure,
  who: Who,
): Promise<void> {
  try {
    await changeDraft(deps, { id: draft._id, version: draft.version }, who, () => ({
      set: { failure },
      unset: ['order', 'due'],
      event: 'configuration.draft_failed',
      data: { code: failure.code },
    }));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}

/** Why a draft cannot go live; undefined when that may be different in a moment. */
function refusalOf(error: unknown): { code: ErrorCode; faults: string } | undefined {
  if (error instanceof ConfigurationRefused)
    return { code: 'configuration.refused', faults: JSON.stringify(error.faults.slice(0, 200)) };
  if (error instanceof DomainError && error.status < 500) return { code: error.code, faults: '[]' };
  return undefined;
}

function visitOf({ kind, id }: Author, trace: string): Visit {
  if (kind === 'client') return { ...systemVisit(trace), clientId: id };
  return systemVisit(trace, kind === 'system' ? { kind } : { kind, id });
}
