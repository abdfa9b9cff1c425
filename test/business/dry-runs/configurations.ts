/** Configurations for dry runs without a database: the shipped one, changed. */
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import type { DryRunReport } from '../../../src/business/dry-runs/dry-run.ts';
import { dryRun } from '../../../src/business/dry-runs/dry-run.ts';
import type { Journey } from '../../../src/business/dry-runs/journey.ts';
import { journeyOutcome, type Outcome, worldOf } from '../../../src/business/dry-runs/outcome.ts';
import { type Side, type SiteOfClient, syntheticJourneys } from '../../../src/business/dry-runs/synthetic.ts';
import type { Items } from '../../../src/business/layers/folder.ts';
import { atOnce } from '../../../src/business/layers/in-turns.ts';
import { type Json, type JsonObject, mergePatch } from '../../../src/business/layers/json.ts';
import type { LiveConfiguration } from '../../../src/business/releases/live.ts';
import { journeyRules } from '../../../src/journey-rules.ts';
import { faultsOfItems, liveOf, shippedItems } from '../../support/configuration.ts';

/** The moment of every dry run of the tests. */
export const testMoment = Date.parse('2026-11-01T12:00:00Z');

const upstream = { clientId: 'x', clientSecret: 'y' };

/** Rules of a process with both upstreams. */
export const rules = journeyRules(
  { google: upstream, facebook: upstream, password: { minLength: 10, minStrength: 2 } } as never,
  createI18n(),
);

/** The shipped items with merge patches by item; `null` removes an item. */
export function changedItems(patches: Readonly<Record<string, Json>> = {}): Map<string, JsonObject> {
  const items = shippedItems();
  for (const [path, patch] of Object.entries(patches)) {
    if (patch === null) items.delete(path);
    else items.set(path, mergePatch(items.get(path), patch) as JsonObject);
  }
  const faults = faultsOfItems(items);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return items;
}

/** What is live where these items are everything there is. */
export const asIfAlone = (items: Items): LiveConfiguration => liveOf(items).current();

/** One side of a comparison. */
export function sideOf(live: LiveConfiguration): Side {
  return { live, world: worldOf(live, testMoment) };
}

/** A journey at a place of the shipped configuration. */
export function journeyAt(some: Partial<Journey> & Pick<Journey, 'kind'>): Journey {
  return {
    brand: 'volt',
    market: 'de',
    firstParty: true,
    locale: 'de',
    scopes: ['openid'],
    method: 'password',
    person: {},
    ...some,
  };
}

/** What somebody meets in a changed configuration. */
export function outcomeOf(
  journey: Partial<Journey> & Pick<Journey, 'kind'>,
  patches: Readonly<Record<string, Json>> = {},
): Outcome {
  const outcome = journeyOutcome(sideOf(asIfAlone(changedItems(patches))).world, journeyAt(journey), rules);
  if (!outcome) throw new Error('no such place');
  return outcome;
}

/** The dry run from one configuration to another, with made-up journeys only. */
export function compared(before: Items, after: Items, sites: readonly SiteOfClient[] = []): DryRunReport {
  const sides = [sideOf(asIfAlone(before)), sideOf(asIfAlone(after))] as const;
  const { journeys, of } = syntheticJourneys(...sides, sites);
  const replayed = journeys.map((journey) => ({ journey, source: 'synthetic' as const, count: 1 }));
  return atOnce(dryRun(...sides, { replayed, of }, rules));
}
