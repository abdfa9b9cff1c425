/** Releases on a database of their own, with the shipped configuration live, for the tests of this folder. */
import type { Database } from '../../../src/base/db/connection.ts';
import { ensureIndexes } from '../../../src/base/db/migrations.ts';
import { watchCollection } from '../../../src/base/db/watch.ts';
import { createEvents, type EventRecord } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Items } from '../../../src/business/layers/folder.ts';
import type { Author } from '../../../src/business/releases/model.ts';
import { releaseCollections, releaseIndexes } from '../../../src/business/releases/model.ts';
import { openReleases, type Releases, type ReleasesDeps } from '../../../src/business/releases/releases.ts';
import type { Standing } from '../../../src/business/releases/standing.ts';
import { createWorkflow, type Workflow, type WorkflowDeps } from '../../../src/business/releases/workflow.ts';
import { shippedItems, surroundings } from '../../support/configuration.ts';
import { atEnd, testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

/** Somebody who does something. */
export const who = (id: string, kind: Author['kind'] = 'member') => ({
  by: { kind, id },
  visit: systemVisit(`trace-of-${id}`),
});

/** Nobody has lost a right meanwhile. */
export const anybodyMay = async () => true;

/** People of the tests. */
export const ana = who('ana');
export const ben = who('ben');
export const cem = who('cem');

/** What a test may choose. */
export interface Choices extends Partial<Pick<WorkflowDeps, 'sitesOf' | 'clientIds'>> {
  items?: Items;
  db?: Database;
  /** Something in the place of the change stream. */
  watch?: ReleasesDeps['watch'];
  /** Who may approve, and who answers for machines; otherwise everybody, and nobody. */
  standing?: Partial<Standing>;
  onTrouble?: (error: unknown) => void;
  /** Breaks something: what the workflow is given in the place of the releases. */
  broken?: (releases: Releases) => Releases;
}

/** Releases under test. */
export interface TestReleases {
  db: Database;
  clock: ReturnType<typeof movableClock>;
  releases: Releases;
  workflow: Workflow;
  /** Types of every event so far, the oldest first. */
  events(): Promise<EventRecord[]>;
}

/** Opens releases; several on one database are several processes as far as this module can tell. */
export async function testReleases(choices: Choices = {}): Promise<TestReleases> {
  const db = choices.db ?? (await testDatabase());
  if (!choices.db) {
    for (const name of [...Object.values(releaseCollections), 'events', 'eventHeads'])
      await db.main.createCollection(name);
    await ensureIndexes(db, releaseIndexes);
  }
  const clock = movableClock();
  const ids = createIds();
  const events = createEvents({ connection: db.main, clock, ids });
  const shared = { db, clock, ids, events };
  const releases = await openReleases({
    ...shared,
    watch: choices.watch ?? watchCollection,
    onTrouble: choices.onTrouble ?? (() => {}),
    firstItems: () => choices.items ?? shippedItems(),
  });
  atEnd(() => releases.live.close());
  const workflow = createWorkflow({
    ...shared,
    releases: choices.broken?.(releases) ?? releases,
    surroundings,
    sitesOf: choices.sitesOf ?? (async () => new Map()),
    clientIds: choices.clientIds ?? (async () => []),
  });
  workflow.knowStanding({
    mayApprove: anybodyMay,
    answerFor: async () => [],
    ...choices.standing,
  });
  return {
    db,
    clock,
    releases,
    workflow,
    events: () => db.main.collection<EventRecord>('events').find().sort({ sequence: 1 }).toArray(),
  };
}

/** The code a promise was refused with. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code;
    if (error instanceof Error && 'faults' in error) return error.message.split('\n').slice(1);
    throw error;
  }
  throw new Error('it was not refused');
}
