/**
 * Counts MongoDB commands: how many the server answered (serverStatus), less its idle background, and of which
 * collections they were (the database profiler). Owns switching the profiler on and off again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Db, Document, MongoClient } from 'mongodb';
import type { Store } from '../peers/store.ts';

/** Commands of one operation at concurrency 1. */
export interface CommandCount {
  /** All data commands per operation, the idle background subtracted. */
  all: number;
  /** Those on protocol artefacts alone. */
  artefacts: number;
  /** Per operation, by command and collection. */
  detail: Record<string, number>;
}

/** Commands that carry data or end a transaction; heartbeats, sessions and change-stream waits are not work per request. */
const counted = [
  'aggregate',
  'bulkWrite',
  'commitTransaction',
  'count',
  'delete',
  'distinct',
  'find',
  'findAndModify',
  'insert',
  'update',
];

/**
 * Counts what a stretch of work costs in commands.
 * @param store the peer's MongoDB
 * @param databases whose collections are told apart
 * @param isArtefact which collections are protocol artefacts
 * @param work does the operations and says how many
 */
export async function countCommands(
  store: Store,
  databases: string[],
  isArtefact: (collection: string) => boolean,
  work: () => Promise<number>,
): Promise<CommandCount> {
  const idlePerMs = await idleRate(store.client);
  const profiled = databases.map((name) => store.client.db(name));
  for (const db of profiled) await startProfiler(db);
  const before = await dataCommands(store.client);
  const began = performance.now();
  const operations = await work();
  const idle = idlePerMs * (performance.now() - began);
  const after = await dataCommands(store.client);
  const entries = (await Promise.all(profiled.map(stopProfiler))).flat();
  const detail = perCollection(entries, operations);
  const artefacts = Object.entries(detail)
    .filter(([key]) => isArtefact(key.slice(key.indexOf(' ') + 1)))
    .reduce((sum, [, each]) => sum + each, 0);
  return { all: Math.max(0, (after - before - idle) / operations), artefacts, detail };
}

/**
 * The sum of counted commands in a serverStatus answer.
 * @param status the answer
 */
export function sumCommands(status: Document): number {
  const commands = (status.metrics?.commands ?? {}) as Record<string, { total?: unknown } | undefined>;
  return counted.reduce((sum, name) => sum + Number(commands[name]?.total ?? 0), 0);
}

async function dataCommands(client: MongoClient): Promise<number> {
  return sumCommands(await client.db('admin').command({ serverStatus: 1 }));
}

async function idleRate(client: MongoClient): Promise<number> {
  const before = await dataCommands(client);
  const began = performance.now();
  await wait(1000);
  return ((await dataCommands(client)) - before) / (performance.now() - began);
}

async function startProfiler(db: Db): Promise<void> {
  await db.command({ profile: 0 });
  await db.dropCollection('system.profile').catch(() => undefined);
  await db.createCollection('system.profile', { capped: true, size: 16 * 1024 * 1024 });
  await db.command({ profile: 2 });
}

async function stopProfiler(db: Db): Promise<Document[]> {
  await db.command({ profile: 0 });
  return db.collection('system.profile').find().toArray();
}

function perCollection(entries: Document[], operations: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const entry of entries) {
    const key = commandOf(entry);
    if (key !== undefined) sums[key] = (sums[key] ?? 0) + 1 / operations;
  }
  return sums;
}

/** `find artefacts`; undefined for what is not counted and for the single statements of a write command. */
export function commandOf(entry: Document): string | undefined {
  const command = (entry.command ?? {}) as Record<string, unknown>;
  const name = counted.find((each) => each in command);
  if (name === undefined) return undefined;
  return `${name} ${command[name]}`;
}
