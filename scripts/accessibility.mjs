/**
 * `npm run accessibility`: judges every page in every theme and language in a real Chromium, and writes what it found to
 * docs/accessibility.md. Takes the better part of an hour on two cores, and seconds for what was judged before and has not
 * changed since. A part of the matrix is only told, not written:
 * `npm run accessibility -- --scene register --look volt --locale de`. `--turns N` judges N documents of each state of a
 * page, every theme and language in turn, and writes that; `--windows N` sets how many judge at a time.
 * Exit code 1 when there is a fault.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';
import { fail, launch, root, SetupError, wantedMajor } from './node24.mjs';

const file = 'docs/accessibility.md';
const load = (module) => import(pathToFileURL(path.join(root, 'test/pages/accessibility', module)).href);

function options(args) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: { scene: text, look: text, locale: text, turns: text, windows: text },
  });
  const { windows, turns, ...part } = values;
  return {
    part,
    turns: turns === undefined ? undefined : Number(turns),
    windows: windows === undefined ? undefined : Number(windows),
  };
}

/** Says every fault, those that are the same on many pages once. */
function tell(judged) {
  const seen = new Map();
  for (const { scene, look, locale, judgement } of judged) {
    for (const { check, where, what } of judgement.findings) {
      const fault = `${check} | ${where} | ${what}`;
      const at = seen.get(fault) ?? [];
      seen.set(fault, [...at, `${scene.id} ${look} ${locale}`]);
    }
  }
  for (const [fault, at] of seen) console.log(`${fault}\n    ${at.length}×, first on ${at[0]}`);
  return seen.size;
}

async function main({ part, turns, windows }) {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new SetupError('No Chromium was found: install one, or name it in SYMBOLON_CHROMIUM.');
  const { judgeMatrix, placesOf } = await load('matrix.ts');
  const places = placesOf({ ...part, turns });
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const progress = (done) => {
    if (done % 100 === 0 || done === places.length)
      console.error(`${done} of ${places.length} documents, ${seconds()} s`);
  };
  const result = await judgeMatrix({ places, executablePath, windows, progress });
  const faults = tell(result.judged);
  if (Object.keys(part).length > 0) console.log(`${places.length} documents, ${faults} different faults`);
  else {
    const { accessibilityReport } = await load('report.ts');
    writeFileSync(path.join(root, file), accessibilityReport(result));
    console.log(`wrote ${file}: ${places.length} documents, ${faults} different faults`);
  }
  return faults === 0 ? 0 : 1;
}

try {
  const args = process.argv.slice(2);
  const old = Number(process.versions.node.split('.')[0]) < wantedMajor;
  process.exitCode = old
    ? await launch([fileURLToPath(import.meta.url), ...args])
    : await main(options(args));
} catch (error) {
  fail(error);
}
