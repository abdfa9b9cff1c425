/** Dry runs against what is live: gathers the journeys, and says what a configuration would change. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Clients } from '../clients/clients.ts';
import type { Items } from '../layers/folder.ts';
import { inTurns } from '../layers/in-turns.ts';
import { asIfPublished } from '../releases/as-if-live.ts';
import type { Live, LiveConfiguration } from '../releases/live.ts';
import type { Target } from '../releases/target.ts';
import { type DryRunReport, dryRun, type Replayed } from './dry-run.ts';
import { type JourneyRules, worldOf } from './outcome.ts';
import type { RecordedJourney, RecordedJourneys } from './recorded.ts';
import { type Side, type SiteOfClient, sitesWithLayers, syntheticJourneys } from './synthetic.ts';

/** How many journeys are replayed in one turn: a few milliseconds. */
const journeysInTurn = 16;

/** Which journeys are replayed. */
export type JourneySource = Replayed['source'];

/** The dry runs as other modules see them. */
export interface DryRuns {
  /**
   * What would change for members if these items went live.
   * @param items every item, checked
   * @param target where they would go live
   * @param sources which journeys to replay (default: both kinds)
   */
  run(items: Items, target: Target, sources?: readonly JourneySource[]): Promise<DryRunReport>;
}

/** What the dry runs are made of. */
export interface DryRunsDeps {
  clock: Clock;
  live: Pick<Live, 'current'>;
  clients: Pick<Clients, 'list'>;
  recorded: Pick<RecordedJourneys, 'list'>;
  rules: JourneyRules;
}

/**
 * Builds the dry runs.
 * @param deps clock, what is live, clients, recorded journeys, rules of later layers
 */
export function createDryRuns(deps: DryRunsDeps): DryRuns {
  return {
    async run(items, target, sources = ['synthetic', 'recorded']) {
      const now = deps.live.current();
      const at = deps.clock.now();
      const sideOf = (live: LiveConfiguration): Side => ({ live, world: worldOf(live, at) });
      const before = sideOf(now);
      const after = sideOf(asIfPublished(now, items, target));
      const sites = await sitesOf(deps, before, after);
      await setImmediate();
      const made = sources.includes('synthetic')
        ? syntheticJourneys(before, after, sites)
        : { journeys: [], of: 0 };
      await setImmediate();
      const recorded = sources.includes('recorded') ? await deps.recorded.list() : [];
      const replayed: Replayed[] = [
        ...recorded.map((each) => ({ ...replayOf(each, sites), source: 'recorded' as const })),
        ...made.journeys.map((journey) => ({ journey, source: 'synthetic' as const, count: 1 })),
      ];
      const steps = dryRun(before, after, { replayed, of: made.of }, deps.rules);
      return inTurns(steps, journeysInTurn, () => setImmediate());
    },
  };
}

/** The clients that have a layer on either side; one that is not registered is nobody's site. */
async function sitesOf({ clients }: DryRunsDeps, before: Side, after: Side): Promise<SiteOfClient[]> {
  const ids = new Set(sitesWithLayers(before.live, after.live));
  if (ids.size === 0) return [];
  const all = await clients.list();
  return all
    .filter(({ id }) => ids.has(id))
    .map(({ id, brand, market, firstParty }) => ({ id, brand, market, firstParty }));
}

/** A shape of journeys as one journey of it. */
function replayOf(
  { kind, brand, market, client, method, locale, count }: RecordedJourney,
  sites: readonly SiteOfClient[],
): Omit<Replayed, 'source'> {
  const firstParty = sites.find(({ id }) => id === client)?.firstParty ?? true;
  const about = { kind, brand, market, firstParty, locale, method };
  return {
    journey: {
      ...about,
      ...(client && { clientId: client }),
      scopes: ['openid'],
      person: kind === 'register' ? {} : { signIns: 100, answered: {} },
    },
    count,
  };
}
