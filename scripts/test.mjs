/**
 * Runs the tests: `node scripts/test.mjs [paths and jest's own options]`. Ends with one line that counts them.
 * Exit code not 0 when a test failed or none ran.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { fail, launch, root } from './node24.mjs';

const inCi = process.env.CI === 'true';

/** Jest's counts; a test file that could not even be loaded counts as one failure. */
function countTests(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.error('The test run ended without a report.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function main(args) {
  const wholeRun = args.length === 0;
  const chromium = findChromium();
  mkdirSync(`${root}node_modules/.cache`, { recursive: true });
  const scratch = mkdtempSync(`${root}node_modules/.cache/test-report-`);
  try {
    const report = path.join(scratch, 'report.json');
    const jest = [`${root}node_modules/jest/bin/jest.js`, '--config', `${root}jest.config.mjs`];
    const code = await launch(
      [
        ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
        ...jest,
        ...['--json', '--outputFile', report, '--showSeed', ...(inCi ? ['--ci'] : []), ...args],
      ],
      chromium === undefined ? {} : { SYMBOLON_CHROMIUM: chromium },
    );
    const { passed, failed, skipped } = countTests(report);
    const browserFault = chromium === undefined && wholeRun && inCi;
    if (chromium === undefined) {
      const consequence = browserFault ? 'which is a failure in CI' : 'so the browser journeys were skipped';
      console.log(`\nNo Chromium was found (SYMBOLON_CHROMIUM, chromium, google-chrome), ${consequence}.`);
    }
    if (passed + failed === 0) console.log('\nNo test ran.');
    const failures = failed + (browserFault ? 1 : 0);
    console.log(`\n${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    return code !== 0 ? code : failures > 0 || passed === 0 ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
