/**
 * Reads the program's configuration files and gathers every fault, so that an operator mends them in one go. Never
 * decides what a file means.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** The program's configuration cannot be used; every fault is listed, each with its file and field. */
export class ProgramConfigError extends Error {
  readonly faults: readonly string[];

  /** @param faults such as `brands/volt/brand.json: defaultLocale: Required` */
  constructor(faults: readonly string[]) {
    super(
      `the program's configuration has ${faults.length} fault(s):\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'ProgramConfigError';
    this.faults = faults;
  }
}

/** A configuration folder being read: what is wrong is collected in `faults` instead of thrown one by one. */
export interface ConfigFolder {
  readonly faults: string[];
  /** Parses a JSON file; undefined (and a fault) when it is missing, no JSON, or not of the asked shape. */
  json<T>(path: string, schema: z.ZodType<T>): T | undefined;
  /** The text of a file with line ends as `\n`; undefined when it is missing. */
  text(path: string): string | undefined;
  /** Names in a folder, sorted; empty when there is no such folder. */
  folders(path: string): string[];
  /** Names of the files with an ending in a folder, sorted, without the ending. */
  files(path: string, ending: string): string[];
  /** Throws all faults at once when there are any. */
  refuseFaults(): void;
}

/**
 * Opens a configuration folder.
 * @param root absolute path of the folder
 */
export function openConfigFolder(root: string): ConfigFolder {
  const faults: string[] = [];
  const entries = (path: string) => {
    const folder = join(root, path);
    return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  };
  const text = (path: string) => {
    const file = join(root, path);
    return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : undefined;
  };
  return {
    faults,
    text,
    json(path, schema) {
      const source = text(path);
      if (source === undefined) {
        faults.push(`${path}: the file is missing`);
        return undefined;
      }
      let value: unknown;
      try {
        value = JSON.parse(source);
      } catch {
        faults.push(`${path}: not valid JSON`);
        return undefined;
      }
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      for (const issue of result.error.issues) {
        faults.push(`${path}: ${[...issue.path.map(String), issue.message].join(': ')}`);
      }
      return undefined;
    },
    folders: (path) =>
      entries(path)
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort(),
    files: (path, ending) =>
      entries(path)
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => entry.name.slice(0, -ending.length))
        .sort(),
    refuseFaults() {
      if (faults.length > 0) throw new ProgramConfigError(faults);
    },
  };
}
