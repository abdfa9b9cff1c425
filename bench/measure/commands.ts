/**
 * Counts MongoDB commands: how many the server answered (serverStatus), less its idle background, and on which
 * collections they worked (the server's log of operations). Owns switching that log on and off again.
 */
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Document, MongoClient } from 'mongodb';
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

/** Commands that carry data or end a transaction; heartbeats and change-stream waits are not work for a request. */
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
 * @param isArtefact which collections hold protocol artefacts
 * @param work does the operations and says how many
 */
export async function countCommands(
  store: Store,
  isArtefact: (collection: string) => boolean,
  work: () => Promise<number>,
): Promise<CommandCount> {
  const idlePerMs = await idleRate(store);
  const { size } = await statOf(store.logFile);
  await logEverything(store.client, true);
  const before = await dataCommands(store.client);
  const began = performance.now();
  const operations = await work();
  const idle = idlePerMs * (performance.now() - began);
  const after = await dataCommands(store.client);
  await logEverything(store.client, false);
  const detail = perCollection(await readFrom(store.logFile, size), operations);
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

/**
 * The command a line of the server's log tells of, as `find artefacts`.
 * @param line one line, JSON as `mongod` writes it
 * @returns undefined for other lines, commands not counted, and the single statements of a write command
 */
export function commandOf(line: string): string | undefined {
  if (!line.includes('"Slow query"')) return undefined;
  const { attr } = JSON.parse(line) as { attr?: { type?: string; command?: Record<string, unknown> } };
  if (attr?.type !== 'command' || attr.command === undefined) return undefined;
  const { command } = attr;
  if (command.$db === 'admin' && !('commitTransaction' in command)) return undefined;
  if (command.$db === 'local' || command.$db === 'config') return undefined;
  const name = counted.find((each) => each in command);
  return name === undefined ? undefined : `${name} ${command[name]}`;
}

async function dataCommands(client: MongoClient): Promise<number> {
  return sumCommands(await client.db('admin').command({ serverStatus: 1 }));
}

const idleRates = new WeakMap<Store, Promise<number>>();

/** Commands per millisecond while nobody asks for anything, measured once for each store. */
function idleRate(store: Store): Promise<number> {
  const known = idleRates.get(store) ?? measureIdle(store.client);
  idleRates.set(store, known);
  return known;
}

async function measureIdle(client: MongoClient): Promise<number> {
  const before = await dataCommands(client);
  const began = performance.now();
  await wait(3000);
  return ((await dataCommands(client)) - before) / (performance.now() - began);
}

/** The server logs what is slower than `slowms`; the profiler itself stays off. */
async function logEverything(client: MongoClient, on: boolean): Promise<void> {
  await client.db('admin').command({ profile: 0, slowms: on ? -1 : 60_000, sampleRate: 1 });
}

async function statOf(path: string): Promise<{ size: number }> {
  const file = await open(path);
  try {
    return await file.stat();
  } finally {
    await file.close();
  }
}

async function readFrom(path: string, position: number): Promise<string[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - position));
    await file.read(buffer, 0, buffer.length, position);
    return buffer.toString('utf8').split('\n');
  } finally {
    await file.close();
  }
}

function perCollection(lines: string[], operations: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of lines) {
    const key = commandOf(line);
    if (key !== undefined) sums[key] = (sums[key] ?? 0) + 1;
  }
  for (const key of Object.keys(sums)) sums[key] = (sums[key] ?? 0) / operations;
  return sums;
}
