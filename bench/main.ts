/**
 * `npm run bench`: Symbolon beside two ways of running the bare library, on this machine, in this run. Owns the order
 * of things; prints tables, writes nothing but the file `--json` names, and stops all it started.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { configurationTable } from './configuration-report.ts';
import { type Driver, startDriver } from './driver/driver.ts';
import type { ConfigurationFigures } from './measure/configuration.ts';
import { freePort } from './measure/free-port.ts';
import { cpuSeconds } from './measure/proc.ts';
import { measure, memoryOf, type Plan } from './measure/rounds.ts';
import { soak } from './measure/soak.ts';
import { median } from './measure/statistics.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { memoryPeer } from './peers/memory.ts';
import type { Peer, PeerKind } from './peers/peer.ts';
import { plainPeer } from './peers/plain.ts';
import { symbolonPeer } from './peers/symbolon.ts';
import { number, operationTitles, type PeerReport, type Results, report } from './report.ts';
import { createWorld } from './world.ts';

const concurrency = 16;
/** What a large configuration costs; measured of Symbolon alone. */
const configurationOperation = 'configuration';
const configuredSites = 10_000;
const memberCount = 32;
const kinds: PeerKind[] = [memoryPeer, plainPeer, symbolonPeer];
const run = promisify(execFile);
const running: { stop(): Promise<void> }[] = [];
const stopping = new AbortController();

async function main(options: Options): Promise<void> {
  const began = performance.now();
  const plan = planOf(options);
  const chosen = choosePeers(options);
  if (plan.operations.length === 0) {
    console.log(configurationTable(await configurationFigures()));
    return;
  }
  const driver = startDriver();
  running.push(driver);
  const world = createWorld(memberCount, await freePort());
  const peers: { kind: PeerKind; peer: Peer }[] = [];
  const starts = options.quick || options.soak !== undefined ? 1 : 3;
  for (const kind of chosen) {
    progress(`starting ${kind.name}`);
    const peer = await kind.start(world, { signal: stopping.signal, starts });
    running.push(peer);
    peers.push({ kind, peer });
  }
  if (options.soak !== undefined) return soakLast(peers, driver, plan, options.soak);
  const results = await compare(peers, driver, plan);
  results.seconds = (performance.now() - began) / 1000;
  progress('configuration');
  const configuration = wantsConfiguration(options) ? await configurationFigures() : undefined;
  progress('');
  console.log(report(results, plainPeer.name, symbolonPeer.name));
  if (configuration) console.log(`\n${configurationTable(configuration)}`);
  const written = { ...results, ...(configuration && { configuration }) };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(written, null, 2)}\n`);
}

async function compare(
  peers: { kind: PeerKind; peer: Peer }[],
  driver: Driver,
  plan: Plan,
): Promise<Results> {
  const idle = peers.map(({ peer }) => memoryOf(peer));
  const ceilings: number[] = [];
  const beforeRound = async () => {
    progress('argon2 ceiling');
    ceilings.push(await argon2Ceiling(plan.roundMs));
  };
  const all = peers.map(({ peer }) => peer);
  const figures = await measure(all, driver, plan, { progress, beforeRound });
  const reports = peers.map(
    ({ kind, peer }, index): PeerReport => ({
      peer: kind.name,
      about: kind.about,
      firstAnswerMs: median(peer.firstAnswer),
      idle: idle[index] ?? memoryOf(peer),
      loaded: memoryOf(peer),
    }),
  );
  return {
    cores: availableParallelism(),
    node: process.versions.node,
    mongod: all.find(({ store }) => store !== undefined)?.store?.version,
    accounting: cpuSeconds(process.pid) !== undefined,
    concurrency: plan.concurrency,
    rounds: plan.rounds,
    roundMs: plan.roundMs,
    seconds: 0,
    argon2PerCoreSecond: median(ceilings),
    peers: reports,
    figures,
  };
}

async function soakLast(
  peers: { kind: PeerKind; peer: Peer }[],
  driver: Driver,
  plan: Plan,
  minutes: number,
): Promise<void> {
  const last = peers.at(-1);
  if (last === undefined) return;
  progress('');
  console.log(`${last.kind.name}: mixed load, ${plan.concurrency} at a time, ${minutes} min`);
  const mebibytes = (bytes: number | undefined) =>
    number(bytes === undefined ? undefined : bytes / 1024 ** 2);
  const { operations } = plan;
  await soak(last.peer, driver, { minutes, operations, concurrency: plan.concurrency }, (minute) => {
    const { nodeBytes, mongodBytes, done, failed } = minute;
    console.log(
      `minute ${minute.minute}: Node ${mebibytes(nodeBytes)} MiB, mongod ${mebibytes(mongodBytes)} MiB, ${done} done, ${failed} failed`,
    );
  });
}

function planOf({ quick, only }: Options): Plan {
  const known = Object.keys(operationTitles);
  const unknown = only.filter((operation) => ![...known, configurationOperation].includes(operation));
  if (unknown.length > 0)
    throw new RangeError(
      `unknown operation ${unknown.join(', ')}; known: ${[...known, configurationOperation].join(', ')}`,
    );
  const operations = only.length === 0 ? known : only.filter((each) => each !== configurationOperation);
  return quick
    ? { operations, concurrency, warmUpMs: 250, roundMs: 650, rounds: 1, counted: 5 }
    : { operations, concurrency, warmUpMs: 1200, roundMs: 1600, rounds: 3, counted: 20 };
}

function choosePeers({ peers, soak: minutes }: Options): PeerKind[] {
  const chosen = kinds.filter(({ name }) =>
    peers.length === 0 ? true : peers.some((word) => name.toLowerCase().includes(word.toLowerCase())),
  );
  if (chosen.length === 0)
    throw new RangeError(`no such peer; known: ${kinds.map(({ name }) => name).join(', ')}`);
  return minutes === undefined ? chosen : chosen.slice(-1);
}

async function argon2Ceiling(ms: number): Promise<number> {
  const script = fileURLToPath(new URL('./measure/argon2-ceiling.ts', import.meta.url));
  const env = { ...process.env, UV_THREADPOOL_SIZE: '16' };
  const { stdout } = await run(process.execPath, [script, String(ms), String(concurrency)], { env });
  return Number(stdout);
}

function wantsConfiguration({ only, peers }: Options): boolean {
  return only.length === 0 ? peers.length === 0 : only.includes(configurationOperation);
}

async function configurationFigures(): Promise<ConfigurationFigures> {
  const script = fileURLToPath(new URL('./measure/configuration.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', script, String(configuredSites)]);
  return JSON.parse(stdout);
}

/** One line that is written over, where someone watches; nothing in a log. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

async function stopAll(): Promise<void> {
  stopping.abort();
  await Promise.allSettled(
    running
      .splice(0)
      .toReversed()
      .map((each) => each.stop()),
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(130)));
}
try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help)
    console.log(
      usage.replace('{operations}', [...Object.keys(operationTitles), configurationOperation].join(', ')),
    );
  else await main(options);
} catch (error) {
  if (!stopping.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  progress('');
  await stopAll();
}
