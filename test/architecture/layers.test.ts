/** The house rules that a reader of one file cannot see broken: who may import whom, and what stands only where. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');

/** Every module in its one order: each imports only from itself and from those before it. */
const order = [
  ...layer('base', 'kernel', 'config', 'observability', 'db', 'i18n', 'mail', 'keys', 'events', 'http'),
  ...layer('business', 'profiles', 'layers', 'releases', 'experiences', 'clients', 'purposes', 'dry-runs'),
  ...layer(
    'people',
    'members',
    'staff',
    'credentials',
    'devices',
    'upstreams',
    'consents',
    'answers',
    'privacy',
    'risk',
  ),
  ...layer('protocol', 'oidc', 'deliveries'),
  ...layer(
    'surfaces',
    'pages',
    'interactions',
    'account',
    'previews',
    'sites',
    'member-api',
    'desk',
    'admin',
    'console',
    'cli',
  ),
  'tasks.ts',
  'migrations.ts',
  'journey-rules.ts',
  'compose-core.ts',
  'compose-people.ts',
  'compose-sites.ts',
  'compose-apis.ts',
  'app.ts',
  'compose.ts',
  'start.ts',
  'development.ts',
  'demo-mark.ts',
  'demo.ts',
  'main.ts',
];

/** Entry points inside a layer: they stand above everything, as main.ts does. */
const entries = new Set(['surfaces/cli/main.ts']);

/** Packages that only some places may load. */
const places: Readonly<Record<string, readonly RegExp[]>> = {
  koa: [/^base\/http\//, /^surfaces\//, /^app\.ts$/],
  ejs: [/^base\/(http|mail)\//],
  mongoose: [/^base\/db\//, /^protocol\/oidc\/artefacts\//, /\/model\.ts$/],
  'oidc-provider': [/^protocol\/oidc\//],
};

function layer(name: string, ...modules: string[]): string[] {
  return modules.map((module) => `${name}/${module}`);
}

interface Import {
  from: string;
  typeOnly: boolean;
}

interface Source {
  /** Path inside src. */
  file: string;
  text: string;
  /** Without comments, strings kept. */
  code: string;
  imports: Import[];
}

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(path.sep, '/'))
  .sort()
  .map(read);

function read(file: string): Source {
  const text = readFileSync(path.join(root, 'src', file), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1');
  return { file, text, code, imports: importsOf(code) };
}

function importsOf(code: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s+)?([\s\S]*?)\s*from\s+'([^']+)';/gm;
  const named = [...code.matchAll(statement)].map(([, type, names = '', from = '']) => ({
    from,
    typeOnly: type !== undefined || (/^\{[\s\S]*\}$/.test(names) && onlyTypes(names)),
  }));
  const bare = [...code.matchAll(/^import\s+'([^']+)';/gm)].map(([, from = '']) => ({
    from,
    typeOnly: false,
  }));
  const dynamic = [...code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map(([, from = '']) => ({
    from,
    typeOnly: false,
  }));
  return [...named, ...bare, ...dynamic];
}

function onlyTypes(names: string): boolean {
  return names
    .slice(1, -1)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '));
}

/** The module a file belongs to: its first two folders, or the file itself at the top. */
function moduleOf(file: string): string {
  return file.includes('/') ? file.split('/').slice(0, 2).join('/') : file;
}

function target(file: string, from: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), from));
}

function packageOf(from: string): string | undefined {
  if (from.startsWith('.') || from.startsWith('node:') || builtinModules.includes(from)) return undefined;
  const parts = from.split('/');
  return from.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** `file: match` for every match outside of the given places. */
function outside(pattern: RegExp, allowed: readonly RegExp[] = []): string[] {
  return sources
    .filter(({ file }) => !allowed.some((place) => place.test(file)))
    .flatMap(({ file, code }) => [...code.matchAll(pattern)].map(([match]) => `${file}: ${match.trim()}`));
}

describe('the architecture', () => {
  it('reads the sources', () => {
    expect(sources.length).toBeGreaterThan(150);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(500);
  });

  it('knows every module', () => {
    expect(sources.map(({ file }) => moduleOf(file)).filter((module) => !order.includes(module))).toEqual([]);
  });

  it('lets a module import only from modules before it', () => {
    const against = sources
      .filter(({ file }) => !entries.has(file))
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ from }) => from.startsWith('.'))
          .map(({ from }) => target(file, from))
          .filter((to) => !to.startsWith('..'))
          .filter((to) => order.indexOf(moduleOf(to)) > order.indexOf(moduleOf(file)))
          .map((to) => `${file} imports ${to}`),
      );
    expect(against).toEqual([]);
  });

  it('lets nothing but an entry point import an entry point', () => {
    const to = sources.flatMap(({ file, imports }) => imports.map(({ from }) => target(file, from)));
    expect(to.filter((each) => entries.has(each) || each === 'main.ts')).toEqual([]);
  });

  it('leaves the source folder only for the demo world', () => {
    const leaving = sources.flatMap(({ file, imports }) =>
      imports
        .filter(({ from }) => from.startsWith('.') && target(file, from).startsWith('..'))
        .map(({ from }) => `${file}: ${from}`),
    );
    expect(leaving.filter((each) => !each.startsWith('demo.ts:'))).toEqual([]);
  });

  it.each(Object.entries(places))('loads %s only where it belongs', (name, allowed) => {
    const users = sources
      .filter(({ imports }) => imports.some(({ from, typeOnly }) => packageOf(from) === name && !typeOnly))
      .map(({ file }) => file);
    expect(users.filter((file) => !allowed.some((place) => place.test(file)))).toEqual([]);
  });

  it('keeps every other package in one module', () => {
    const shared = new Set(['zod', ...Object.keys(places)]);
    const users = new Map<string, Set<string>>();
    for (const { file, imports } of sources) {
      for (const { from, typeOnly } of imports) {
        const name = packageOf(from);
        if (!name || typeOnly || shared.has(name)) continue;
        users.set(name, (users.get(name) ?? new Set()).add(moduleOf(file)));
      }
    }
    const spread = [...users].filter(([, modules]) => modules.size > 1);
    expect(spread.map(([name, modules]) => `${name}: ${[...modules].join(', ')}`)).toEqual([]);
  });

  it('reads the environment in the configuration only', () => {
    expect(outside(/\bprocess\.env\b/g, [/^base\/config\//])).toEqual([]);
  });

  it('takes time and chance from the kernel only', () => {
    expect(outside(/\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/g, [/^base\/kernel\//])).toEqual([]);
  });

  it('knows no default export, no barrel and no folder of odds and ends', () => {
    expect(outside(/^export default\b/gm)).toEqual([]);
    expect(outside(/^export \*|^export (?:type )?\{[^}]*\} from/gm)).toEqual([]);
    expect(
      sources.filter(({ file }) => /(^|\/)(index|utils?|helpers?)\.ts$/.test(file)).map(({ file }) => file),
    ).toEqual([]);
  });

  it('goes around the types nowhere', () => {
    expect(
      outside(/\bas unknown as\b|[:<|(]\s*any\b|\bas any\b|@ts-(?:ignore|nocheck|expect-error)/g),
    ).toEqual([]);
  });

  it('has files short enough to read', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 401);
    expect(long.map(({ file, text }) => `${file}: ${text.split('\n').length}`)).toEqual([]);
  });

  it('writes to the console in the entry points only', () => {
    expect(outside(/\bconsole\.\w+\(/g, [/^main\.ts$/, /^surfaces\/cli\//])).toEqual([]);
  });
});
