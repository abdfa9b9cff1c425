/** What would be live if a configuration were published: nothing is read, written or judged. Pure. */
import { openConfiguration } from '../layers/configuration.ts';
import type { Items } from '../layers/folder.ts';
import { type LiveConfiguration, type LiveRelease, liveFrom } from './live.ts';
import { nextHead } from './publish.ts';
import type { Target } from './target.ts';

/** Stands in the place of an id that only a written release has. */
const notYet = 'not-published';

/**
 * What would be live once these items were published.
 * @param now what is live
 * @param items every item, checked
 * @param target where they would go live
 */
export function asIfPublished(now: LiveConfiguration, items: Items, target: Target): LiveConfiguration {
  const live = now.releases();
  const known = live.map(({ release }) => release.id);
  const id = known.includes(notYet) ? `${notYet}-${known.length}` : notYet;
  const made = unwritten(items, id);
  const found = new Map([...live, made].map((each) => [each.release.id, each]));
  const parts = (kind: 'region' | 'market') =>
    now.own.filter((own) => own.kind === kind).map(({ id, live }) => ({ id, release: live.release.id }));
  const head = {
    version: now.version,
    all: now.all.release.id,
    regions: parts('region'),
    markets: parts('market'),
  };
  const next = nextHead(head, { release: id, target }, () => made.configuration);
  const named = new Set([next.all, ...[...next.regions, ...next.markets].map((part) => part.release)]);
  return liveFrom(next, new Map([...found].filter(([each]) => named.has(each))));
}

function unwritten(items: Items, id: string): LiveRelease {
  const author = { kind: 'system' as const, id: notYet };
  const about = { id, parent: undefined, author, message: '', at: new Date(0) };
  return { release: { ...about, items, hashes: new Map() }, configuration: openConfiguration(items) };
}
