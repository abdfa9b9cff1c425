/**
 * Writes the files that follow from code: `node scripts/generate.mjs`. With `--check` it writes nothing and fails when
 * a file is not what the code says now. To add a file, add a line to the table.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fail, launch, root, SetupError, wantedMajor } from './node24.mjs';

/** The generated files: each is what the named function of a module returns (a text or a promise of one). */
const generated = [
  { file: 'docs/configuration.md', module: 'src/base/config/describe.ts', render: 'renderConfigurationDoc' },
  { file: 'docs/metrics.md', module: 'src/base/observability/metric-table.ts', render: 'metricDocs' },
  { file: 'docs/request-log.md', module: 'src/base/http/request-log.ts', render: 'requestLogDocs' },
  { file: 'docs/errors.md', module: 'src/base/i18n/error-reference.ts', render: 'errorDocs' },
  { file: 'docs/events.md', module: 'src/base/events/reference.ts', render: 'eventDocs' },
  { file: 'docs/attacks.md', module: 'test/protocol/attacks/reference.ts', render: 'attackDocs' },
  {
    file: 'docs/openapi/account.json',
    module: 'src/surfaces/member-api/reference.ts',
    render: 'accountApiDoc',
  },
  {
    file: 'docs/openapi/configuration.json',
    module: 'src/surfaces/admin/reference.ts',
    render: 'configurationApiDoc',
  },
  { file: 'sdk/src/account-types.ts', module: 'scripts/api-types.ts', render: 'accountTypes' },
  { file: 'docs/command-line.md', module: 'src/surfaces/cli/reference.ts', render: 'commandLineDoc' },
  ...['program', 'brand', 'region', 'market', 'brand-market', 'site', 'legal'].map((kind) => ({
    file: `config/.schema/${kind}.json`,
    module: 'src/business/layers/json-schema.ts',
    render: 'schemaText',
    argument: kind,
  })),
];

/** What a file should hold now. */
async function rendered({ module, render, argument }) {
  const loaded = await import(pathToFileURL(path.join(root, module)).href);
  return loaded[render](argument);
}

function present(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function main(check) {
  const stale = [];
  for (const entry of generated) {
    const file = path.join(root, entry.file);
    const text = await rendered(entry);
    if (present(file) === text) continue;
    stale.push(entry.file);
    if (check) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${entry.file}`);
  }
  if (check && stale.length > 0) {
    throw new SetupError(`Not what the code says: ${stale.join(', ')}. Run "node scripts/generate.mjs".`);
  }
}

try {
  const old = Number(process.versions.node.split('.')[0]) < wantedMajor;
  // Older Node.js cannot read the TypeScript modules: the project's own one does it.
  if (old) process.exitCode = await launch([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  else await main(process.argv.includes('--check'));
} catch (error) {
  fail(error);
}
