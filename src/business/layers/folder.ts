/**
 * A configuration folder: the files of the program's configuration, as JSON or YAML, read into items and written from
 * them. Never decides what an item means; what cannot be read is told as a fault with its file.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { ConfigurationFault } from './fault.ts';
import { type ItemName, parseItemPath } from './item-path.ts';
import { isObject, type Json, type JsonObject, sameJson } from './json.ts';
import { schemaFiles, schemaReference } from './json-schema.ts';

/** Items by path. */
export type Items = ReadonlyMap<string, JsonObject>;

/** What a folder holds, and what of it cannot be read. */
export interface FolderContent {
  items: Items;
  faults: ConfigurationFault[];
}

const endings = ['.json', '.yaml', '.yml'] as const;
/** The record of published texts stands beside them and is no item. */
const besides = new Set(['legal/hashes.json']);

/**
 * Reads a configuration folder.
 * @param root absolute path of the folder
 */
export function readConfigurationFolder(root: string): FolderContent {
  const items = new Map<string, JsonObject>();
  const faults: ConfigurationFault[] = [];
  for (const file of filesOf(root)) {
    const ending = endings.find((known) => file.endsWith(known));
    if (!ending || besides.has(file)) continue;
    const path = file.slice(0, -ending.length).replace(/^(legal\/[^/]+)\/document$/, '$1');
    const name = parseItemPath(path);
    const twice = items.has(path);
    if (!name || twice) {
      faults.push(syntax(file, name ? 'one file for an item' : 'a file that belongs to the configuration'));
      continue;
    }
    const document = readDocument(root, file, faults);
    if (document) items.set(path, name.kind === 'legal' ? legalItem(root, name, document) : document);
  }
  return { items, faults };
}

/**
 * Writes items as JSON files; files of items that are gone are removed, everything else in the folder stays.
 * @param root absolute path of the folder
 * @param items what the folder shall hold
 * @returns paths of the files written or removed
 */
export function writeConfigurationFolder(root: string, items: Items): string[] {
  const present = readConfigurationFolder(root);
  const changed: string[] = [];
  const put = (file: string, text: string) => {
    const target = join(root, file);
    if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    changed.push(file);
  };
  const remove = (path: string) => {
    for (const file of filesOfItem(root, path)) {
      rmSync(join(root, file));
      changed.push(file);
    }
  };
  for (const path of present.items.keys()) if (!items.has(path)) remove(path);
  for (const [path, document] of items) {
    const kind = parseItemPath(path)?.kind;
    const known = present.items.get(path);
    // A YAML file that says the same is left as its author wrote it.
    if (known && sameJson(known, document)) continue;
    const files = kind === 'legal' ? legalFiles(path, document) : layerFile(path, document);
    for (const [file, text] of files)
      if (kind !== 'legal' || !file.endsWith('.json') || !sameJson(known?.document, document.document))
        put(file, text);
    for (const file of filesOfItem(root, path)) {
      if (files.has(file)) continue;
      rmSync(join(root, file));
      if (kind === 'legal') changed.push(file);
    }
  }
  for (const [file, text] of Object.entries(schemaFiles())) put(file, text);
  return changed.sort();
}

/** JSON as files hold it. */
export function prettyJson(document: Json): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A document whose file tells editors what may stand in it. */
function referring(path: string, document: JsonObject): JsonObject {
  const reference = schemaReference(path);
  return reference ? { $schema: reference, ...document } : document;
}

/** The file of a layer. */
function layerFile(path: string, document: JsonObject): Map<string, string> {
  return new Map([[`${path}.json`, prettyJson(referring(path, document))]]);
}

/** The files of a legal document: its description, and one for each version and language. */
function legalFiles(path: string, item: JsonObject): Map<string, string> {
  const document = isObject(item.document) ? item.document : {};
  const files = new Map([[`${path}/document.json`, prettyJson(referring(path, document))]]);
  for (const [version, texts] of Object.entries(isObject(item.texts) ? item.texts : {})) {
    for (const [language, text] of Object.entries(isObject(texts) ? texts : {}))
      files.set(`${path}/${version}/${language}.md`, String(text));
  }
  return files;
}

/**
 * A document from the text of its file.
 * @param text JSON, or YAML without aliases
 * @param file its name, whose ending says which
 * @throws Error when it is neither
 */
export function parseDocument(text: string, file: string): unknown {
  return file.endsWith('.json') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 0, logLevel: 'error' });
}

function legalItem(root: string, name: ItemName & { kind: 'legal' }, document: JsonObject): JsonObject {
  const folder = `legal/${name.document}`;
  const texts: Record<string, Record<string, string>> = {};
  for (const file of filesOf(root, folder)) {
    const [, version, language] = /^legal\/[^/]+\/([^/]+)\/([^/]+)\.md$/.exec(file) ?? [];
    if (version && language) texts[version] = { ...texts[version], [language]: textOf(root, file) };
  }
  return { document, texts };
}

function readDocument(root: string, file: string, faults: ConfigurationFault[]): JsonObject | undefined {
  let value: unknown;
  try {
    value = parseDocument(textOf(root, file), file);
  } catch (error) {
    faults.push(syntax(file, `valid ${file.endsWith('.json') ? 'JSON' : 'YAML'}`, unreadable(error)));
    return undefined;
  }
  if (isObject(value as Json)) return withoutSchema(value as JsonObject);
  faults.push(syntax(file, 'an object'));
  return undefined;
}

/**
 * What was found where a document could not be read.
 * @param error of {@link parseDocument}
 */
export function unreadable(error: unknown): string {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  return `a text with a mistake (${reason.replace(/:$/, '')})`;
}

/** Where the file's schema is, is for editors and no part of the configuration. */
function withoutSchema({ $schema: _, ...document }: JsonObject): JsonObject {
  return document;
}

/** Line ends are `\n`, however the file was checked out. */
function textOf(root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
}

function syntax(file: string, expected: string, got = 'this file'): ConfigurationFault {
  return { item: file, key: '', code: 'syntax', expected, got };
}

function filesOfItem(root: string, path: string): string[] {
  const files = filesOf(root);
  const legal = files.filter((file) => file.startsWith(`${path}/`) && path.startsWith('legal/'));
  return [...legal, ...files.filter((file) => endings.some((ending) => file === `${path}${ending}`))];
}

function filesOf(root: string, folder = ''): string[] {
  const at = join(root, folder);
  if (!existsSync(at)) return [];
  return readdirSync(at, { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.startsWith('.')) return [];
      return entry.isDirectory() ? filesOf(root, path) : [path];
    })
    .sort();
}
