/**
 * The embedded MongoDB: owns a private single-node replica set for development, demo and tests: finding a `mongod`,
 * starting it on the loopback address, adopting it after a crash of its owner, stopping it. Never used in
 * production (there `MONGODB_URI` names a real replica set), never touches another `mongod` of the machine.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMongod } from './mongod/find.ts';
import { isFree, pickPort, waitForPort } from './mongod/port.ts';
import {
  aliveArguments,
  endProcess,
  identityOf,
  isAlive,
  logTail,
  ownPid,
  spawnMongod,
} from './mongod/process.ts';
import { addressOf, ensurePrimary, isAnswering } from './mongod/replica-set.ts';
import { type MongodState, readState, writeState } from './mongod/state.ts';
import { type MongodLog, MongodUnavailable } from './mongod/unavailable.ts';

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
const startGraceMs = 30_000;
const stopGraceMs = 20_000;

/**
 * Starts the embedded MongoDB, or adopts the one that outlived its owner, and waits until it takes writes.
 * @param options data folder, port, log, environment
 * @throws MongodUnavailable with a text for the operator: no binary, the folder is in use, or it does not start
 */
export async function startMongod(options: MongodOptions): Promise<Mongod> {
  const dataDir = path.resolve(options.dataDir);
  const dbPath = path.join(dataDir, 'db');
  await mkdir(dbPath, { recursive: true });
  const before = await readState(dataDir);
  refuseSecondOwner(before, dataDir);

  const orphan = await aliveArguments(dbPath);
  if (orphan !== undefined) {
    const wanted = before && argumentsFor(options, dataDir, before.port);
    const portAgrees = options.port === undefined || options.port === before?.port;
    const same = wanted?.every((argument) => orphan.commandLine.includes(argument));
    if (before && same && portAgrees && (await isAnswering(before.port))) {
      options.log.info(`Taking over the MongoDB that kept running (process ${orphan.pid}).`);
      return await takeCharge(options, dataDir, { ...before, pid: orphan.pid });
    }
    options.log.info(`Stopping the MongoDB that kept running (process ${orphan.pid}).`);
    await endProcess(orphan.pid, stopGraceMs);
  }
  const found = await findMongod({
    env: options.env,
    cacheDir: options.cacheDir ?? projectCache,
    log: options.log,
  });
  return await startFresh(options, dataDir, {
    binary: found.path,
    version: found.version,
    port: before?.port,
  });
}

/**
 * Stops the embedded MongoDB of a data folder when its owner is gone; leaves it alone when the owner lives.
 * @param dataDir the folder given to `startMongod`
 * @returns whether the folder is unused now
 */
export async function stopOrphan(dataDir: string): Promise<boolean> {
  const state = await readState(path.resolve(dataDir));
  if (state && isOwnedByOther(state)) return false;
  const orphan = await aliveArguments(path.join(path.resolve(dataDir), 'db'));
  if (orphan !== undefined) await endProcess(orphan.pid, stopGraceMs);
  return true;
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
    ...['--replSet', 'symbolon', '--oplogSize', '256'],
    ...['--wiredTigerCacheSizeGB', '0.25'],
    // the version that is always to be had has a known flaw in its compressed messages (CVE-2025-14847)
    ...['--networkMessageCompressors', 'disabled'],
    // no server-side JavaScript: nothing of ours needs it, and `$where` is the classic way in
    '--noscripting',
    ...['--logpath', path.join(dataDir, 'mongod.log'), '--logappend', '--quiet'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...(options.enableTestCommands ? ['--setParameter', 'enableTestCommands=1'] : []),
  ];
}

interface Start {
  binary: string;
  version: string;
  /** The port used before, if any. */
  port: number | undefined;
}

async function startFresh(options: MongodOptions, dataDir: string, start: Start): Promise<Mongod> {
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new MongodUnavailable(
      `Port ${options.port} for the embedded MongoDB is in use by another program. End that program or choose another port.`,
    );
  }
  const port = options.port ?? (await pickPort(start.port));
  // one start's log at a time: enough to explain a failure, never a growing file
  await rm(path.join(dataDir, 'mongod.log'), { force: true });
  const pid = await spawnMongod(start.binary, argumentsFor(options, dataDir, port));
  const state: MongodState = {
    pid,
    port,
    version: start.version,
    owner: ownPid(),
    ownerIdentity: identityOf(ownPid()),
  };
  await writeState(dataDir, state);
  if (!(await waitForPort(port, () => isAlive(pid), startGraceMs)) || !isAlive(pid)) {
    await endProcess(pid, 0);
    throw new MongodUnavailable(await explainFailure(dataDir, start));
  }
  return await takeCharge(options, dataDir, state);
}

/** Makes this process the owner, and hands out the running server once it takes writes. */
async function takeCharge(options: MongodOptions, dataDir: string, state: MongodState): Promise<Mongod> {
  await writeState(dataDir, { ...state, owner: ownPid(), ownerIdentity: identityOf(ownPid()) });
  try {
    await ensurePrimary(state.port, startGraceMs);
  } catch (error) {
    await endProcess(state.pid, stopGraceMs);
    throw new MongodUnavailable(
      `The embedded MongoDB started but did not become ready to write. Its log: ${path.join(dataDir, 'mongod.log')}`,
      { cause: error },
    );
  }
  let stopping: Promise<void> | undefined;
  return {
    uri: addressOf(state.port),
    pid: state.pid,
    version: state.version,
    stop() {
      stopping ??= endProcess(state.pid, stopGraceMs).then((clean) => {
        if (!clean)
          options.log.warn(
            'The embedded MongoDB did not end in time and was killed; it recovers at its next start.',
          );
      });
      return stopping;
    },
  };
}

function isOwnedByOther(state: MongodState): boolean {
  return (
    state.owner !== ownPid() &&
    state.ownerIdentity !== undefined &&
    identityOf(state.owner) === state.ownerIdentity
  );
}

function refuseSecondOwner(state: MongodState | undefined, dataDir: string): void {
  if (state && isOwnedByOther(state) && isAlive(state.pid)) {
    throw new MongodUnavailable(
      `Another Symbolon (process ${state.owner}) is using the data in ${dataDir}.\n` +
        'Stop it first, or set MONGODB_URI so that both use one MongoDB.',
    );
  }
}

async function explainFailure(dataDir: string, start: Start): Promise<string> {
  const logFile = path.join(dataDir, 'mongod.log');
  return (
    `The embedded MongoDB (${start.binary}, version ${start.version}) did not start on the data in ${dataDir}.\n` +
    `The end of its log (${logFile}):\n${await logTail(logFile)}\n` +
    'If the data were written by another version of MongoDB, name that one in MONGOD_BINARY. ' +
    `To begin anew and lose these data, remove ${dataDir}.`
  );
}
