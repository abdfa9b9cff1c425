import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

/** The project's folder, with a closing slash. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** An empty folder, removed when the test file is done. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(process.env.TEST_RUN_FOLDER ?? tmpdir(), 'scratch-'));
  folders.push(folder);
  return folder;
}

/** Writes a shell script that can be run, with the folders above it. */
export async function writeProgram(file: string, script: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A script that answers `--version` as a `mongod` of that version does. */
export function fakeMongod(file: string, version: string): Promise<string> {
  return writeProgram(file, `echo "db version v${version}"`);
}
