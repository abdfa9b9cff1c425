/**
 * Dry runs: what members would meet differently if a configuration went live. Owns the journeys, made up and really
 * made, that are replayed against both configurations, and the list of what changes. Never judges a change, and never
 * makes one. This file compares; it reads nothing but its arguments.
 */
import type { Steps } from '../layers/in-turns.ts';
import type { Json } from '../layers/json.ts';
import { type Difference, differencesOf } from './differences.ts';
import { type Journey, journeyName } from './journey.ts';
import { everythingAgreed, type JourneyRules, journeyOutcome } from './outcome.ts';
import type { Side } from './synthetic.ts';

/** A journey to be replayed. */
export interface Replayed {
  journey: Journey;
  /** `recorded`: people really made it. */
  source: 'synthetic' | 'recorded';
  /** How often it was really made; 1 for a made-up one. */
  count: number;
}

/** A journey that changes. */
export interface ChangedJourney extends Replayed {
  /** The journey in one line. */
  name: string;
  differences: Difference[];
}

/** How many of some journeys change. */
export interface Share {
  journeys: number;
  changed: number;
}

/** What a dry run says. */
export interface DryRunReport {
  /** Only the journeys that change. */
  changed: ChangedJourney[];
  summary: {
    synthetic: Share & {
      /** How many there would have been; more than `journeys` when a sample was taken. */
      of: number;
    };
    /** Each shape that people really made once, and how many people's journeys these stand for. */
    recorded: Share & { people: number; changedPeople: number };
    /** Brands and markets that a journey of changes in. */
    brands: string[];
    markets: string[];
    /** What differs, by where, the most frequent first: in how many journeys. */
    paths: { path: string; journeys: number }[];
  };
}

/**
 * Replays journeys against two configurations, each in a step of its own: there may be thousands.
 * @param before how it is
 * @param after how it would be
 * @param journeys what to replay, and how many made-up ones there would have been
 * @param rules rules of later layers
 */
export function* dryRun(
  before: Side,
  after: Side,
  { replayed, of }: { replayed: readonly Replayed[]; of: number },
  rules: JourneyRules,
): Steps<DryRunReport> {
  const changed: ChangedJourney[] = [];
  for (const each of replayed) {
    const differences = compared(before, after, each.journey, rules);
    if (differences.length > 0) changed.push({ ...each, name: journeyName(each.journey), differences });
    yield;
  }
  const share = (source: Replayed['source']) => ({
    journeys: replayed.filter((each) => each.source === source).length,
    changed: changed.filter((each) => each.source === source).length,
  });
  const people = (some: readonly Replayed[]) =>
    some.reduce((sum, { source, count }) => sum + (source === 'recorded' ? count : 0), 0);
  return {
    changed,
    summary: {
      synthetic: { ...share('synthetic'), of },
      recorded: { ...share('recorded'), people: people(replayed), changedPeople: people(changed) },
      ...whatChanges(changed),
    },
  };
}

/**
 * Where some journeys change, and in what.
 * @param changed the journeys
 */
export function whatChanges(
  changed: readonly ChangedJourney[],
): Pick<DryRunReport['summary'], 'brands' | 'markets' | 'paths'> {
  const unique = (key: 'brand' | 'market') => [...new Set(changed.map(({ journey }) => journey[key]))].sort();
  return { brands: unique('brand'), markets: unique('market'), paths: pathsOf(changed) };
}

/** Whoever makes the journey has agreed to what they were asked before the change, and to nothing else. */
function compared(before: Side, after: Side, journey: Journey, rules: JourneyRules): Difference[] {
  const agreed = journey.person.agreed ?? everythingAgreed(before.world, journey);
  const known = { ...journey, person: { ...journey.person, agreed } };
  const outcome = (side: Side) => journeyOutcome(side.world, known, rules) as Json | undefined;
  return differencesOf(outcome(before), outcome(after));
}

function pathsOf(changed: readonly ChangedJourney[]): { path: string; journeys: number }[] {
  const counts = new Map<string, number>();
  for (const { differences } of changed)
    for (const { path } of differences) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts]
    .map(([path, journeys]) => ({ path, journeys }))
    .sort((a, b) => b.journeys - a.journeys || (a.path < b.path ? -1 : 1));
}
