import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../src/base/db/mongod/process.ts';
import { startMongod, stopOrphan } from '../../src/base/db/mongod.ts';

const prefix = 'symbolon-test-';

/** Starts the run's own MongoDB, in a folder of its own: never the developer's data. */
export default async function startForRun() {
  await sweep();
  const dataDir = await mkdtemp(path.join(tmpdir(), `${prefix}${process.pid}-`));
  const tell = (_fields, text) => process.stderr.write(`${text}\n`);
  const mongod = await startMongod({
    dataDir,
    log: { info: tell, warn: tell },
    env: process.env,
    enableTestCommands: true,
  });
  const end = async () => {
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  // jest runs no teardown when it is interrupted
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => void end().finally(() => process.exit(130)));
  process.env.TEST_MONGODB_URI = mongod.uri;
  globalThis.endTestMongod = end;
}

/** Removes what runs that were killed could not remove. */
async function sweep() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    // a run that lives may not have got as far as saying so in its folder
    if (isAlive(Number(name.slice(prefix.length).split('-')[0]))) continue;
    const folder = path.join(tmpdir(), name);
    if (await stopOrphan(folder)) await rm(folder, { recursive: true, force: true });
  }
}
