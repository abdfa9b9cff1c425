/**
 * Publishing: drafts go live, at once or at their time, in stages or everywhere, and earlier releases come back. Never
 * makes anything live that is not right as a whole or lacks an approval that the program asks for.
 */
import type { Draft } from './draft.ts';
import type { Who } from './draft-writes.ts';
import type { Seen } from './drafts.ts';
import type { GoLiveDeps } from './go-live.ts';
import { type PublicationInfo, publicationOf } from './history.ts';
import {
  cancelOrder,
  carryOutDue,
  type DueReport,
  type MayPublish,
  type PublishOptions,
  planOrder,
  publishNow,
} from './orders.ts';
import { type RollBack, rollBack, undoLast } from './roll-back.ts';
import { draftNow } from './standing.ts';

/** Publishing as other modules see it. */
export interface Publishing {
  /**
   * Publishes a draft; this process has taken it over when the promise is fulfilled. A draft that has gone to a part of
   * its target stays approved for the rest. An attempt that breaks off (a crash, a database out of reach) leaves what
   * was live, and is made again within half a minute unless it is called off.
   * @throws ConfigurationRefused; DomainError `draft.not_submitted`, `draft.not_approved`, `draft.conflicts`,
   * `draft.places_differ`, `draft.outside_target`, `draft.empty`, `draft.changed`, `draft.closed`
   */
  publish(
    seen: Seen,
    options: PublishOptions,
    who: Who,
  ): Promise<{ draft: Draft; publication: PublicationInfo }>;
  /**
   * Plans a publication; it is judged again when it is due, and why it failed then stands on the draft.
   * @throws DomainError `draft.time_past`, and what is in its way already
   */
  schedule(seen: Seen, options: PublishOptions & { at: Date }, who: Who): Promise<Draft>;
  /** Calls a planned or unfinished publication off. */
  cancel(seen: Seen, who: Who): Promise<Draft>;
  /** Makes a release live again where it was before. See roll-back.ts. */
  rollBack(back: RollBack, who: Who): Promise<PublicationInfo>;
  /** Undoes the last publication. See roll-back.ts. */
  undo(undo: { publication: string; reason: string }, who: Who): Promise<PublicationInfo>;
  /** Publishes what is due, where whoever ordered it still may: the recurring job. */
  carryOutDue(mayPublish: MayPublish, keepAlive?: () => Promise<void>): Promise<DueReport>;
}

/**
 * Builds publishing.
 * @param deps databases, clock, events, releases, what configurations are judged against
 */
export function createPublishing(deps: GoLiveDeps): Publishing {
  return {
    async publish(seen, options, who) {
      const { draft, publication } = await publishNow(deps, seen, options, who);
      return { draft: await draftNow(deps, draft), publication: publicationOf(publication) };
    },
    schedule: async (seen, options, who) => draftNow(deps, await planOrder(deps, seen, options, who)),
    cancel: async (seen, who) => draftNow(deps, await cancelOrder(deps, seen, who)),
    rollBack: async (back, who) => publicationOf(await rollBack(deps, back, who)),
    undo: async (undo, who) => publicationOf(await undoLast(deps, undo, who)),
    carryOutDue: (mayPublish, keepAlive) => carryOutDue(deps, mayPublish, keepAlive),
  };
}
