/**
 * The embedded MongoDB: owns a private single-node replica set for development, demo and tests: finding a `mongod`,
 * starting it on the loopback address, adopting it after a crash of its owner, stopping it. Never used in
 * production (there `MONGODB_URI` names a real replica set), never touches another `mongod` of the machine.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MongodLog, MongodUnavailable } from './mongod/common.ts';
import { type FoundMongod, findMongod } from './mongod/find.ts';
import { isFree, pickPort, waitForPort } from './mongod/port.ts';
import { endProcess, isAlive, logTail, serverOn, spawnMongod, startOf } from './mongod/process.ts';
import { addressOf, ensurePrimary, isAnswering, moveMember } from './mongod/replica-set.ts';
import { type MongodState, readState, writeState } from './mongod/state.ts';

/** What the embedded MongoDB needs. */
export interface MongodOptions {
  /** Folder of the data, created when missing; nothing else may be kept in it. */
  dataDir: string;
  /** TCP port on 127.0.0.1; by default the one used before, else a free one. */
  port?: number;
  /** Takes progress ("downloading…") and warnings. */
  log: MongodLog;
  /** `MONGOD_BINARY` and `PATH` are looked up here; without it only the process's own `PATH` counts. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Folder of the fetched binary, shared by all data folders; `.data/mongod` of the project by default. */
  cacheDir?: string;
  /** Gives up the start, also a running download. */
  signal?: AbortSignal;
  /** Tests only: allows fail points (`failCommand`). */
  enableTestCommands?: boolean;
}

/** A running embedded MongoDB. */
export interface Mongod {
  /** MongoDB URI without a database name (use `withDatabase`). */
  uri: string;
  pid: number;
  /** Server version, such as `8.0.17`. */
  version: string;
  /** Ends it cleanly; the data stay. Safe to call twice. */
  stop(): Promise<void>;
}

const projectCache = fileURLToPath(new URL('../../../.data/mongod', import.meta.url));
/** What makes a server a member of its set; last in its arguments, so that it can be left away. */
const setArguments = ['--replSet', 'symbolon', '--oplogSize', '256'];
const startGraceMs = 30_000;
const stopGraceMs = 20_000;

/**
 * Starts the embedded MongoDB, or adopts the one that outlived its owner, and waits until it takes writes.
 * @param options data folder, port, log, environment
 * @throws MongodUnavailable with a text for the operator: no binary, the folder is in use, or it does not start
 */
export async function startMongod(options: MongodOptions): Promise<Mongod> {
  const dataDir = path.resolve(options.dataDir);
  await mkdir(path.join(dataDir, 'db'), { recursive: true });
  const before = (await readState(dataDir)) ?? {};
  refuseSecondOwner(before, dataDir);
  await writeState(dataDir, { ...before, owner: ownProcess() });
  try {
    const running =
      (await adoptOrphan(options, dataDir, before)) ?? (await startFresh(options, dataDir, before));
    await writeState(dataDir, { port: running.port, version: running.version, owner: ownProcess() });
    return await handOut(options, dataDir, running);
  } catch (error) {
    await disown(dataDir);
    throw error;
  }
}

/**
 * The URI of one database on a server.
 * @param uri MongoDB URI without a database name
 * @param database name of the database
 */
export function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}

function argumentsFor(options: MongodOptions, dataDir: string, port: number): string[] {
  return [
    ...['--dbpath', path.join(dataDir, 'db')],
    ...['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
    ...['--wiredTigerCacheSizeGB', '0.25'],
    // the version that is always to be had has a known flaw in its compressed messages (CVE-2025-14847)
    ...['--networkMessageCompressors', 'disabled'],
    // no server-side JavaScript: nothing of ours needs it, and `$where` is the classic way in
    '--noscripting',
    ...['--logpath', path.join(dataDir, 'mongod.log'), '--logappend', '--quiet'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...(options.enableTestCommands ? ['--setParameter', 'enableTestCommands=1'] : []),
    ...setArguments,
  ];
}

/** A server process that listens. */
interface Running {
  pid: number;
  port: number;
  version: string;
}

/** Takes over the server that outlived its owner if it is as we would start it; stops it otherwise. */
async function adoptOrphan(
  options: MongodOptions,
  dataDir: string,
  before: MongodState,
): Promise<Running | undefined> {
  const orphan = await serverOn(path.join(dataDir, 'db'));
  if (orphan === undefined) return undefined;
  const { port, version } = before;
  if (port !== undefined && version !== undefined && (options.port ?? port) === port) {
    const wanted = argumentsFor(options, dataDir, port);
    const same = wanted.join(' ') === orphan.commandLine.slice(1).join(' ');
    if (same && (await isAnswering(port))) {
      options.log.info({ pid: orphan.pid }, 'Taking over the MongoDB that kept running.');
      return { pid: orphan.pid, port, version };
    }
  }
  options.log.info({ pid: orphan.pid }, 'Stopping the MongoDB that kept running.');
  await endProcess(orphan.pid, stopGraceMs);
  return undefined;
}

async function startFresh(options: MongodOptions, dataDir: string, before: MongodState): Promise<Running> {
  const { signal } = options;
  const found = await findMongod({
    ...options,
    env: options.env,
    cacheDir: options.cacheDir ?? projectCache,
    signal,
  });
  signal?.throwIfAborted();
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new MongodUnavailable(
      `Port ${options.port} for the embedded MongoDB is in use. End the program that uses it, or choose another port.`,
    );
  }
  const port = options.port ?? (await pickPort(before.port));
  // one start's log at a time: enough to explain a failure, never a growing file
  await rm(path.join(dataDir, 'mongod.log'), { force: true });
  const args = argumentsFor(options, dataDir, port);
  const listen = async (argv: string[]) => {
    const pid = await spawnMongod(found.path, argv, options.env);
    const listens = await waitForPort(port, () => isAlive(pid) && signal?.aborted !== true, startGraceMs);
    if (listens && isAlive(pid)) return pid;
    await endProcess(pid, stopGraceMs);
    signal?.throwIfAborted();
    throw new MongodUnavailable(await explainFailure(dataDir, found, before.version));
  };
  if (port !== before.port && existsSync(path.join(dataDir, 'db', 'WiredTiger'))) {
    const pid = await listen(args.slice(0, -setArguments.length));
    await moveMember(port, startGraceMs).finally(() => endProcess(pid, stopGraceMs));
  }
  return { pid: await listen(args), port, version: found.version };
}

/** Hands out the running server once it takes writes. */
async function handOut(options: MongodOptions, dataDir: string, running: Running): Promise<Mongod> {
  try {
    await ensurePrimary(running.port, startGraceMs);
  } catch (error) {
    await endProcess(running.pid, stopGraceMs);
    throw new MongodUnavailable(
      `The embedded MongoDB started but did not become ready to write. Its log: ${path.join(dataDir, 'mongod.log')}`,
      { cause: error },
    );
  }
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    const clean = await endProcess(running.pid, stopGraceMs);
    if (!clean) options.log.warn({}, 'The embedded MongoDB had to be killed; it recovers at its next start.');
    await disown(dataDir);
  };
  return {
    uri: addressOf(running.port),
    pid: running.pid,
    version: running.version,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function ownProcess(): MongodState['owner'] {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
}

/** The process that uses the data now, if it lives and is not this one. */
function ownedByOther(state: MongodState | undefined): number | undefined {
  const owner = state?.owner;
  if (owner === undefined || owner.pid === process.pid) return undefined;
  return startOf(owner.pid) === owner.startedAt ? owner.pid : undefined;
}

function refuseSecondOwner(state: MongodState, dataDir: string): void {
  const other = ownedByOther(state);
  if (other === undefined) return;
  throw new MongodUnavailable(
    `Another Symbolon (process ${other}) is using the data in ${dataDir}.\n` +
      'Stop it first, or set MONGODB_URI so that both use one MongoDB.',
  );
}

async function disown(dataDir: string): Promise<void> {
  const { owner: _gone, ...rest } = (await readState(dataDir)) ?? {};
  // the folder itself may be gone by now, as after a test
  await writeState(dataDir, rest).catch(() => undefined);
}

async function explainFailure(
  dataDir: string,
  found: FoundMongod,
  before: string | undefined,
): Promise<string> {
  const logFile = path.join(dataDir, 'mongod.log');
  const otherVersion = before !== undefined && before !== found.version;
  return [
    `The embedded MongoDB (${found.path}, version ${found.version}) did not start on the data in ${dataDir}.`,
    `The end of its log (${logFile}):`,
    await logTail(logFile),
    otherVersion
      ? `The data were last used by version ${before}: name a mongod of that version in MONGOD_BINARY.`
      : '',
    `To begin anew and lose these data, remove ${dataDir}.`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
