/** The state file beside an embedded MongoDB's data: on which port it is served, by which version, for whom. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const stateSchema = z.object({
  /** Port used last; kept, so that the address stays the same between starts. */
  port: z.int().min(1).max(65_535).optional(),
  /** Version that served the data last. */
  version: z.string().optional(),
  /** The issuer that uses the data now. */
  owner: z
    .object({
      pid: z.int().positive(),
      /** When that process started, so that a reused process id is not mistaken for it. */
      startedAt: z.string(),
    })
    .optional(),
});

/** What the state file holds. */
export type MongodState = z.infer<typeof stateSchema>;

const fileIn = (dataDir: string) => path.join(dataDir, 'mongod.json');

/**
 * Reads the state file; a missing or broken one is as none, since the server's own lock file tells the rest.
 * @param dataDir folder of the data
 */
export async function readState(dataDir: string): Promise<MongodState | undefined> {
  try {
    return stateSchema.safeParse(JSON.parse(await readFile(fileIn(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * Replaces the state file in one step.
 * @param dataDir folder of the data
 * @param state what is so now
 */
export async function writeState(dataDir: string, state: MongodState): Promise<void> {
  const draft = `${fileIn(dataDir)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state)}\n`);
  await rename(draft, fileIn(dataDir));
}
