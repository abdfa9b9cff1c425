/**
 * A configuration folder: the files of the program's configuration, as JSON or YAML, read into items and written from
 * them. Never decides what an item means; what cannot be read is told as a fault with its file.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { ConfigurationFault } from './fault.ts';
import { type ItemName, parseItemPath } from './item-path.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

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
    const known = kind === 'legal' ? undefined : present.items.get(path);
    // A YAML file that says the same is left as its author wrote it.
    if (known && JSON.stringify(known) === JSON.stringify(document)) continue;
    if (known)
      for (const file of filesOfItem(root, path)) if (!file.endsWith('.json')) rmSync(join(root, file));
    if (kind === 'legal') putLegal(path, document, put);
    else put(`${path}.json`, prettyJson(document));
  }
  return changed.sort();
}

/** JSON as files hold it. */
export function prettyJson(document: Json): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function putLegal(path: string, item: JsonObject, put: (file: string, text: string) => void): void {
  put(`${path}/document.json`, prettyJson(item.document ?? {}));
  for (const [version, texts] of Object.entries(isObject(item.texts) ? item.texts : {})) {
    for (const [language, text] of Object.entries(isObject(texts) ? texts : {}))
      put(`${path}/${version}/${language}.md`, String(text));
  }
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
    const text = textOf(root, file);
    value = file.endsWith('.json') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    faults.push(syntax(file, `valid ${file.endsWith('.json') ? 'JSON' : 'YAML'}`, reason));
    return undefined;
  }
  if (isObject(value as Json)) return value as JsonObject;
  faults.push(syntax(file, 'an object'));
  return undefined;
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
