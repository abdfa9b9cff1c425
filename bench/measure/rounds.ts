/**
 * Measures peers against each other: warm-up, interleaved rounds, command counts, memory. Owns the order and the
 * accounting; printing is the report's.
 */
import type { Driver } from '../driver/driver.ts';
import type { Load, LoadResult } from '../driver/messages.ts';
import type { Peer } from '../peers/peer.ts';
import { type CommandCount, countCommands } from './commands.ts';
import { cpuSeconds, type ResidentMemory, residentMemory } from './proc.ts';
import { median, percentile, total } from './statistics.ts';

/** How long and how often. */
export interface Plan {
  operations: string[];
  concurrency: number;
  warmUpMs: number;
  roundMs: number;
  rounds: number;
  /** Operations in a command count. */
  counted: number;
}

/** One operation at one peer: medians over the rounds. */
export interface Figure {
  operation: string;
  peer: string;
  /** Undefined where the system has no CPU accounting. */
  perCoreSecond: number | undefined;
  perSecond: number;
  p50: number;
  p99: number;
  /** CPU milliseconds per operation: of Node, and of mongod. */
  nodeMs: number | undefined;
  mongodMs: number | undefined;
  done: number;
  failed: number;
  fault: string | undefined;
  commands: CommandCount | undefined;
}

/** What the caller does beside the measuring. */
export interface Hooks {
  progress(text: string): void;
  /** Measures something of its own while no load runs. */
  beforeRound(): Promise<void>;
}

/** Memory of a peer's processes. */
export interface MemoryFigure {
  node: ResidentMemory | undefined;
  mongod: ResidentMemory | undefined;
}

interface Sample {
  result: LoadResult;
  node: number | undefined;
  mongod: number | undefined;
}

const mostOperations = 50_000;

/**
 * Measures every operation at every peer.
 * @param peers the running peers, in the report's order
 * @param driver puts the load
 * @param plan how long and how often
 * @param hooks told what is being done, and asked in between
 */
export async function measure(peers: Peer[], driver: Driver, plan: Plan, hooks: Hooks): Promise<Figure[]> {
  const { progress } = hooks;
  const samples = new Map<string, Sample[]>();
  for (const operation of plan.operations) {
    progress(`warm-up: ${operation}`);
    for (const peer of peers) await sample(peer, driver, loadOf(plan, operation, plan.warmUpMs));
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    await hooks.beforeRound();
    for (const operation of plan.operations) {
      progress(`round ${round} of ${plan.rounds}: ${operation}`);
      for (const peer of peers) {
        const key = `${operation} ${peer.target.peer}`;
        const taken = await sample(peer, driver, loadOf(plan, operation, plan.roundMs));
        samples.set(key, [...(samples.get(key) ?? []), taken]);
      }
    }
  }
  const figures: Figure[] = [];
  for (const operation of plan.operations) {
    progress(`counting commands: ${operation}`);
    for (const peer of peers) {
      const commands = await commandsOf(peer, driver, operation, plan.counted);
      figures.push(
        figureOf(operation, peer, samples.get(`${operation} ${peer.target.peer}`) ?? [], commands),
      );
    }
  }
  return figures;
}

/**
 * Memory of a peer's processes, now and at its highest.
 * @param peer the running peer
 */
export function memoryOf(peer: Peer): MemoryFigure {
  return {
    node: residentMemory(peer.node),
    mongod: peer.store === undefined ? undefined : residentMemory(peer.store.pid),
  };
}

/**
 * One stretch of load with the CPU time it took at the peer.
 * @param peer the running peer
 * @param driver puts the load
 * @param load what to do
 */
export async function sample(peer: Peer, driver: Driver, load: Load): Promise<Sample> {
  await driver.prepare(peer.target, load);
  const cpu = () => ({ node: cpuSeconds(peer.node), mongod: peer.store ? cpuSeconds(peer.store.pid) : 0 });
  const before = cpu();
  const result = await driver.run(peer.target, load);
  const after = cpu();
  return {
    result,
    node: difference(before.node, after.node),
    mongod: difference(before.mongod, after.mongod),
  };
}

function loadOf(plan: Plan, operation: string, ms: number): Load {
  return { operation, concurrency: plan.concurrency, ms, count: mostOperations };
}

async function commandsOf(
  peer: Peer,
  driver: Driver,
  operation: string,
  count: number,
): Promise<CommandCount | undefined> {
  const { store, target } = peer;
  if (store === undefined) return undefined;
  const load: Load = { operation, concurrency: 1, ms: 30_000, count };
  await driver.prepare(target, load);
  await driver.run(target, { ...load, count: 2 });
  await driver.prepare(target, load);
  return countCommands(store, peer.isArtefact, async () => {
    const { latencies } = await driver.run(target, load);
    return latencies.length;
  });
}

function figureOf(
  operation: string,
  peer: Peer,
  samples: Sample[],
  commands: CommandCount | undefined,
): Figure {
  const per = (value: (each: Sample) => number | undefined) => {
    const values = samples.map(value).filter((each) => each !== undefined);
    return values.length === samples.length ? median(values) : undefined;
  };
  const latency = (percent: number) =>
    median(samples.map(({ result }) => percentile(result.latencies, percent)));
  const done = ({ result }: Sample) => result.latencies.length;
  const perDone = (each: Sample, seconds: number | undefined) =>
    seconds === undefined ? undefined : (seconds * 1000) / done(each);
  return {
    operation,
    peer: peer.target.peer,
    perCoreSecond: per((each) => {
      const cpu = total([each.node, each.mongod]);
      return cpu === undefined ? undefined : done(each) / cpu;
    }),
    perSecond: median(samples.map((each) => done(each) / each.result.seconds)),
    p50: latency(50),
    p99: latency(99),
    nodeMs: per((each) => perDone(each, each.node)),
    mongodMs: per((each) => perDone(each, each.mongod)),
    done: samples.reduce((sum, each) => sum + done(each), 0),
    failed: samples.reduce((sum, { result }) => sum + result.failed, 0),
    fault: samples.find(({ result }) => result.fault !== undefined)?.result.fault,
    commands,
  };
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
