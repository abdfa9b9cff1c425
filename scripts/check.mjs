/** Everything that can be said without running the product: types, style, architecture, texts, generated files. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fail, findNode, root } from './node24.mjs';

/** The steps; one whose file is not there has nothing to check. */
function steps() {
  const node = findNode();
  const program = (file) => [node, `${root}${file}`];
  return [
    { name: 'types', command: [...program('node_modules/typescript/bin/tsc'), '--noEmit'] },
    {
      name: 'lint and format',
      command: [
        ...program('node_modules/@biomejs/biome/bin/biome'),
        'ci',
        '--colors=off',
        '--error-on-warnings',
        '.',
      ],
    },
    {
      // A text that one language lacks stops a page of that language, and nothing else would say so early.
      name: 'architecture and texts',
      command: [...program('scripts/test.mjs'), 'test/architecture', 'test/base/i18n/catalogues'],
      needs: 'test/architecture',
    },
    {
      name: 'generated files fresh',
      command: [...program('scripts/generate.mjs'), '--check'],
      needs: 'scripts/generate.mjs',
    },
  ].filter(({ needs }) => needs === undefined || existsSync(`${root}${needs}`));
}

function passes({ name, command: [program, ...args] }) {
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  const good = status === 0;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (!good) console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  return good;
}

try {
  const failed = steps().filter((step) => !passes(step));
  if (failed.length > 0) {
    console.log(`\nNot in order: ${failed.map(({ name }) => name).join(', ')}`);
    process.exitCode = 1;
  }
} catch (error) {
  fail(error);
}
