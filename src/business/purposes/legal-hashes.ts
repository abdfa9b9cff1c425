/**
 * The record of what was published: `legal/hashes.json` holds the hash of every text, so that a text changed after
 * somebody agreed to it is noticed. Never replaces a recorded hash: a changed text is a new version.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type ConfigFolder, openConfigFolder } from '../experiences/config-files.ts';

const hashesFile = 'legal/hashes.json';
const hashesSchema = z.record(z.string(), z.string());

/**
 * SHA-256 of a text exactly as stored (line ends as `\n`), base64url: what a recorded decision refers to.
 * @param source the file's text
 */
export function legalTextHash(source: string): string {
  return createHash('sha256').update(source).digest('base64url');
}

/**
 * Compares every text with the record of what was published.
 * @param folder the configuration folder
 * @returns one fault per text that changed, is not recorded, or is recorded and gone
 */
export function legalHashFaults(folder: ConfigFolder): string[] {
  const recorded = folder.json(hashesFile, hashesSchema) ?? {};
  const present = hashesOfTexts(folder);
  const faults = Object.entries(present).flatMap(([path, hash]) => {
    if (recorded[path] === hash) return [];
    return recorded[path] === undefined
      ? [`${path}: not recorded in ${hashesFile} yet`]
      : [`${path}: was changed after it was published; give the new text a new version`];
  });
  const gone = Object.keys(recorded).filter((path) => !(path in present));
  return [...faults, ...gone.map((path) => `${path}: was published and is gone; evidence refers to it`)];
}

/**
 * Records the hashes of new texts; those recorded before stay as they are, whatever the files say now.
 * @param programDir absolute path of the configuration folder
 * @returns paths of the texts recorded now
 */
export function recordLegalHashes(programDir: string): string[] {
  const folder = openConfigFolder(programDir);
  const recorded = folder.text(hashesFile) === undefined ? {} : (folder.json(hashesFile, hashesSchema) ?? {});
  folder.refuseFaults();
  const present = hashesOfTexts(folder);
  const added = Object.keys(present).filter((path) => recorded[path] === undefined);
  const all = Object.entries({ ...present, ...recorded }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(programDir, hashesFile), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  return added;
}

function hashesOfTexts(folder: ConfigFolder): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const document of folder.folders('legal')) {
    for (const version of folder.folders(`legal/${document}`)) {
      for (const language of folder.files(`legal/${document}/${version}`, '.md')) {
        const path = `legal/${document}/${version}/${language}.md`;
        hashes[path] = legalTextHash(folder.text(path) ?? '');
      }
    }
  }
  return hashes;
}
