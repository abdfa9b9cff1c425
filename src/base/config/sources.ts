/** Where settings come from: the JSON file, the environment, the secret files. Judges names, never values. */
import type { DevelopmentSecrets } from './development-secrets.ts';
import { type ConfigFault, faultOf, unknownName } from './faults.ts';
import { configFields, type Field } from './fields.ts';

/** What the reader needs from the machine beside the environment. */
export interface ConfigFiles {
  /** Reads a text file; throws when it cannot. */
  read(path: string): string;
  /** Reads or makes the secrets of a development machine. */
  developmentSecrets(dataDir: string): DevelopmentSecrets;
}

/** What the sources held: values by path, where each came from, and what is wrong so far. */
export interface Gathered {
  tree: Record<string, unknown>;
  origins: Record<string, string>;
  faults: ConfigFault[];
}

/**
 * Gathers the raw values of every setting: the file first, then the environment and secret files over it.
 * @param env environment variables
 * @param files access to files
 */
export function gather(env: NodeJS.ProcessEnv, files: ConfigFiles): Gathered {
  const gathered: Gathered = { tree: {}, origins: {}, faults: [] };
  for (const field of configFields) place(gathered.tree, field.path, undefined);
  readConfigFile(env.SYMBOLON_CONFIG, files, gathered);
  for (const field of configFields) readVariable(field, env, files, gathered);
  refuseUnknownVariables(env, gathered.faults);
  return gathered;
}

function readConfigFile(path: string | undefined, files: ConfigFiles, gathered: Gathered): void {
  if (!path) return;
  let content: unknown;
  try {
    content = JSON.parse(files.read(path));
  } catch {
    content = undefined;
  }
  if (!isGroup(content)) {
    const expected = 'a readable file that holds one JSON object';
    gathered.faults.push({ path: 'SYMBOLON_CONFIG', got: JSON.stringify(path), expected });
    return;
  }
  const known = configFields.map((field) => field.path);
  const groups = new Set(known.filter((name) => name.includes('.')).map((name) => name.split('.')[0]));
  for (const [name, value] of Object.entries(content)) {
    const entries =
      groups.has(name) && isGroup(value) ? Object.entries(value) : [[undefined, value] as const];
    for (const [leaf, setting] of entries) {
      const fieldPath = leaf === undefined ? name : `${name}.${leaf}`;
      if (!known.includes(fieldPath)) {
        gathered.faults.push(unknownName(fieldPath, known));
        continue;
      }
      place(gathered.tree, fieldPath, setting);
      gathered.origins[fieldPath] = 'file';
    }
  }
}

function readVariable(field: Field, env: NodeJS.ProcessEnv, files: ConfigFiles, gathered: Gathered): void {
  const fileName = `${field.env}_FILE`;
  const direct = env[field.env] || undefined;
  const secretFile = field.meta.secret ? env[fileName] || undefined : undefined;
  if (direct !== undefined && secretFile !== undefined) {
    gathered.faults.push(faultOf(field, direct, `only one of ${field.env} and ${fileName}`));
    return;
  }
  const text = secretFile === undefined ? direct : readSecretFile(field, secretFile, files, gathered);
  if (text === undefined) return;
  place(gathered.tree, field.path, fromText(field, text));
  gathered.origins[field.path] = secretFile === undefined ? field.env : fileName;
}

function readSecretFile(
  field: Field,
  path: string,
  files: ConfigFiles,
  gathered: Gathered,
): string | undefined {
  try {
    return files.read(path).trimEnd();
  } catch {
    // The origin is noted all the same, so that nobody is told the setting is missing as well.
    gathered.origins[field.path] = `${field.env}_FILE`;
    const got = `the unreadable file ${JSON.stringify(path)}`;
    gathered.faults.push({ path: field.path, env: `${field.env}_FILE`, got, expected: 'a readable file' });
    return undefined;
  }
}

function fromText(field: Field, text: string): unknown {
  if (field.meta.kind === 'number') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (field.meta.kind === 'list') return text.split(',').map((part) => part.trim());
  return text;
}

/** The name of the file itself, and what the test run is told. */
const namesOfOthers = ['SYMBOLON_CONFIG', 'SYMBOLON_CHROMIUM'];

function refuseUnknownVariables(env: NodeJS.ProcessEnv, faults: ConfigFault[]): void {
  const known = [...namesOfOthers];
  for (const field of configFields) {
    known.push(field.env);
    if (field.meta.secret) known.push(`${field.env}_FILE`);
  }
  for (const name of Object.keys(env).sort()) {
    if (name.startsWith('SYMBOLON_') && !known.includes(name)) faults.push(unknownName(name, known));
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts a value at a declared path (at most one group deep). */
export function place(tree: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', second] = path.split('.');
  if (second === undefined) {
    tree[first] = value;
    return;
  }
  const held = tree[first];
  const group = isGroup(held) ? held : {};
  group[second] = value;
  tree[first] = group;
}

/** The raw value at a declared path. */
export function valueAt(tree: Record<string, unknown>, path: string): unknown {
  const [first = '', second] = path.split('.');
  const value = tree[first];
  if (second === undefined) return value;
  return isGroup(value) ? value[second] : undefined;
}
