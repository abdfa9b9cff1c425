/**
 * The note that a demo runs on a data folder: commands on the same folder then know the upstreams that only the demo's
 * own process is configured with.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startOf } from './base/db/mongod/process.ts';

const markSchema = z.object({
  pid: z.int().positive(),
  /** When that process started, so that a reused process id is not mistaken for it. */
  startedAt: z.string(),
});

const markIn = (dataDir: string) => join(dataDir, 'demo.json');

/**
 * Notes that this process is a demo.
 * @param dataDir the data folder
 * @returns takes the note away
 */
export function markDemo(dataDir: string): () => Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const mark = { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
  writeFileSync(markIn(dataDir), `${JSON.stringify(mark)}\n`);
  return async () => rmSync(markIn(dataDir), { force: true });
}

/**
 * Whether a demo runs on a data folder now; a note that a killed one left behind counts for nothing.
 * @param dataDir the data folder
 */
export function demoRuns(dataDir: string): boolean {
  try {
    const { pid, startedAt } = markSchema.parse(JSON.parse(readFileSync(markIn(dataDir), 'utf8')));
    return startOf(pid) === startedAt;
  } catch {
    return false;
  }
}
