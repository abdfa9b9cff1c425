import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endProcess, isAlive, serverOn } from '../../src/base/db/mongod/process.ts';
import { startMongod } from '../../src/base/db/mongod.ts';

const prefix = 'symbolon-test-';

/** Starts the run's own MongoDB, in a folder of its own: never the developer's data. */
export default async function startForRun() {
  await sweep();
  const folder = await mkdtemp(path.join(tmpdir(), `${prefix}${process.pid}-`));
  const dataDir = path.join(folder, 'run');
  await mkdir(dataDir);
  const tell = (_fields, text) => process.stderr.write(`${text}\n`);
  const log = { info: tell, warn: tell };
  const mongod = await startMongod({ dataDir, log, env: process.env, enableTestCommands: true });
  globalThis.endTestMongod = () => clear(folder);
  // jest runs no teardown when it is interrupted
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => clear(folder).finally(() => process.exit(130)));
  }
  process.env.TEST_MONGODB_URI = mongod.uri;
  process.env.TEST_RUN_FOLDER = folder;
}

/** Ends every MongoDB of a run, those that tests started for themselves too, and removes its folder. */
async function clear(folder) {
  for (const name of await readdir(folder)) {
    const server = await serverOn(path.join(folder, name, 'db'));
    if (server) await endProcess(server.pid, 10_000);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Clears what runs that were killed could not clear themselves. */
async function sweep() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length).split('-')[0]))) continue;
    await clear(path.join(tmpdir(), name));
  }
}
