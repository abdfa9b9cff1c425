/**
 * The record of what was published: `legal/hashes.json` of a configuration folder holds the hash of every text, so that
 * a text changed after somebody agreed to it is noticed. Never replaces a recorded hash: a changed text is a new
 * version.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ConfigurationFault } from './fault.ts';
import { type Items, prettyJson, readConfigurationFolder } from './folder.ts';
import { contentHash, isObject } from './json.ts';

const hashesFile = 'legal/hashes.json';
const hashesSchema = z.record(z.string(), z.string());

/**
 * SHA-256 of a text exactly as stored (line ends as `\n`), base64url: what a recorded decision refers to.
 * @param source the text
 */
export function legalTextHash(source: string): string {
  return contentHash(source);
}

/** One text of one version in one language. */
export interface LegalSource {
  document: string;
  version: string;
  language: string;
  source: string;
}

/**
 * Every legal text among items.
 * @param items items of a configuration
 */
export function legalSources(items: Items): LegalSource[] {
  return [...items].flatMap(([path, item]) => {
    if (!path.startsWith('legal/') || !isObject(item.texts)) return [];
    const document = path.slice('legal/'.length);
    return Object.entries(item.texts).flatMap(([version, texts]) =>
      Object.entries(isObject(texts) ? texts : {}).map(([language, source]) => ({
        document,
        version,
        language,
        source: String(source),
      })),
    );
  });
}

/**
 * Compares every text of a folder with its record of what was published.
 * @param root absolute path of the folder
 * @param items what the folder holds
 * @returns one fault per text that changed, is not recorded, or is recorded and gone
 */
export function legalHashFaults(root: string, items: Items): ConfigurationFault[] {
  const recorded = recordedHashes(root);
  const present = hashesOf(items);
  const fault = (item: string, expected: string, got: string): ConfigurationFault => ({
    item,
    key: '',
    code: 'published_text',
    expected,
    got,
  });
  const faults = Object.entries(present).flatMap(([path, hash]) => {
    if (recorded[path] === hash) return [];
    return recorded[path] === undefined
      ? [fault(path, `a text recorded in ${hashesFile} ("symbolon legal hashes" does it)`, 'a new one')]
      : [fault(path, 'the text as it was published', 'another one: give it a new version')];
  });
  const gone = Object.keys(recorded).filter((path) => !(path in present));
  return [
    ...faults,
    ...gone.map((path) => fault(path, 'the published text, which evidence refers to', 'nothing')),
  ];
}

/**
 * Records the hashes of new texts; those recorded before stay as they are, whatever the files say now.
 * @param root absolute path of the configuration folder
 * @returns paths of the texts recorded now
 */
export function recordLegalHashes(root: string): string[] {
  const recorded = recordedHashes(root);
  const present = hashesOf(readConfigurationFolder(root).items);
  const added = Object.keys(present).filter((path) => recorded[path] === undefined);
  const all = Object.entries({ ...present, ...recorded }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(root, hashesFile), prettyJson(Object.fromEntries(all)));
  return added;
}

function recordedHashes(root: string): Record<string, string> {
  const file = join(root, hashesFile);
  return existsSync(file) ? hashesSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

function hashesOf(items: Items): Record<string, string> {
  return Object.fromEntries(
    legalSources(items).map(({ document, version, language, source }) => [
      `legal/${document}/${version}/${language}.md`,
      legalTextHash(source),
    ]),
  );
}
