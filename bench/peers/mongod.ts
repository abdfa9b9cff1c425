/** Which `mongod` the bench runs. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a `mongod`: the one `MONGOD_BINARY` names, else the first on the path.
 * @throws Error with what to do when there is none
 */
export async function findMongod(): Promise<string> {
  const named = process.env.MONGOD_BINARY;
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'mongod'));
  const found = [...(named === undefined ? [] : [named]), ...onPath].find((path) => existsSync(path));
  if (found === undefined) throw new Error('No mongod found. Set MONGOD_BINARY to one.');
  return found;
}
