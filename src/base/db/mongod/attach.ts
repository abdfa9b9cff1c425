/** Reaching an embedded MongoDB that another process owns: nothing is started, adopted or stopped here. */
import path from 'node:path';
import { serverOn } from './process.ts';
import { addressOf, isAnswering } from './replica-set.ts';
import { readState } from './state.ts';

/**
 * The address of the embedded MongoDB that runs on a data folder now.
 * @param dataDir folder that `startMongod` was given
 * @returns MongoDB URI without a database name; undefined when none runs
 */
export async function runningMongod(dataDir: string): Promise<string | undefined> {
  const folder = path.resolve(dataDir);
  const port = (await readState(folder))?.port;
  if (port === undefined || (await serverOn(path.join(folder, 'db'))) === undefined) return undefined;
  return (await isAnswering(port)) ? addressOf(port) : undefined;
}
