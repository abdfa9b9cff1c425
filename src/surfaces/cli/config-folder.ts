/** A configuration folder and what it was pulled from: the files, and a note of the release they began as. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import {
  type Items,
  readConfigurationFolder,
  writeConfigurationFolder,
} from '../../business/layers/folder.ts';
import { type JsonObject, sameJson } from '../../business/layers/json.ts';
import { recordLegalHashes } from '../../business/layers/legal-hashes.ts';
import type { ItemChanges } from '../../business/layers/merge-items.ts';
import type { LoadedRelease } from '../../business/releases/release-store.ts';
import { Refusal } from './answer.ts';
import type { OpenProgram } from './world.ts';

/** The note beside the files; a dot keeps it out of the configuration. */
const noteFile = '.symbolon/pulled.json';
const noteSchema = z.strictObject({ release: z.string() });

/** A folder as it stands. */
export interface ConfigurationFiles {
  path: string;
  items: Items;
  /** The release the folder was pulled from. */
  base: LoadedRelease;
}

/**
 * Writes a release into a folder.
 * @param folder path of the folder
 * @param release the release
 * @returns paths of the files written or removed
 */
export function writeFolder(folder: string, release: LoadedRelease): string[] {
  const path = resolve(folder);
  const changed = writeConfigurationFolder(path, release.items);
  recordLegalHashes(path);
  noteRelease(path, release.id);
  return changed;
}

/**
 * Notes which release a folder stands for now.
 * @param path absolute path of the folder
 * @param release id of the release
 */
export function noteRelease(path: string, release: string): void {
  mkdirSync(join(path, '.symbolon'), { recursive: true });
  writeFileSync(join(path, noteFile), `${JSON.stringify({ release }, null, 2)}\n`);
}

/**
 * Reads a folder, and the release it was pulled from; one that was never pulled is compared with what is live.
 * @param program the opened program
 * @param folder path of the folder
 * @throws ConfigurationRefused when a file cannot be read; Refusal when there is no folder
 */
export async function readFolder(program: OpenProgram, folder: string): Promise<ConfigurationFiles> {
  const path = resolve(folder);
  if (!existsSync(path))
    throw new Refusal(`There is no folder ${folder}. "symbolon config pull ${folder}" makes one.`);
  const { items, faults } = readConfigurationFolder(path);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  if (items.size === 0)
    throw new Refusal(`${folder} holds no configuration. "symbolon config pull ${folder}" fills it.`);
  const { live, store } = program.releases;
  const all = live.current().all.release;
  const noted = existsSync(join(path, noteFile))
    ? noteSchema.parse(JSON.parse(readFileSync(join(path, noteFile), 'utf8'))).release
    : all.id;
  const base = noted === all.id ? all : await store.read(noted, [all]);
  if (!base)
    throw new Refusal(
      `${folder} was pulled from another program: release ${noted} is not known here. Pull it anew into an empty folder.`,
    );
  return { path, items, base };
}

/**
 * What has to be changed to get from one configuration to another.
 * @param from items
 * @param to items
 */
export function changesBetween(from: Items, to: Items): ItemChanges {
  const changes = new Map<string, JsonObject | undefined>();
  for (const [path, item] of to) if (!sameJson(from.get(path), item)) changes.set(path, item);
  for (const path of from.keys()) if (!to.has(path)) changes.set(path, undefined);
  return changes;
}
