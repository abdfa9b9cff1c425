/** What is different between two releases, or would be once a draft goes live. Reads only. */
import { openConfiguration } from '../layers/configuration.ts';
import { diffEffective, diffItems, type EffectiveDiff, type ItemChange } from '../layers/diff.ts';
import type { Items } from '../layers/folder.ts';
import { sitesAmong } from '../layers/item-path.ts';
import type { CheckDeps } from './draft-check.ts';
import { type ContentDeps, releaseById } from './draft-content.ts';
import { outcomeOf } from './draft-report.ts';
import { type DraftWriteDeps, storedDraft } from './draft-writes.ts';
import { reachedBy, type Target, targetOf } from './target.ts';

/** The difference of two configurations. */
export interface Comparison {
  /** The release it begins with. */
  from: string;
  /** What was written differently. */
  items: readonly ItemChange[];
  /** What that comes to, and for whom; undefined where one of the two is not right as a whole. */
  effective: EffectiveDiff | undefined;
}

/** Compares configurations. */
export interface Comparisons {
  /** @throws DomainError `release.unknown` */
  releases(from: string, to: string): Promise<Comparison>;
  /** What would be different at the draft's target. @throws DomainError `draft.unknown` */
  draft(id: string): Promise<Comparison>;
}

/**
 * Builds the comparisons.
 * @param deps databases, store, what is live, the clients
 */
export function createComparisons(
  deps: ContentDeps & Pick<DraftWriteDeps, 'db'> & Pick<CheckDeps, 'sitesOf'>,
): Comparisons {
  async function compare(
    from: { id: string; items: Items },
    to: Items,
    target: Target = 'all',
  ): Promise<Comparison> {
    const items = diffItems(from.items, to);
    const sites = sitesAmong(items.map(({ item }) => item));
    const known = sites.length > 0 ? await deps.sitesOf(sites) : new Map();
    const [before, after] = [opened(from.items), opened(to)];
    const siteOf = (id: string) => known.get(id);
    const effective =
      before &&
      after &&
      diffEffective({ from: before, to: after, siteOf, concerns: reachedBy(target, before, after) });
    return { from: from.id, items, effective };
  }
  return {
    releases: async (from, to) => compare(await releaseById(deps, from), (await releaseById(deps, to)).items),
    async draft(id) {
      const draft = await storedDraft(deps, id);
      const { from, items } = await outcomeOf(deps, draft);
      return compare(from, items, targetOf(draft.target));
    },
  };
}

/** A draft in the middle of its making may lack what a configuration needs to be opened. */
function opened(items: Items) {
  try {
    return openConfiguration(items);
  } catch {
    return undefined;
  }
}
